/// Which stage may start next: the graph, what has ended, and the cores left.
///
/// Pure bookkeeping, so that every order of endings can be tested without a
/// process. Stages are numbered in declared order, and of several that may
/// start the lowest number does: the order of starts depends on nothing else.
public struct Schedule: Sendable {
    public enum State: Hashable, Sendable {
        case waiting
        case running
        case done
        case failed
        /// Never started, because `cause` failed or the run is ending.
        case skipped(cause: Int?)
    }

    public private(set) var states: [State]
    private let dependencies: [[Int]]
    private let dependents: [[Int]]
    /// How many dependencies of a stage have not ended well yet.
    private var missing: [Int]
    /// Waiting stages whose dependencies are all done, ascending.
    private var ready: [Int] = []
    private let cores: [Int]
    /// What each stage has of them now.
    private var held: [Int]
    private var freeCores: Int
    private let keepsGoing: Bool

    /// - Parameters:
    ///   - dependencies: For each stage the stages it comes behind, whether for
    ///     their outputs or for `after`, each once.
    ///   - cores: What each stage may use, at least 1. More than `slots` counts
    ///     as `slots`, so a wide stage runs alone rather than never.
    ///   - slots: What all running stages may use together.
    ///   - keepsGoing: Whether a failure stops only what depends on it (`-k`).
    /// - Precondition: No cycle; the planner has refused those.
    public init(dependencies: [[Int]], cores: [Int], slots: Int, keepsGoing: Bool) {
        precondition(
            dependencies.count == cores.count, "\(dependencies.count) stages, \(cores.count) core counts")
        precondition(slots >= 1, "no slot to run in")
        self.dependencies = dependencies
        self.keepsGoing = keepsGoing
        self.cores = cores.map { min(max($0, 1), slots) }
        held = Array(repeating: 0, count: cores.count)
        freeCores = slots
        states = Array(repeating: .waiting, count: dependencies.count)
        missing = self.dependencies.map(\.count)
        var dependents = [[Int]](repeating: [], count: dependencies.count)
        for (stage, befores) in self.dependencies.enumerated() {
            for before in befores { dependents[before].append(stage) }
        }
        self.dependents = dependents
        ready = missing.indices.filter { missing[$0] == 0 }
    }

    /// Whether nothing runs and nothing can start any more.
    public var isOver: Bool {
        !states.contains { $0 == .waiting || $0 == .running }
    }

    /// Takes the next stage that may start and marks it running; nil when all
    /// must wait for one that runs.
    ///
    /// A stage that needs more cores than are free holds back those behind it,
    /// so that narrow stages never starve a wide one.
    public mutating func start() -> Int? {
        guard let stage = ready.first, cores[stage] <= freeCores else { return nil }
        ready.removeFirst()
        takeCores(of: stage)
        states[stage] = .running
        return stage
    }

    /// The stage's processes are gone: others may have its cores while what it
    /// wrote is taken into the store.
    public mutating func freeCores(of stage: Int) {
        freeCores += held[stage]
        held[stage] = 0
    }

    /// The stage runs once more; what was started in its place runs beside it.
    public mutating func takeCores(of stage: Int) {
        guard held[stage] == 0 else { return }
        held[stage] = cores[stage]
        freeCores -= cores[stage]
    }

    /// The stage ended well: what waited only for it may start.
    public mutating func finish(_ stage: Int) {
        release(stage)
        states[stage] = .done
        for next in dependents[stage] where states[next] == .waiting {
            missing[next] -= 1
            if missing[next] == 0 { insertReady(next) }
        }
    }

    /// The stage, or a gate of it, failed: what depends on it is skipped, and
    /// without `keepsGoing` everything that has not started.
    public mutating func fail(_ stage: Int) {
        release(stage)
        states[stage] = .failed
        if !keepsGoing { stop(cause: stage) }
        var affected = [stage]
        while let next = affected.popLast() {
            for dependent in dependents[next] where states[dependent] == .waiting {
                states[dependent] = .skipped(cause: stage)
                affected.append(dependent)
            }
        }
        ready.removeAll { states[$0] != .waiting }
    }

    /// Starts nothing more: an interrupt, or a failure without `-k`.
    public mutating func stop(cause: Int? = nil) {
        for stage in states.indices where states[stage] == .waiting { states[stage] = .skipped(cause: cause) }
        ready = []
    }

    /// Leaves out all other stages, as if they were done: what they would give
    /// is not asked for.
    ///
    /// - Precondition: Nothing has started, and what a kept stage needs is kept.
    public mutating func keep(only kept: Set<Int>) {
        for stage in states.indices where !kept.contains(stage) { states[stage] = .skipped(cause: nil) }
        ready.removeAll { !kept.contains($0) }
    }

    /// A stage that was started will not run after all.
    public mutating func skip(_ stage: Int) {
        guard states[stage] == .running else { return }
        release(stage)
        states[stage] = .skipped(cause: nil)
    }

    private mutating func release(_ stage: Int) {
        precondition(states[stage] == .running, "stage \(stage) ends but is \(states[stage])")
        freeCores(of: stage)
    }

    private mutating func insertReady(_ stage: Int) {
        let place = ready.firstIndex { $0 > stage } ?? ready.endIndex
        ready.insert(stage, at: place)
    }
}
