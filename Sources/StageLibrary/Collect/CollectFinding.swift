import Diagnostics
import Transfers

/// What can be wrong with the use of a `collect` kind.
enum CollectFinding: Finding, Hashable {
    /// `suffix` is that of the files the kind reads.
    case noSource(suffix: String)
    case columnTwice(String)
    case badPath(column: String, path: String, reason: String)
    case emptyKey(String)
    case separator(isNeeded: Bool)
    case twoSources
    case noPattern
    case badCharacter(parameter: String, value: String)
    case sameCharacter(String)
    /// What is to be fetched from outside the project cannot be as it is written.
    case unfetchable(String, fix: String?)

    init(fault: any TransferFault) { self = .unfetchable(fault.message, fix: fault.fix) }

    var message: String {
        switch self {
        case .noSource: "there is nothing to read: neither 'path' nor 'in' is given"
        case .twoSources: "both 'path' and 'in' are given; one of them is read"
        case .noPattern: "'match' matches nothing: it has no pattern"
        case .badCharacter(let parameter, let value): "'\(value)' is no \(parameter)"
        case .sameCharacter(let value): "'\(value)' cannot be delimiter and quote at once"
        case .columnTwice(let name): "column '\(name)' is named twice"
        case .badPath(let column, let path, let reason):
            "\(column.isEmpty ? "rows" : "column '\(column)'"): '\(path)' is no path to elements: \(reason)"
        case .emptyKey(let path): "'\(path)' has an empty key"
        case .unfetchable(let message, _): message
        case .separator(true): "rows are cut at a separator, but none is given"
        case .separator(false): "a separator is given, but rows are not cut at it"
        }
    }

    var notes: [Diagnostic.Note] {
        switch self {
        case .badCharacter("delimiter", _):
            [Diagnostic.Note("expected", "auto, tab, or one ASCII character")]
        case .badCharacter: [Diagnostic.Note("expected", "one ASCII character, or \"\" for none")]
        default: []
        }
    }

    var fix: String? {
        switch self {
        case .noSource(let suffix):
            "write path: data/FILE.\(suffix) under 'with', or in: STAGE for a file another stage gives"
        case .twoSources: "take one of them away"
        case .noPattern: "write a glob such as **/*.csv, or leave match out"
        case .badPath: "write names with / between them, such as record/title, and @name for an attribute"
        case .emptyKey: "write keys with a point between them, such as data.items"
        case .separator(true): "write separator: TEXT"
        case .separator(false): "write rows: separator"
        case .unfetchable(_, let fix): fix
        case .badCharacter, .sameCharacter, .columnTwice: nil
        }
    }
}
