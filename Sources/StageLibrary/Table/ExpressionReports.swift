import CanonicalJSON
import DataFrames
import Diagnostics
import PipelineLanguage
import TableOperations
import TableTypes

/// Findings inside expressions, at the wrong word where the pipeline is
/// checked, in words where only the run could see them.
extension StageCheck {
    mutating func report(_ placed: [PlacedFinding], at path: [String], in text: String) {
        for one in placed {
            report(one.finding, at: path, in: text, offset: one.span.offset, length: one.span.length)
        }
    }
}

extension StageError {
    /// - Parameter what: What the expression is for: `where`, `derive: rate`.
    init(_ placed: PlacedFinding, in text: String, of what: String) {
        self.init(
            "\(what): \(placed.finding.message)",
            notes: [("in", text)] + placed.finding.notes.map { ($0.label, $0.text) },
            fix: placed.finding.fix)
    }

    init(_ failure: RowFailure, in text: String, of what: String) {
        let place = failure.isOfResult ? "group" : "row"
        self.init(
            "\(what): \(place) \(failure.row + 1): \(failure.message)", notes: [("in", text)],
            fix: failure.message.hasPrefix("'") ? "write try_cast(...), which gives null there" : nil)
    }
}

extension JSONValue {
    /// An expression as it was written: YAML makes a number of `1`, a boolean
    /// of `true`.
    var expressionText: String? {
        switch self {
        case .string(let text): text
        case .boolean, .integer, .number: canonicalText
        case .null, .array, .object: nil
        }
    }

    /// Expressions by the name of what they make, in the order of the names'
    /// bytes: a mapping has no order of its own.
    var expressions: [(name: String, text: String)] {
        (object ?? [:]).compactMap { name, value in value.expressionText.map { (name, $0) } }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}

extension ParameterType {
    static let expression = ParameterType.either([.text, .boolean, .number(.all)])
}

extension DataFrame {
    /// - Precondition: All names differ, and all columns have as many rows.
    init(checked columns: [DataColumn]) {
        do {
            try self.init(columns)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}

extension RowExpression {
    /// Compiled over a table that is there.
    ///
    /// - Throws: `StageError` with the first finding.
    static func compiled(
        _ text: String, over table: TableType, for what: String, isCondition: Bool = false
    ) throws(StageError) -> RowExpression {
        let (expression, findings) =
            isCondition ? condition(text, over: table) : compile(text, over: table)
        guard let expression else {
            guard let first = findings.first else { preconditionFailure("a closed table hides nothing") }
            throw StageError(first, in: text, of: what)
        }
        return expression
    }
}
