public import CTensorKernels
public import Platform
public import TensorKernels

/// What tensors are worked on with: kernels of one level, workers, and memory.
///
/// Results depend on none of them: any level and any number of workers give the
/// same bits (docs: numerics). Used by one thread at a time.
public final class TensorContext: @unchecked Sendable {
    public let level: KernelLevel
    public let kernels: SluiceKernels
    public let memory: StoragePool
    public let workers: WorkerPool
    /// Room of each worker for the packed blocks of a product; grows to what was asked for.
    private var workspaces: [Storage]

    /// - Parameter threads: Workers, the caller included.
    public convenience init(
        threads: Int = 1, level: KernelLevel = .current, memory: StoragePool = StoragePool()
    ) {
        self.init(threads: threads, level: level, memory: memory, grain: 1 << 16)
    }

    /// - Parameter grain: Work in additions that is worth a worker; tests of what is shared ask for little.
    package init(
        threads: Int, level: KernelLevel = .current, memory: StoragePool = StoragePool(), grain: Int
    ) {
        precondition(grain >= 1, "a grain is at least one addition")
        self.grain = grain
        self.level = level
        self.memory = memory
        kernels = level.kernels
        workers = WorkerPool(size: threads)
        let size = kernels.gemmWorkspace * MemoryLayout<Float>.size
        workspaces = (0..<workers.size).map { _ in Storage(size, from: memory) }
    }

    /// Work below this is done before another worker has woken: 20 microseconds
    /// of additions that come from a cache.
    private let grain: Int
    /// How often work was shared.
    package private(set) var forks = 0

    /// Sees to it that each worker has room for so many floats.
    func prepareWorkspaces(_ floats: Int) {
        for index in workspaces.indices where workspaces[index].byteCount < floats * 4 {
            workspaces[index] = Storage(floats * 4, from: memory)
        }
    }

    func workspace(_ share: Int) -> UnsafeMutablePointer<Float> {
        workspaces[share].base.assumingMemoryBound(to: Float.self)
    }

    /// Calls `body` with ranges that make up `0..<count`, on as many workers as
    /// the work is worth.
    ///
    /// - Parameters:
    ///   - work: Of one unit, in additions of a float.
    ///   - step: Ranges begin at multiples of it; 16 floats are a line of a cache,
    ///     which two workers should not both write.
    func share(_ count: Int, work: Int, step: Int = 1, _ body: (Int, Range<Int>) -> Void) {
        let units = (count + step - 1) / step
        let total = count.multipliedReportingOverflow(by: max(1, work))
        let worth = total.overflow ? Int.max : total.partialValue / grain
        let shares = max(1, min(workers.size, units, worth))
        guard shares > 1 else { return body(0, 0..<count) }
        forks += 1
        workers.run(shares) { share in
            let lower = units * share / shares * step
            let upper = min(count, units * (share + 1) / shares * step)
            body(share, lower..<upper)
        }
    }
}
