import CanonicalJSON

/// How a kind whose data lies outside the project brings it here. A fetch is not keyed: it looks at the world and
/// gives a snapshot and a validator. The kind's `run` is keyed by the snapshot, which it finds at the port `snapshot`
/// (docs: semantics, sources).
public struct Fetch: Sendable {
    /// `file` or `folder`.
    public var snapshot: PortType
    /// Names of the environment variables that hold credentials with these parameters: their values never reach a log.
    public var secrets: @Sendable (_ parameters: JSONValue) -> [String]
    /// Throws `StageError` for what the pipeline's author can mend.
    public var run: @Sendable (FetchRun) throws -> FetchResult

    public init(
        snapshot: PortType, secrets: @escaping @Sendable (_ parameters: JSONValue) -> [String] = { _ in [] },
        run: @escaping @Sendable (FetchRun) throws -> FetchResult
    ) {
        precondition([.file, .folder].contains(snapshot), "a snapshot is a file or a folder")
        self.snapshot = snapshot
        self.secrets = secrets
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
