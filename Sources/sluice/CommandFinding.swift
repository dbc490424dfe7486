import Diagnostics

/// What can be wrong with what a command is asked for.
enum CommandFinding: Finding {
    /// A command that is about one thing was given none, or several.
    case notOne(NamedThing, command: String, given: Int, known: [String])
    case noLog(stage: String)
    case unknownKind(String, known: [String])
    case stale(stage: String)
    case system(String)

    var severity: Diagnostic.Severity {
        if case .stale = self { .warning } else { .error }
    }

    var message: String {
        switch self {
        case .notOne(let thing, let command, let given, _):
            given == 0
                ? "no \(thing.rawValue) is named for 'sluice \(command)'"
                : "'sluice \(command)' takes one \(thing.rawValue), got \(given)"
        case .noLog(let stage): "there is no log of stage '\(stage)' for what it would do now"
        case .unknownKind(let name, _): "there is no stage kind '\(name)'"
        case .stale(let stage): "stage '\(stage)' is not up to date; this is what it made last"
        case .system(let reason): reason
        }
    }

    var notes: [Diagnostic.Note] {
        switch self {
        case .notOne(let thing, _, _, let known): [.init(thing.rawValue + "s", listing(known, limit: 20))]
        case .unknownKind(_, let known): [.init("kinds", listing(known, limit: 20))]
        case .noLog, .stale, .system: []
        }
    }

    var fix: String? {
        switch self {
        case .notOne(_, let command, _, let known):
            known.first.map { "name one, such as 'sluice \(command) \($0)'" }
        case .noLog: "run it first; a log stays in the checkout that ran the stage"
        case .unknownKind(let name, let known): didYouMean(name, among: known)
        case .stale(let stage): "sluice run \(stage)"
        case .system: nil
        }
    }
}
