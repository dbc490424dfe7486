import Diagnostics
import StageLibrary

/// What can be wrong with what `schema infer` is asked for.
enum SchemaFinding: Finding {
    case form(path: String)
    case parameter(String, form: TableForm)
    /// A parameter takes one of a few words, and was given another.
    case word(parameter: String, String, known: [String])
    case xmlWithoutPaths
    case unreadable(path: String, reason: String, fix: String?)
    case system(String)
    /// There is another file where the schema should go.
    case isThere(path: String)

    var message: String {
        switch self {
        case .form(let path):
            path == "-"
                ? "standard input does not say what form it has" : "'\(path)' is no table file by its suffix"
        case .parameter(let name, let form): "'\(name)' means nothing for a file of form \(form.rawValue)"
        case .word(let name, let word, _): "'\(word)' is no \(name)"
        case .xmlWithoutPaths: "XML says by itself neither what its rows are nor what its columns are"
        case .unreadable(let path, let reason, _):
            "\(path == "-" ? "standard input" : "'\(path)'") cannot be read as a table: \(reason)"
        case .system(let reason): reason
        case .isThere(let path): "'\(path)' is there already"
        }
    }

    var notes: [Diagnostic.Note] {
        switch self {
        case .form: [.init("forms", TableForm.allCases.map(\.rawValue).joined(separator: ", "))]
        case .word(let name, _, let known): [.init("\(name)s", known.joined(separator: ", "))]
        default: []
        }
    }

    var fix: String? {
        switch self {
        case .form: "name it with --format"
        case .parameter, .word, .system: nil
        case .xmlWithoutPaths: "name them: --rows //record --column title=head/title --column date=@date"
        case .unreadable(_, _, let fix): fix
        case .isThere: "take another name, or write over it with --force"
        }
    }
}
