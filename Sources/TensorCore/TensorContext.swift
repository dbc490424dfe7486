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
    /// Room for the packed blocks of a product, one for each worker.
    let workspaces: [Storage]

    /// - Parameter threads: Workers, the caller included.
    public init(threads: Int = 1, level: KernelLevel = .current, memory: StoragePool = StoragePool()) {
        self.level = level
        self.memory = memory
        kernels = level.kernels
        workers = WorkerPool(size: threads)
        let size = kernels.gemmWorkspace * MemoryLayout<Float>.size
        workspaces = (0..<workers.size).map { _ in Storage(size, from: memory) }
    }
}
