import CanonicalJSON
import ContentStore
import PipelineLanguage

/// What a kind fetches from outside the project.
public struct ExternalSource: Hashable, Sendable {
    /// Of the kind, its version, and the parameters that say what is fetched.
    public let identity: Digest
    /// Whose snapshot it is: each stage has its own in the lock.
    public let stage: String
    /// The first stage that fetches the same, which stands for the rows of all of them.
    public internal(set) var first: String
    public let isFolder: Bool

    init(_ kind: StageKind, _ fetch: Fetch, parameters: JSONValue, stage: String) {
        let document: JSONValue = [
            "kind": .string(kind.name), "parameters": kind.fetched(parameters),
            "version": .integer(Int64(kind.version)),
        ]
        identity = Digest.of(document.canonicalBytes)
        self.stage = stage
        first = stage
        isFolder = fetch.snapshot == .folder
    }
}

/// When an external source is looked at again.
public enum Refresh: Hashable, Sendable {
    case always, never
    /// When the last look is so many seconds ago.
    case after(Double)

    /// - Returns: Nil for what is none of `always`, `never`, `30m`.
    init?(_ text: String) {
        switch text {
        case "always": self = .always
        case "never": self = .never
        default:
            guard let seconds = Quantity.seconds(text) else { return nil }
            self = .after(seconds)
        }
    }
}
