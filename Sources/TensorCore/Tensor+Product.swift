import CTensorKernels
import Platform

extension Tensor {
    /// How many multiplications make it worth to wake a worker: 20 microseconds of them.
    private static let workerGrain = 1 << 20

    /// The product of matrices in the last two axes; axes before are batches, and
    /// are repeated where one side has one.
    ///
    /// [..., m, k] x [..., k, n] -> [..., m, n]. Any views are multiplied where
    /// they lie. Each element is a left fold over blocks of 256 p, each an fma
    /// chain from zero, whatever the shapes beside it, layouts and threads
    /// (docs: numerics, rule 6).
    ///
    /// - Parameters:
    ///   - bias: One value a column of the result, added to the whole fold.
    ///   - isRectified: Whether what is below zero becomes zero at the end.
    public func product(
        with other: Tensor, bias: Tensor? = nil, isRectified: Bool = false
    ) throws(TensorError) -> Tensor {
        for tensor in [self, other] + (bias.map { [$0] } ?? []) where tensor.dtype != .f32 {
            throw .dtype(tensor.dtype, expected: .f32)
        }
        guard shape.rank >= 2, other.shape.rank >= 2, shape[-1] == other.shape[-2] else {
            throw .product(shape, other.shape)
        }
        let (m, k, n) = (shape[-2], shape[-1], other.shape[-1])
        if let bias, bias.shape != [n] { throw .broadcast([m, n], bias.shape) }
        let batch: Shape
        do {
            batch = try Shape(shape.sizes.dropLast(2)).broadcast(with: Shape(other.shape.sizes.dropLast(2)))
        } catch { throw .product(shape, other.shape) }
        let left = try layout.expanded(to: Shape(batch.sizes + [m, k])).matrices
        let right = try other.layout.expanded(to: Shape(batch.sizes + [k, n])).matrices
        let result = Tensor(unwritten: Shape(batch.sizes + [m, n]), .f32, in: context)
        let ending = bias?.contiguous()
        result.multiply((self, left), (other, right), m, n, k, bias: ending, isRectified: isRectified)
        return result
    }

    /// Fills this with the products of two lists of matrices. Workers share the
    /// matrices where there are enough of them, else the rows of each.
    private func multiply(
        _ left: (tensor: Tensor, places: MatrixPlaces), _ right: (tensor: Tensor, places: MatrixPlaces),
        _ m: Int, _ n: Int, _ k: Int, bias: Tensor?, isRectified: Bool
    ) {
        let count = left.places.offsets.count
        let work = count * m * n * max(k, 1)
        let splitsMatrices = count >= context.workers.size
        let shares = max(
            1, min(context.workers.size, work / Self.workerGrain, splitsMatrices ? count : m))
        let (a, b) = (left.tensor.pointer(to: Float.self), right.tensor.pointer(to: Float.self))
        let c = pointer(to: Float.self)
        context.workers.run(shares) { share in
            func part(_ all: Int) -> Range<Int> { (all * share / shares)..<(all * (share + 1) / shares) }
            let matrices = splitsMatrices ? part(count) : 0..<count
            let rows = splitsMatrices ? 0..<m : part(m)
            var product = SluiceProduct(
                m: rows.count, n: n, k: k, a: a, aRow: left.places.strides.row,
                aColumn: left.places.strides.column, b: b, bRow: right.places.strides.row,
                bColumn: right.places.strides.column, c: c, cRow: n, accumulates: 0, block: 0,
                bias: bias.map { UnsafePointer($0.pointer(to: Float.self)) }, activation: isRectified ? 1 : 0,
                workspace: context.workspaces[share].base.assumingMemoryBound(to: Float.self))
            let top = rows.lowerBound
            // Matrices that lie evenly apart go to the kernel in one call.
            var matrix = matrices.lowerBound
            while matrix < matrices.upperBound {
                // The second run is looked for within the first: a side that is repeated
                // has short ones, and the other one long ones.
                let first = right.places.run(from: matrix, below: matrices.upperBound)
                let run = left.places.run(from: matrix, below: matrix + first)
                product.a = UnsafePointer(a + left.places.offsets[matrix] + top * left.places.strides.row)
                product.b = UnsafePointer(b + right.places.offsets[matrix])
                product.c = c + (matrix * m + top) * n
                context.kernels.gemm(
                    &product, run, left.places.step(from: matrix), right.places.step(from: matrix), m * n)
                matrix += run
            }
        }
    }
}

/// Where each matrix of a batch begins, relative to the first, and its two strides.
struct MatrixPlaces {
    var offsets: [Int]
    var strides: (row: Int, column: Int)

    /// How far the next matrix lies; 0 for the last.
    func step(from matrix: Int) -> Int {
        matrix + 1 < offsets.count ? offsets[matrix + 1] - offsets[matrix] : 0
    }

    /// How many matrices from one on, below another, lie evenly apart.
    func run(from matrix: Int, below limit: Int) -> Int {
        let step = step(from: matrix)
        var end = matrix + 1
        while end < limit, offsets[end] - offsets[end - 1] == step { end += 1 }
        return end - matrix
    }
}

extension Layout {
    /// All axes but the last two as one list of matrices.
    var matrices: MatrixPlaces {
        var offsets = [0]
        for axis in 0..<(shape.rank - 2) {
            offsets = offsets.flatMap { start in (0..<shape.sizes[axis]).map { start + $0 * strides[axis] } }
        }
        return MatrixPlaces(offsets: offsets, strides: (strides[shape.rank - 2], strides[shape.rank - 1]))
    }
}
