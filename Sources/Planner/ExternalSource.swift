import CanonicalJSON
import ContentStore
import PipelineLanguage

/// What a kind fetches from outside the project.
public struct ExternalSource: Hashable, Sendable {
    /// Of the kind, its version, and the parameters that say what is fetched: two stages that say the same have one
    /// snapshot.
    public let identity: Digest
    /// The stage that says it first.
    public let stage: String
    public let isFolder: Bool

    init(_ kind: StageKind, _ fetch: Fetch, parameters: JSONValue, stage: String) {
        let document: JSONValue = [
            "kind": .string(kind.name), "parameters": kind.fetched(parameters),
            "version": .integer(Int64(kind.version)),
        ]
        identity = Digest.of(document.canonicalBytes)
        self.stage = stage
        isFolder = fetch.snapshot == .folder
    }

    public static func == (left: ExternalSource, right: ExternalSource) -> Bool {
        left.identity == right.identity
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(identity) }
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
