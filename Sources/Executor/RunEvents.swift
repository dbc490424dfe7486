import ContentStore
import Diagnostics
import Planner

/// What a run is told to do.
public struct RunOptions: Sendable {
    /// Cores that all stages may use together.
    public var slots: Int
    public var keepsGoing = false
    /// Stages, by number, that run whatever the cache holds.
    public var forced: Set<Int> = []
    /// Stages, by number, that take part; nil is all.
    public var selected: Set<Int>?
    /// Stages, by number, that may run; others must be hits. Nil is all.
    public var mayRun: Set<Int>?
    public var looks = Looks.asDeclared
    /// Whether a snapshot may be fetched at all (`--offline`).
    public var fetches = true
    /// Stages, by number, that look at their external sources whatever they declare.
    public var refreshed: Set<Int> = []
    public var publishes = true
    public var overwrites = false
    public var keepsFailed = false
    /// Whether a run looks at external sources.
    public enum Looks: Sendable {
        /// As each stage's `refresh` says.
        case asDeclared
        /// The snapshot there is.
        case never
        /// What the lock pins, fetched only where it is not here (`--locked`).
        case asLocked
    }

    /// Seconds between `tick` events while something runs; nil for none.
    public var tick: Double?

    public init(slots: Int) { self.slots = slots }
}

/// How a stage ended.
public enum StageResult: Sendable {
    /// Its action was done before; nothing ran.
    case hit
    case ran(seconds: Double)
    case failed(Diagnostic)
    /// It ran when the run was interrupted; where its folder was kept, that.
    case stopped(folder: String?)
    /// A failed stage it depends on, by number; nil when the run was interrupted.
    case skipped(cause: Int?)
}

/// What a run tells while it goes on.
public enum RunEvent: Sendable {
    case started(Int)
    /// From 0 to 1, and what it counts.
    case progress(Int, Double, String)
    /// Another run executes the same action; this one will take its result.
    case waiting(Int)
    case retrying(Int, attempt: Int, Diagnostic)
    case ended(Int, StageResult)
    case published(Int, port: String, path: String)
    /// A bound was met or not; a failed one also ends the stage as failed.
    case judged(Int, PlannedGate, value: Double?, passes: Bool)
    case notice(Diagnostic)
    case interrupted(count: Int)
    /// Time has passed: what shows it may be drawn anew.
    case tick
}

/// What a run came to.
public struct RunSummary: Sendable {
    public var results: [Int: StageResult] = [:]
    /// By stage, for those that hit or ran.
    public var records: [Int: ActionRecord] = [:]
    public var recipes: [Int: Digest] = [:]
    /// Stages whose published outputs lie where they should.
    public var inPlace: Set<Int> = []
    /// How many external sources have a new snapshot.
    public var fetched = 0
    /// How many files or folders were published anew.
    public var published = 0
    /// Hits that took no part, because they were known before.
    public var leftOut: Int
    public var wasInterrupted = false
    public var seconds: Double = 0

    /// - Parameter stages: How many there will be, as far as it is known.
    public init(stages: Int = 0, leftOut: Int = 0) {
        self.leftOut = leftOut
        results.reserveCapacity(stages)
        records.reserveCapacity(stages)
        recipes.reserveCapacity(stages)
        inPlace.reserveCapacity(stages)
    }

    /// All the run was about.
    public var stages: Int { results.count + leftOut }
    public var hits: Int { leftOut + count { if case .hit = $0 { true } else { false } } }
    public var ran: Int { count { if case .ran = $0 { true } else { false } } }
    public var failed: Int { count { if case .failed = $0 { true } else { false } } }
    var firstFailed: Int? {
        results.filter { if case .failed = $0.value { true } else { false } }.keys.min()
    }
    public var stopped: Int { count { if case .stopped = $0 { true } else { false } } }
    public var skipped: Int { count { if case .skipped = $0 { true } else { false } } }

    private func count(_ matches: (StageResult) -> Bool) -> Int { results.values.count(where: matches) }
}
