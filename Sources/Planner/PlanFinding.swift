import Diagnostics

/// What can be wrong with a pipeline once its files and types are looked at.
public enum PlanFinding: Finding {
    case unknownColumn(String, table: String, known: [String])
    case globWithoutColumn(String, table: String, known: [String])
    case missingSource(String, resolved: String)
    case notAFile(String, expected: String)
    case globWithoutFile(String)
    /// The path is empty where the schema stands in the pipeline.
    case badSchema(path: String, place: String, message: String)
    case unreadable(String)
    case badRefresh(String)
    case toolFailed(name: String, command: String, output: String)
    case cannotInfer(path: String, reason: String)
    case leak(fitted: String, tested: String, by: String, place: String)
    case possibleLeak(fitted: String, tested: String, by: String, place: String)

    public var severity: Diagnostic.Severity {
        if case .possibleLeak = self { .warning } else { .error }
    }

    public var message: String {
        switch self {
        case .unknownColumn(let name, let table, _): "table '\(table)' has no column '\(name)'"
        case .globWithoutColumn(let glob, let table, _): "no column of table '\(table)' matches '\(glob)'"
        case .missingSource(let path, _): "'\(path)' does not exist"
        case .notAFile(let path, let expected): "'\(path)' is not \(expected)"
        case .globWithoutFile(let glob): "no file matches '\(glob)'"
        case .badSchema(let path, let place, let message):
            (path.isEmpty ? "this" : "'\(path)'") + " is no Table Schema: \(place): \(message)"
        case .unreadable(let reason): reason
        case .badRefresh(let text): "'\(text)' does not say when to look again"
        case .toolFailed(let name, let command, _): "tool '\(name)': '\(command)' failed"
        case .cannotInfer(let path, let reason): "no schema can be inferred from '\(path)': \(reason)"
        case .leak(_, let tested, let by, _): "rows of '\(tested)' were seen in training, by '\(by)'"
        case .possibleLeak(_, let tested, let by, _):
            "rows of '\(tested)' may have been seen in training, by '\(by)'"
        }
    }

    public var notes: [Diagnostic.Note] {
        switch self {
        case .unknownColumn(_, _, let known), .globWithoutColumn(_, _, let known):
            [.init("columns", listing(known.sorted()))]
        case .missingSource(_, let resolved): [.init("looked at", resolved)]
        case .toolFailed(_, _, let output): output.isEmpty ? [] : [.init("output", output)]
        case .leak(let fitted, let tested, _, let place), .possibleLeak(let fitted, let tested, _, let place):
            [.init("trained on", fitted), .init("evaluated on", tested), .init("trained at", place)]
        default: []
        }
    }

    public var fix: String? {
        switch self {
        case .unknownColumn(let name, _, let known): didYouMean(name, among: known)
        case .missingSource: "paths are relative to the pipeline file; '//' is the project's root"
        case .cannotInfer: "mend the file, or say under 'with' how it is written"
        case .notAFile(_, let expected):
            expected == "a file" ? "name a file in it" : "write file: in place of dir:"
        case .leak, .possibleLeak:
            "fit and train on one part of a split and evaluate on another, or say why with 'allow_leak:'"
        case .badRefresh: "always, never, or an age such as 30m, 12h or 7d"
        case .toolFailed: "install it, or correct the command under 'tools:'"
        default: nil
        }
    }
}
