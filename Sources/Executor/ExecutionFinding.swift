import Diagnostics
import PipelineLanguage
import Planner

/// Why a stage did not end well.
public enum ExecutionFinding: Finding {
    case exited(stage: String, code: Int, tail: String, undeclared: UndeclaredReads?)
    case signalled(stage: String, signal: Int, tail: String)
    case timedOut(stage: String, seconds: Double, tail: String)
    case outOfMemory(stage: String, used: Int64, limit: Int64, tail: String)
    case couldNotStart(stage: String, program: String, reason: String)
    case missingOutput(stage: String, port: String, path: String, tail: String)
    case wrongOutput(stage: String, port: String, path: String, expected: String)
    case badMetrics(stage: String, path: String, reason: String)
    case stageError(stage: String, message: String, notes: [Diagnostic.Note], fix: String?)
    case sourceChanged(path: String, isRetried: Bool)
    case gateFailed(stage: String, metric: String, value: Double, bound: String)
    case gateWithoutMetric(stage: String, metric: String, known: [String])
    case editedByHand(path: String, stage: String)
    case notDeterministic(stage: String, port: String)
    case system(String)
    case leftBehind(stage: String, count: Int)
    case wroteToInput(stage: String, path: String)
    case lostBlob(digest: String)
    case notPutBack(path: String, aside: String, reason: String)
    case notUpToDate(stage: String)
    case notLocked(stage: String)
    case lockedKeyDiffers(stage: String, change: String?)
    case notFetched(stage: String)
    case noFiles(String)
    case noSnapshot(stage: String)
    case movedOn(stage: String, locked: String, found: String)
    case lockedOutputDiffers(stage: String, port: String, locked: String, found: String)

    public var severity: Diagnostic.Severity {
        switch self {
        case .notDeterministic, .leftBehind, .lostBlob, .sourceChanged(_, isRetried: true): .warning
        default: .error
        }
    }

    public var message: String {
        switch self {
        case .exited(let stage, let code, _, _): "stage '\(stage)' failed: exit code \(code)"
        case .signalled(let stage, let signal, _):
            "stage '\(stage)' was killed by signal \(signal)\(Self.name(of: signal))"
        case .timedOut(let stage, let seconds, _):
            "stage '\(stage)' was stopped: it ran longer than its timeout of \(Self.duration(seconds))"
        case .outOfMemory(let stage, let used, let limit, _):
            "stage '\(stage)' was stopped: it used \(byteSize(used)) of memory, its limit is \(byteSize(limit))"
        case .couldNotStart(let stage, let program, let reason):
            "stage '\(stage)' could not be started: '\(program)': \(reason)"
        case .missingOutput(let stage, let port, let path, _):
            "stage '\(stage)' did not write its output '\(port)', '\(path)'"
        case .wrongOutput(let stage, let port, _, let expected):
            "output '\(port)' of stage '\(stage)' is not \(expected)"
        case .badMetrics(let stage, let path, let reason):
            "'\(path)' of stage '\(stage)' is no metrics file: \(reason)"
        case .stageError(let stage, let message, _, _): "stage '\(stage)' failed: \(message)"
        case .sourceChanged(let path, let isRetried):
            "'\(path)' changed while being read" + (isRetried ? "; reading it once more" : "")
        case .gateFailed(let stage, let metric, let value, let bound):
            "gate of stage '\(stage)' failed: \(metric) is \(value), the bound is \(bound)"
        case .gateWithoutMetric(let stage, let metric, _):
            "gate of stage '\(stage)' failed: there is no metric '\(metric)'"
        case .editedByHand(let path, _): "'\(path)' was edited by hand since it was last published"
        case .notDeterministic(let stage, let port):
            "not deterministic: \(stage).\(port) came out with other bytes than the time before"
        case .system(let reason): reason
        case .wroteToInput(let stage, let path): "stage '\(stage)' wrote into its input '\(path)'"
        case .notPutBack(let path, let aside, let reason):
            "'\(path)' could not be put back where a command was to replace it; it lies at '\(aside)': \(reason)"
        case .lostBlob(let digest):
            "the blob \(digest.prefix(12)) did not survive the machine's last stop, and was dropped"
        case .notLocked(let stage): "the lock has nothing on stage '\(stage)'"
        case .lockedKeyDiffers(let stage, _): "stage '\(stage)' is not as it was locked"
        case .lockedOutputDiffers(let stage, let port, _, _):
            "output '\(port)' of stage '\(stage)' is not as it was locked"
        case .notFetched(let stage): "there is no snapshot here of what '\(stage)' fetches"
        case .noSnapshot(let stage): "the fetch of stage '\(stage)' ended well and left no snapshot"
        case .noFiles(let folder): "'\(folder)' holds no file"
        case .movedOn(let stage, _, _): "the source of '\(stage)' has moved on: it is not as it was locked"
        case .notUpToDate(let stage): "stage '\(stage)' would have to run, but is left out"
        case .leftBehind(let stage, let count):
            "stage '\(stage)' left \(count) process\(count == 1 ? "" : "es") running, which \(count == 1 ? "was" : "were") killed"
        }
    }

    public var notes: [Diagnostic.Note] {
        switch self {
        case .exited(_, _, let tail, let undeclared?):
            [.init("log", tail), .init("reads", undeclared.text)]
        case .exited(_, _, let tail, nil), .signalled(_, _, let tail), .timedOut(_, _, let tail),
            .outOfMemory(_, _, _, let tail), .missingOutput(_, _, _, let tail):
            tail.isEmpty ? [] : [.init("log", tail)]
        case .wrongOutput(_, _, let path, _): [.init("path", path)]
        case .badMetrics: [.init("expected", "a JSON object of numbers, such as {\"accuracy\": 0.93}")]
        case .stageError(_, _, let notes, _): notes
        case .lockedKeyDiffers(_, let change): change.map { [.init("changed", $0)] } ?? []
        case .lockedOutputDiffers(_, _, let locked, let found), .movedOn(_, let locked, let found):
            [.init("locked", locked), .init("found", found)]
        case .gateWithoutMetric(_, _, let known): [.init("metrics", listing(known))]
        default: []
        }
    }

    public var fix: String? {
        switch self {
        case .stageError(_, _, _, let fix): fix
        case .exited(_, _, _, let undeclared): undeclared?.fix
        case .missingOutput(_, let port, _, _):
            "write it to \"$SLUICE_OUT_\(port.uppercased())\", or correct the path under 'out:'"
        case .timedOut: "give it more time with 'timeout:', or find out what it waits for"
        case .outOfMemory: "raise 'resources: { memory: ... }' if the machine has it"
        case .sourceChanged(_, let isRetried): isRetried ? nil : "run again when nothing writes to it"
        case .gateWithoutMetric(_, let metric, let known): didYouMean(metric, among: known)
        case .editedByHand: "move it away, or run with --overwrite"
        case .notDeterministic:
            "if that is how it should be, say 'deterministic: false'"
        case .noFiles: "put files into it, or name another"
        case .notFetched: "run it once without --offline and --locked"
        case .movedOn: "run it without --locked, review the lock and commit it"
        case .notLocked, .lockedKeyDiffers: "run it without --locked, review the lock and commit it"
        case .wroteToInput: "let it write to its outputs only, or leave out 'inputs: link' to give it copies"
        case .lostBlob: "nothing: the stage that gave it runs again"
        case .notPutBack: "mend what is in the way, and the next run puts it back"
        case .notUpToDate: "run it first, or leave out --only and --from"
        case .leftBehind: "let it wait for what it starts"
        default: nil
        }
    }

    static func duration(_ seconds: Double) -> String {
        seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
    }

    private static func name(of signal: Int) -> String {
        let names = [
            1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
            9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE", 15: "SIGTERM",
        ]
        return names[signal].map { " (\($0))" } ?? ""
    }
}
