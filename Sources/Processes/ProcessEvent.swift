/// What the keeper tells the runner.
public enum ProcessEvent: Sendable, Hashable {
    /// A line the process wrote to descriptor 3, without its line feed. A line
    /// longer than 1 MiB is cut there.
    case report(id: Int, line: [UInt8])
    /// The process and all that it started are gone, its log is complete.
    case ended(id: Int, ProcessOutcome)
    /// SIGINT, SIGTERM or SIGHUP reached the runner, for the `count`th time.
    case interrupted(count: Int)
}

/// How a process ended and what it used.
public struct ProcessOutcome: Sendable, Hashable {
    public enum Ending: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
        case timedOut
        /// The bytes in use when the limit was passed.
        case outOfMemory(Int64)
        case cancelled
        /// The system's error number; `obstacle` says at which path.
        case couldNotStart(Int32)
    }

    public var ending: Ending
    /// The program, folder or log that stood in the way of a start.
    public var obstacle: String? = nil
    public var wallSeconds: Double = 0
    /// User and system time of the process and the children it waited for.
    public var cpuSeconds: Double = 0
    /// Highest resident size of the process or one child it waited for. The
    /// system never says less than the keeper's own size, a few megabytes.
    public var peakResidentBytes: Int64 = 0
    /// Highest anonymous and shared memory of the whole tree, seen 10 times a
    /// second; nil for a process without a limit, which is not watched.
    public var peakAnonymousBytes: Int64? = nil
    /// Bytes in the log's file.
    public var logBytes: Int64 = 0
    /// Bytes of output that the log leaves out.
    public var droppedLogBytes: Int64 = 0
    /// Processes that were still alive when the main process ended; they were
    /// killed.
    public var leftBehind: Int = 0

    public init(_ ending: Ending) { self.ending = ending }
}
