import Diagnostics

/// What can be wrong with the use of a `collect` kind.
enum CollectFinding: Finding, Hashable {
    case noSource
    case twoSources
    case badCharacter(parameter: String, value: String)
    case sameCharacter(String)

    var message: String {
        switch self {
        case .noSource: "there is nothing to read: neither 'path' nor 'in' is given"
        case .twoSources: "both 'path' and 'in' are given; one of them is read"
        case .badCharacter(let parameter, let value): "'\(value)' is no \(parameter)"
        case .sameCharacter(let value): "'\(value)' cannot be delimiter and quote at once"
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
        case .noSource: "write path: data/FILE.csv under 'with', or in: STAGE for a file another stage gives"
        case .twoSources: "take one of them away"
        case .badCharacter, .sameCharacter: nil
        }
    }
}
