import Diagnostics

/// What can be wrong with what a command is asked for.
enum CommandFinding: Finding {
    case noLog(stage: String)

    var message: String {
        switch self {
        case .noLog(let stage): "there is no log of stage '\(stage)' for what it would do now"
        }
    }

    var fix: String? {
        switch self {
        case .noLog: "run it first; a log stays in the checkout that ran the stage"
        }
    }
}
