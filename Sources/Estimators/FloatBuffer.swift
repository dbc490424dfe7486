import CTensorKernels
import Platform
import TensorKernels

/// Floats at a fixed address, zeros at first.
final class FloatBuffer {
    let base: UnsafeMutablePointer<Float>
    let count: Int

    init(_ count: Int) {
        self.count = count
        base = .allocate(capacity: Swift.max(count, 1))
        base.initialize(repeating: 0, count: Swift.max(count, 1))
    }

    convenience init(_ values: [Float]) {
        self.init(values.count)
        for (index, value) in values.enumerated() { base[index] = value }
    }

    deinit { base.deallocate() }

    var values: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

    func set(_ values: [Float]) {
        precondition(values.count == count, "\(values.count) values for \(count) places")
        for (index, value) in values.enumerated() { base[index] = value }
    }
}

/// Matrix products whose rows are shared among threads. The bits of an element
/// depend on its row and column alone, so on neither threads nor level.
final class MatrixProducts {
    /// A matrix and its two strides.
    struct Operand {
        var base: UnsafeMutablePointer<Float>
        var row: Int
        var column: Int

        init(_ base: UnsafeMutablePointer<Float>, row: Int, column: Int) {
            self.base = base
            self.row = row
            self.column = column
        }
    }

    let kernels: SluiceKernels
    private let workspaces: [FloatBuffer]
    private let pool: WorkerPool
    /// Multiplications that are worth a thread: about 200 microseconds.
    private let grain: Int

    init(level: KernelLevel, threads: Int, grain: Int = 1 << 23) {
        precondition(threads >= 1 && grain >= 1, "threads and grain must be positive")
        kernels = level.kernels
        self.grain = grain
        pool = WorkerPool(size: threads)
        let size = kernels.gemmWorkspace
        workspaces = (0..<threads).map { _ in FloatBuffer(size) }
    }

    /// c (m x n, dense) = a (m x k) b (k x n).
    func callAsFunction(
        _ c: UnsafeMutablePointer<Float>, _ a: Operand, _ b: Operand, m: Int, n: Int, k: Int
    ) {
        let shares = Swift.max(1, Swift.min(workspaces.count, m, m * n * k / grain))
        pool.run(shares) { share in
            let start = m * share / shares
            let end = m * (share + 1) / shares
            var product = SluiceProduct(
                m: end - start, n: n, k: k, a: a.base + start * a.row, aRow: a.row, aColumn: a.column,
                b: b.base, bRow: b.row, bColumn: b.column, c: c + start * n, cRow: n, accumulates: 0,
                block: 0,
                bias: nil, activation: 0, workspace: workspaces[share].base)
            kernels.gemm(&product, 1, 0, 0, 0)
        }
    }
}
