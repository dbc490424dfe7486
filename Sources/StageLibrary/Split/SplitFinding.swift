import Diagnostics
import TableTypes

/// What can be wrong with a split.
enum SplitFinding: Finding, Error, Hashable {
    case twoMethods(String, String)
    case methodWithout(method: String, parameter: String)
    case parameterOfOther(parameter: String, method: String)
    case fractions(test: String, validation: String)
    case columnType(column: String, type: ColumnType, use: String, takes: [ColumnType])
    case noValue(row: Int, column: String, use: String)
    case levelTooSmall(column: String, level: String, rows: Int, parts: Int)
    case emptyPart(String, rows: Int)
    case tooFewGroups(column: String, groups: Int, parts: Int)
    case noContent
    case tooFewContents(Int, parts: Int)
    case noFold(Int, folds: Int)
    case tooFewRows(Int, parts: Int)

    var message: String {
        switch self {
        case .twoMethods(let a, let b): "both '\(a)' and '\(b)' are given; rows are split by one of them"
        case .methodWithout(let method, let parameter):
            "a \(method) split needs '\(parameter)', the column to split by"
        case .parameterOfOther(let parameter, let method):
            "'\(parameter)' is given, but the method is \(method)"
        case .fractions(let test, let validation):
            "test \(test) and validation \(validation) leave no rows to train on"
        case .columnType(let column, let type, let use, _):
            "cannot \(use) by column '\(column)' of type \(type.rawValue)"
        case .noValue(let row, let column, let use):
            "row \(row) has no value in column '\(column)', so it cannot be split: \(use) needs one"
        case .levelTooSmall(let column, let level, let rows, let parts):
            "'\(level)' in column '\(column)' has \(rows) \(rows == 1 ? "row" : "rows"), fewer than the \(parts) parts"
        case .emptyPart(let part, let rows):
            "'\(part)' would be empty: \(rows) \(rows == 1 ? "row is" : "rows are") too few for its fraction"
        case .tooFewGroups(let column, let groups, let parts):
            "\(groups) \(groups == 1 ? "group" : "groups") in column '\(column)' cannot fill \(parts) parts"
        case .noContent: "the table has no column of texts, images or audio to group by"
        case .tooFewContents(let contents, let parts):
            "\(contents) different \(contents == 1 ? "content" : "contents") cannot fill \(parts) parts"
        case .noFold(let fold, let folds):
            "there is no fold \(fold): the \(folds) folds are numbered from 0 to \(folds - 1)"
        case .tooFewRows(let rows, let parts):
            "\(rows) \(rows == 1 ? "row" : "rows") cannot fill \(parts) parts"
        }
    }

    var notes: [Diagnostic.Note] {
        if case .columnType(_, _, _, let takes) = self {
            return [Diagnostic.Note("expected", takes.map(\.rawValue).joined(separator: ", "))]
        }
        return []
    }

    var fix: String? {
        switch self {
        case .twoMethods, .parameterOfOther: "take one of them away"
        case .methodWithout(_, let parameter): "write \(parameter): COLUMN"
        case .fractions: "test and validation together must be less than 1"
        case .columnType: nil
        case .noValue: "drop such rows, or fill the column, in a clean.table stage before"
        case .levelTooSmall: "merge rare levels, or split at random"
        case .emptyPart: "take a larger fraction, or more rows"
        case .tooFewGroups, .tooFewContents: "take fewer parts, or split at random"
        case .noContent: "name what is compared: content: [COLUMN]"
        case .noFold(_, let folds): "write a fold below \(folds), or more folds"
        case .tooFewRows: "take fewer folds, or more rows"
        }
    }
}
