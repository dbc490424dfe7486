import Diagnostics

/// What can be wrong with the artifact that a command asks for.
public enum ArtifactFinding: Finding {
    case unknownPort(String, stage: String, known: [String])
    case noOutputs(stage: String)
    case noResult(stage: String)
    case gone(artifact: String, stage: String)
    case noTable(artifact: String, type: String, what: String)
    case exists(path: String)
    case unknownForm(String)
    case notGit(root: String)
    case unknownRevision(String)
    case noLock(path: String, revision: String)
    case notLocked(String, revision: String, known: [String])
    case ambiguous(stage: String, revision: String, ports: [String])
    case unusable(artifact: String, reason: String)
    case rows(Int)

    public var message: String {
        switch self {
        case .unknownPort(let port, let stage, _): "stage '\(stage)' has no output '\(port)'"
        case .noOutputs(let stage): "stage '\(stage)' has no outputs"
        case .noResult(let stage): "there is no result of stage '\(stage)' yet"
        case .gone(let artifact, _): "'\(artifact)' is known, but its bytes are not in the store"
        case .noTable(let artifact, let type, let what):
            "'\(artifact)' is a \(type), and \(what)"
        case .exists(let path): "'\(path)' exists already"
        case .unknownForm(let form): "a table cannot be written as '\(form)'"
        case .notGit(let root): "'\(root)' is in no git repository, so it has no revisions"
        case .unknownRevision(let revision): "git knows no revision '\(revision)'"
        case .noLock(let path, let revision): "revision '\(revision)' has no lock '\(path)'"
        case .notLocked(let name, let revision, _): "the lock of revision '\(revision)' has no '\(name)'"
        case .ambiguous(let stage, let revision, _):
            "stage '\(stage)' had several outputs at revision '\(revision)', and none is named"
        case .unusable(let artifact, let reason): "'\(artifact)' cannot be read: \(reason)"
        case .rows(let rows): "-n takes a number from 0, got \(rows)"
        }
    }

    public var notes: [Diagnostic.Note] {
        switch self {
        case .unknownPort(_, _, let known): [.init("outputs", listing(known))]
        case .notLocked(_, _, let known): [.init("stages", listing(known))]
        case .ambiguous(_, _, let ports): [.init("outputs", listing(ports))]
        case .unknownForm: [.init("expected", "csv, jsonl, arrow, parquet")]
        default: []
        }
    }

    public var fix: String? {
        switch self {
        case .unknownPort(let port, _, let known): didYouMean(port, among: known)
        case .notLocked(let name, _, let known): didYouMean(name, among: known)
        case .noResult(let stage): "run it first: sluice run \(stage)"
        case .gone(_, let stage): "run it again: sluice run \(stage)"
        case .exists: "name another path with -o, or overwrite it with --force"
        case .unknownForm(let form): didYouMean(form, among: ["csv", "jsonl", "arrow", "parquet"])
        case .noLock: "a lock is there once 'sluice run' has written it and git has it in a commit"
        case .unusable: "'sluice store verify' finds damaged artifacts; the next run makes them again"
        case .ambiguous(let stage, _, let ports): ports.first.map { "name one, such as \(stage).\($0)" }
        default: nil
        }
    }
}
