import CanonicalJSON
import Platform

/// How a kind whose data lies outside the project brings it here. A fetch is not keyed: it looks at the world and
/// gives a snapshot and a validator. The kind's `run` is keyed by the snapshot, which it finds at the port `snapshot`
/// (docs: semantics, sources).
public struct Fetch: Sendable {
    /// `file` or `folder`.
    public var snapshot: PortType
    /// What nobody is to see of the credentials that a fetch with these parameters finds in the environment and in files
    /// it leads to: it never reaches a log.
    public var secrets: Secrets
    /// What `requires` calls the server that a fetch with these parameters asks; nil where it has no word for it. Nothing
    /// is read to tell it.
    public var serverName: ServerName
    /// That server; nil where it has no name. Throws `StageError` where what says where it is cannot be read.
    public var server: Server
    /// Throws `StageError` for what the pipeline's author can mend.
    public var run: @Sendable (FetchRun) throws -> FetchResult

    public typealias Secrets =
        @Sendable (_ parameters: JSONValue, _ environment: [String: String]) -> [String]
    public typealias ServerName = @Sendable (_ parameters: JSONValue) -> String?
    public typealias Server =
        @Sendable (_ parameters: JSONValue, _ environment: [String: String]) throws -> RequiredServer?

    public init(
        snapshot: PortType, secrets: @escaping Secrets = { _, _ in [] },
        serverName: @escaping ServerName = { _ in nil }, server: @escaping Server = { _, _ in nil },
        run: @escaping @Sendable (FetchRun) throws -> FetchResult
    ) {
        precondition([.file, .folder].contains(snapshot), "a snapshot is a file or a folder")
        self.snapshot = snapshot
        self.secrets = secrets
        self.serverName = serverName
        self.server = server
        self.run = run
    }

    /// The input port at which `run` of the kind finds the snapshot.
    public static let port = "snapshot"

    /// When a source is looked at again; every kind that fetches has it without declaring it.
    public static let refresh = Parameter(
        "refresh", .either([.choice([always, never]), .text]), .defaulted("always"), isFetched: true,
        "When the source is looked at again: always, never, or an age such as 30m, 12h or 7d.")

    private static let always = ParameterType.Choice("always", "In every run.")
    private static let never = ParameterType.Choice(
        "never", "Only where there is no snapshot yet, or --refresh asks for it.")
}

/// A server that a stage needs.
public struct RequiredServer: Hashable, Sendable {
    /// As `requires` calls it.
    public var name: String
    /// Nil for one that is not looked after, as the web's own.
    public var address: ServerAddress?

    public init(name: String, address: ServerAddress?) {
        self.name = name
        self.address = address
    }
}

/// What a kind's fetch is given.
public struct FetchRun: Sendable {
    /// What an earlier fetch of the same source gave.
    public struct Previous: Sendable {
        /// The snapshot: a read-only file, or a folder of real files.
        public var path: String
        public var validator: JSONValue

        public init(path: String, validator: JSONValue) {
            self.path = path
            self.validator = validator
        }
    }

    /// `with`, defaults filled in.
    public var parameters: JSONValue
    /// The runner's environment: the only place, with files it leads to, that credentials come from.
    public var environment: [String: String]
    public var previous: Previous?
    /// Where the snapshot goes; nothing lies there yet.
    public var output: String
    /// A folder that outlives a fetch which fails and is there for the next attempt of the same one.
    public var partial: String
    public var threads: Int
    public var tell: @Sendable (StageRun.Event) -> Void

    public init(
        parameters: JSONValue, environment: [String: String], previous: Previous?, output: String,
        partial: String, threads: Int, tell: @escaping @Sendable (StageRun.Event) -> Void = { _ in }
    ) {
        self.parameters = parameters
        self.environment = environment
        self.previous = previous
        self.output = output
        self.partial = partial
        self.threads = threads
        self.tell = tell
    }
}

public enum FetchResult: Sendable, Hashable {
    /// The previous snapshot is what the source holds now.
    case unchanged
    /// A snapshot lies at `output`. The validator tells it from a later state of the source; the lock, which is
    /// committed, keeps it, so it holds no secret and no time of this machine.
    case fetched(validator: JSONValue)
}
