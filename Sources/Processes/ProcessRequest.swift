/// One process to start, complete in itself: nothing of the runner's own
/// environment reaches it.
public struct ProcessRequest: Sendable, Hashable {
    /// The caller's number for it; free again when the process has ended.
    public var id: Int
    /// argv. The first is a path, or a name looked up in the PATH of `environment`.
    public var arguments: [String]
    /// The whole environment; passed sorted. A `TMPDIR` of the process's own
    /// is also how its stray children are told from those of others.
    public var environment: [String: String]
    public var workingDirectory: String
    /// Standard output and error together; the file is made anew, with the
    /// first byte that is written.
    public var logPath: String
    /// Values that stand as `***` in the log.
    public var secrets: [String]
    /// Seconds after which the process group gets SIGTERM.
    public var timeout: Double?
    /// Seconds between SIGTERM and SIGKILL.
    public var grace: Double
    /// Bytes of anonymous and shared memory that the process and all below it
    /// may use together.
    public var memory: Int64?
    /// Whether descriptor 3 is a pipe whose lines come as events.
    public var hasReportPipe: Bool
    public var confinement: Confinement?

    public init(
        id: Int, arguments: [String], environment: [String: String], workingDirectory: String,
        logPath: String, secrets: [String] = [], timeout: Double? = nil, grace: Double = 10,
        memory: Int64? = nil, hasReportPipe: Bool = false, confinement: Confinement? = nil
    ) {
        self.id = id
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.logPath = logPath
        self.secrets = secrets
        self.timeout = timeout
        self.grace = grace
        self.memory = memory
        self.hasReportPipe = hasReportPipe
        self.confinement = confinement
    }

    /// What the system would cut short or misread without a word.
    var isWellFormed: Bool {
        var texts = arguments + environment.keys + environment.values + [workingDirectory, logPath]
        if let confinement {
            texts += [confinement.hiddenRoot ?? ""] + confinement.readable
            texts += confinement.binds.flatMap { [$0.source, $0.target] }
        }
        return !arguments.isEmpty && !texts.contains { $0.utf8.contains(0) }
            && !environment.keys.contains { $0.isEmpty || $0.utf8.contains(UInt8(ascii: "=")) }
    }
}

/// How a process is made to end.
public enum Cancellation: UInt8, Sendable, Hashable {
    /// SIGTERM to its group, and SIGKILL after its `grace`.
    case gently
    /// SIGKILL.
    case now
}
