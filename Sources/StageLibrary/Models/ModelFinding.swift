import Diagnostics
import PipelineLanguage
import TableTypes

/// What can be wrong with training a model, judging it or reading it: found by
/// `check` where the types tell, else by the run, in the same words.
enum ModelFinding: Finding, Error, Hashable {
    case noTarget
    case targetsDiffer(String, transform: String)
    case targetIsFeature(String)
    case targetType(column: String, type: ColumnType)
    case targetWithoutValue(column: String, row: Int, rows: Int)
    case tooManyClasses(column: String, classes: Int)
    case oneClass(column: String, level: String)
    case noRows(port: String)
    case noFeatures
    case notLearnedFrom([String])
    case missingValue(column: String, row: Int, rows: Int)
    case valueTooLarge(column: String, row: Int)
    case foreignParameter(String, owner: String, estimator: String)
    case momentumWithoutSGD(String)
    case patienceWithoutValidation
    case noAnswer(row: Int)
    case unknownClass(String, parameter: String, known: [String])
    case labelWithoutClass(column: String, row: Int, level: String, known: [String])
    case twoClassesOnly(parameter: String, classes: Int)
    case unknownMetric(String, known: [String])
    case notConverged(iterations: Int)
    case diverged(epoch: Int)
    case badModel(file: String, problem: String)

    var severity: Diagnostic.Severity {
        if case .notLearnedFrom = self { .warning } else { .error }
    }

    var message: String {
        switch self {
        case .noTarget: "no column to learn is named"
        case .targetsDiffer(let name, let other):
            "the target is '\(name)', but the transform was fitted for '\(other)'"
        case .targetIsFeature(let name): "the transform takes the target '\(name)' as a feature"
        case .targetType(let column, let type):
            "the target '\(column)' is of type \(type.rawValue); classes are learned, and no values yet"
        case .targetWithoutValue(let column, let row, let rows):
            "the target '\(column)' has no value in \(count(rows)); the first is row \(row)"
        case .tooManyClasses(let column, let classes):
            "the target '\(column)' has \(classes) different values; at most \(ClassLabels.limit) are classes"
        case .oneClass(let column, let level):
            "all rows have the class '\(level)' of the target '\(column)'"
        case .noRows(let port): "the table '\(port)' has no rows"
        case .noFeatures: "there is no feature to learn from"
        case .notLearnedFrom(let columns):
            columns.count == 1
                ? "the column '\(columns[0])' is not numeric and is not learned from"
                : "\(columns.count) columns are not numeric and are not learned from"
        case .missingValue(let column, let row, let rows):
            "column '\(column)' has no value in \(count(rows)); the first is row \(row)"
        case .valueTooLarge(let column, let row):
            "row \(row), column '\(column)': the value is infinite or too large"
        case .noAnswer(let row): "row \(row): the model's probabilities are not finite"
        case .foreignParameter(let name, let owner, let estimator):
            "'\(name)' belongs to estimator \(owner); this stage trains \(estimator)"
        case .momentumWithoutSGD(let name): "'momentum' belongs to optimizer sgd; this stage uses \(name)"
        case .patienceWithoutValidation: "'patience' needs the input 'validation'"
        case .unknownClass(let name, let parameter, _):
            "'\(parameter)' names '\(name)', which is no class of the target"
        case .labelWithoutClass(let column, let row, let level, _):
            "row \(row), column '\(column)': '\(level)' is no class of the model"
        case .twoClassesOnly(let parameter, let classes):
            "'\(parameter)' is for two classes; the model has \(classes)"
        case .unknownMetric(let name, _): "this stage gives no metric '\(name)'"
        case .notConverged(let iterations): "not converged after \(iterations) iterations"
        case .diverged(let epoch): "training diverged in epoch \(epoch): loss or weights are not finite"
        case .badModel(let file, let problem): "the model cannot be read: \(file): \(problem)"
        }
    }

    var notes: [Diagnostic.Note] {
        switch self {
        case .targetType:
            let types = ColumnType.allCases.filter(ClassLabels.isTarget).map(\.rawValue)
            return [Diagnostic.Note("expected", types.joined(separator: ", "))]
        case .notLearnedFrom(let columns) where columns.count > 1:
            return [Diagnostic.Note("columns", listing(columns))]
        case .unknownClass(_, _, let known), .labelWithoutClass(_, _, _, let known):
            return [Diagnostic.Note("classes", listing(known))]
        case .unknownMetric(_, let known): return [Diagnostic.Note("metrics", listing(known))]
        default: return []
        }
    }

    var fix: String? {
        switch self {
        case .noTarget: "write target: COLUMN, or give the column role: target in its Table Schema"
        case .targetsDiffer(_, let transform): "leave 'target' out, or write target: \(transform)"
        case .targetIsFeature(let name): "write target: \(name) in the features.fit stage"
        case .targetType(_, let type):
            type == .number ? "cut it into classes first, for example low | high" : nil
        case .targetWithoutValue: "drop those rows before the split"
        case .tooManyClasses: "merge rare classes, or name another column"
        case .oneClass: "train on rows of at least two classes"
        case .noFeatures: "keep a numeric column, or encode one with features.fit"
        case .notLearnedFrom(let columns):
            "encode \(columns.count == 1 ? "it" : "them") with features.fit and write in: { train: ..., features: ... }"
        case .missingValue(let column, _, _):
            "add - impute: { columns: [\(column)], strategy: median } to the steps of features.fit"
        case .valueTooLarge: "drop the row, or clip the column with clean.table"
        case .noAnswer: "its values lie far outside those of training: drop the row, or clip with clean.table"
        case .foreignParameter(let name, let owner, _):
            "leave '\(name)' out, or write estimator: \(owner)"
        case .momentumWithoutSGD: "leave 'momentum' out, or write name: sgd"
        case .patienceWithoutValidation: "write in: { validation: ... }, or leave 'patience' out"
        case .unknownClass(let name, _, let known): didYouMean(name, among: known)
        case .twoClassesOnly(let parameter, _): "leave '\(parameter)' out"
        case .unknownMetric(let name, let known): didYouMean(name, among: known)
        case .notConverged: "scale the columns with features.fit, raise max_iter, or lower c"
        case .diverged: "scale the columns with features.fit, or lower the optimizer's lr"
        case .badModel: "run the stage that trains it again"
        case .noRows, .labelWithoutClass: nil
        }
    }

    private func count(_ rows: Int) -> String { rows == 1 ? "1 row" : "\(rows) rows" }
}

extension StageError {
    init(_ finding: ModelFinding) {
        self.init(finding.message, notes: finding.notes.map { ($0.label, $0.text) }, fix: finding.fix)
    }
}
