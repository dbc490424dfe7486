import Diagnostics
import PipelineLanguage
import TableTypes

/// What can be wrong with the use of a built-in kind: found by `check` where
/// the types tell, else by the run, in the same words.
public enum StageLibraryFinding: Finding, Error, Hashable {
    /// `why` stands behind a comma: `which model 'model' needs`.
    case unknownColumn(String, table: String? = nil, why: String? = nil, known: [String])
    case columnType(column: String, type: ColumnType, operation: String, takes: [ColumnType])
    case columnCount(operation: String, count: Int, takes: String)
    case columnChangedType(column: String, type: ColumnType, expected: ColumnType)
    case targetInStep(column: String, step: String)
    case stepAfterEncode(column: String, step: String)
    case missingConstant(step: String)
    case constantMisfit(value: String, column: String, type: ColumnType)
    case columnWithoutValues(column: String, operation: String)
    case infiniteColumn(column: String, operation: String)
    /// What an estimator says of the values of a column.
    case notLearned(column: String, operation: String, problem: String)
    case unknownLevel(column: String, row: Int, level: String, known: [String])
    case duplicateOutput(String)
    /// A word that says nothing beside `strategy: median`, but would beside another.
    case wordOfOther(word: String, beside: String, owner: String)
    case rowsNotValues(method: String, action: String)
    case rangeWithoutEnds(column: String)
    case emptyRange(column: String, type: ColumnType, minimum: Double, maximum: Double)
    case badTransform(String)

    public var message: String {
        switch self {
        case .unknownColumn(let name, let table, let why, _):
            "\(table.map { "table '\($0)'" } ?? "the table") has no column '\(name)'\(why.map { ", \($0)" } ?? "")"
        case .columnType(let column, let type, let operation, _):
            "\(operation) cannot take column '\(column)' of type \(type.rawValue)"
        case .columnCount(let operation, let count, let takes):
            "\(operation) takes \(takes), not \(count)"
        case .columnChangedType(let column, let type, let expected):
            "column '\(column)' is of type \(type.rawValue); the transform was fitted on \(expected.rawValue)"
        case .targetInStep(let column, let step): "\(step) cannot take the target '\(column)'"
        case .stepAfterEncode(let column, let step):
            "\(step) cannot take column '\(column)' after a step has encoded it"
        case .missingConstant(let step): "\(step) needs 'value'"
        case .constantMisfit(let value, let column, let type):
            "the constant \(value) does not fit column '\(column)' of type \(type.rawValue)"
        case .columnWithoutValues(let column, let operation):
            "\(operation): column '\(column)' has no value to learn from"
        case .infiniteColumn(let column, let operation):
            "\(operation): the values of column '\(column)' are infinite or too large"
        case .notLearned(let column, let operation, let problem):
            "\(operation): column '\(column)': \(problem)"
        case .unknownLevel(let column, let row, let level, _):
            "row \(row), column '\(column)': the level '\(level)' was not there when fitting"
        case .duplicateOutput(let name): "two columns of the result would be called '\(name)'"
        case .wordOfOther(let word, let beside, _): "'\(word)' says nothing beside \(beside)"
        case .rowsNotValues(let method, let action):
            "\(method) finds rows, not values: action: \(action) has nothing to change"
        case .rangeWithoutEnds(let column):
            "the range of column '\(column)' has neither 'minimum' nor 'maximum'"
        case .emptyRange(let column, let type, let minimum, let maximum):
            "no \(type.rawValue) of column '\(column)' lies in [\(minimum), \(maximum)]"
        case .badTransform(let place): "the transform cannot be read: \(place)"
        }
    }

    public var notes: [Diagnostic.Note] {
        switch self {
        case .unknownColumn(_, _, _, let known):
            [Diagnostic.Note("columns", known.isEmpty ? "none" : listing(known))]
        case .columnType(_, _, _, let takes):
            [Diagnostic.Note("expected", takes.map(\.rawValue).joined(separator: ", "))]
        case .unknownLevel(_, _, _, let known):
            [Diagnostic.Note("levels", listing(known))]
        default: []
        }
    }

    public var fix: String? {
        switch self {
        case .unknownColumn(let name, _, _, let known): didYouMean(name, among: known)
        case .columnType(let column, let type, _, let takes):
            if takes.contains(.number), type == .category || type == .text {
                "leave '\(column)' out, or encode it"
            } else if type == .date || type == .timestamp {
                "leave '\(column)' out"
            } else {
                nil
            }
        case .targetInStep(let column, _): "leave '\(column)' out of the step's columns"
        case .stepAfterEncode: "put the encode step last"
        case .missingConstant: "write value: 0, or the text to fill in"
        case .columnWithoutValues: "leave the column out, or impute it with a constant first"
        case .wordOfOther(let word, _, let owner): "leave '\(word)' out, or write \(owner)"
        case .rowsNotValues: "write action: drop or quarantine, or method: iqr or z_score"
        case .rangeWithoutEnds: "write minimum: 0, or whatever the least possible value is"
        case .emptyRange: "make 'maximum' at least 'minimum'"
        case .unknownLevel: "write unknown: ignore, or fit on rows that have the level"
        default: nil
        }
    }
}

extension StageLibraryFinding {
    /// The column of a step that is wrong; nil where all of them are, or something else.
    var column: String? {
        switch self {
        case .columnType(let column, _, _, _), .targetInStep(let column, _), .stepAfterEncode(let column, _):
            column
        default: nil
        }
    }

    /// Whether the mistake is in `value` and not in the columns.
    var isAboutConstant: Bool {
        switch self {
        case .missingConstant, .constantMisfit: true
        default: false
        }
    }
}

extension StageError {
    /// A finding that only the data could show.
    init(_ finding: some Finding) {
        self.init(
            finding.message, notes: finding.notes.map { ($0.label, $0.text) }, fix: finding.fix,
            misfit: (finding as? TableFinding)?.ofInferredSchema)
    }
}

extension StageCheck {
    /// A column that an input lacks; `why` stands behind a comma.
    mutating func reportMissing(_ column: String, at port: String, why: String? = nil) {
        report(
            StageLibraryFinding.unknownColumn(
                column, table: name(of: port), why: why, known: table(port).names), atInput: port)
    }

    /// `which model 'report.model' needs`
    func neededBy(_ what: String, at port: String) -> String {
        "which \(name(of: port).map { "\(what) '\($0)'" } ?? "the \(what)") needs"
    }
}

extension StageRun {
    /// - Parameter why: Stands behind a comma.
    /// - Throws: `StageError` that names the table and the first of the columns it lacks.
    func require(_ columns: [String], of names: [String], at port: String, why: String) throws(StageError) {
        guard let missing = columns.first(where: { !names.contains($0) }) else { return }
        throw StageError(
            StageLibraryFinding.unknownColumn(
                missing, table: input(port)?.basename, why: why, known: names))
    }

    /// `which model 'report.model' needs`
    func neededBy(_ what: String, at port: String) -> String {
        "which \(input(port).map { "\(what) '\($0.basename)'" } ?? "the \(what)") needs"
    }
}
