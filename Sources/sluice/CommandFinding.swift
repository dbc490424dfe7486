import Diagnostics

/// What can be wrong with what a command is asked for.
enum CommandFinding: Finding {
    case noLog(stage: String)
    case unknownKind(String, known: [String])
    case stale(stage: String)
    case system(String)

    var severity: Diagnostic.Severity {
        if case .stale = self { .warning } else { .error }
    }

    var message: String {
        switch self {
        case .noLog(let stage): "there is no log of stage '\(stage)' for what it would do now"
        case .unknownKind(let name, _): "there is no stage kind '\(name)'"
        case .stale(let stage): "stage '\(stage)' is not up to date; this is what it made last"
        case .system(let reason): reason
        }
    }

    var notes: [Diagnostic.Note] {
        switch self {
        case .unknownKind(_, let known): [.init("kinds", listing(known, limit: 20))]
        case .noLog, .stale, .system: []
        }
    }

    var fix: String? {
        switch self {
        case .noLog: "run it first; a log stays in the checkout that ran the stage"
        case .unknownKind(let name, let known): didYouMean(name, among: known)
        case .stale(let stage): "sluice run \(stage)"
        case .system: nil
        }
    }
}
