import Diagnostics
import TableTypes

/// What can be wrong with lengths of time and metrics of the table kinds.
enum ShapeFinding: Finding, Error, Hashable {
    case badLength(String)
    case lengthMisfit(String, column: String, type: ColumnType)
    case metricIsKey(String)
    case noMetrics(String)

    var message: String {
        switch self {
        case .badLength(let text): "'\(text)' is no length of time"
        case .lengthMisfit(let text, let column, let type):
            "'\(text)' cannot be measured along column '\(column)' of type \(type.rawValue)"
        case .metricIsKey(let name): "'\(name)' is a column already"
        case .noMetrics(let parameter): "'\(parameter)' is empty"
        }
    }

    var notes: [Diagnostic.Note] {
        switch self {
        case .badLength: [Diagnostic.Note("expected", "a number with ms, s, m, h, d or w, such as 7d")]
        case .lengthMisfit(_, _, let type):
            [Diagnostic.Note("expected", type == .date ? "whole days, such as 7d" : "a whole number")]
        case .metricIsKey, .noMetrics: []
        }
    }

    var fix: String? {
        switch self {
        case .metricIsKey: "give the new column another name"
        case .noMetrics: "name a column and what it holds, such as total: sum(amount)"
        case .badLength, .lengthMisfit: nil
        }
    }
}
