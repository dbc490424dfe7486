import Diagnostics
import TableTypes

/// What can be wrong with labels that are to be judged.
enum LabelFinding: Finding, Error, Hashable {
    case noLabel
    case labelType(column: String, type: ColumnType)
    case labelIsFeature(String)
    case noFeatures
    case featureType(column: String, type: ColumnType)
    case tooManyFeatures(values: Int, classes: Int, limit: Int)
    case classTooSmall(column: String, level: String, rows: Int, folds: Int)
    case notConverged(iterations: Int)

    var message: String {
        switch self {
        case .noLabel: "no column of labels is named, and no column has the role target"
        case .labelType(let column, let type):
            "'\(column)' is of type \(type.rawValue); labels are classes"
        case .labelIsFeature(let column): "'\(column)' is the label and is named among the features"
        case .noFeatures: "there is no column to learn from"
        case .featureType(let column, let type):
            "'\(column)' is of type \(type.rawValue), which is no feature"
        case .tooManyFeatures(let values, let classes, let limit):
            "\(values) features and \(classes) classes need \(values * classes) coefficients; at most \(limit) are learned"
        case .classTooSmall(let column, let level, let rows, let folds):
            "'\(level)' in column '\(column)' has \(rows) \(rows == 1 ? "row" : "rows"), fewer than the \(folds) folds"
        case .notConverged(let iterations): "the model has not converged after \(iterations) iterations"
        }
    }

    var notes: [Diagnostic.Note] {
        switch self {
        case .labelType:
            let types = ColumnType.allCases.filter(ClassLabels.isTarget).map(\.rawValue)
            return [Diagnostic.Note("expected", types.joined(separator: ", "))]
        case .featureType:
            let types = ColumnType.allCases.filter(LabelFeatures.isFeature).map(\.rawValue)
            return [Diagnostic.Note("expected", types.joined(separator: ", "))]
        default: return []
        }
    }

    var fix: String? {
        switch self {
        case .noLabel: "write label: COLUMN, or give the column role: target in its Table Schema"
        case .labelType(_, let type):
            type == .number ? "cut it into classes first, for example low | high" : nil
        case .labelIsFeature(let column): "leave '\(column)' out of the features"
        case .noFeatures: "make numbers of texts and files first, or name columns in 'features'"
        case .featureType(let column, _): "leave '\(column)' out, or make numbers of it first"
        case .tooManyFeatures: "name the columns that matter in 'features', or merge rare levels"
        case .classTooSmall: "take fewer folds, or drop the rows of rare classes before"
        case .notConverged: "lower c, or clip values far from the others with clean.table"
        }
    }
}
