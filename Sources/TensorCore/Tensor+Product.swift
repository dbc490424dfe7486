import CTensorKernels
import Platform

extension Tensor {
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
        try require(.f32)
        try other.require(.f32)
        try bias?.require(.f32)
        let (left, right) = (shape, other.shape)
        guard left.rank >= 2, right.rank >= 2, left[-1] == right[-2] else { throw .product(left, right) }
        if let bias, bias.shape.rank != 1 || bias.count != right[-1] {
            throw .broadcast([left[-2], right[-1]], bias.shape)
        }
        let ending = bias?.contiguous()
        if left.rank == 2, right.rank == 2 {
            let result = Tensor(unwritten: [left[0], right[1]], .f32, in: context)
            result.multiply(self, other, bias: ending, isRectified: isRectified)
            return result
        }
        let batch: Shape
        do {
            batch = try Shape(left.sizes.dropLast(2)).broadcast(with: Shape(right.sizes.dropLast(2)))
        } catch { throw .product(left, right) }
        let result = Tensor(unwritten: Shape(batch.sizes + [left[-2], right[-1]]), .f32, in: context)
        // Matrices that lie one behind another and all meet the same one are rows of one.
        if left.rank > 2, result.count > 0, other.count == right[-1] * right[-2], layout.isContiguous {
            result.multiply(
                try reshaped(to: [result.count / right[-1], left[-1]]),
                try other.reshaped(to: [right[-2], right[-1]]), bias: ending, isRectified: isRectified)
        } else {
            try result.multiply(self, other, batch: batch, bias: ending, isRectified: isRectified)
        }
        return result
    }

    /// The slope of a value that was rectified: the product of [m, k] and [k, n], with zeros where `value`,
    /// [m, n], is zero or below. Whoever makes a part of it also puts the zeros there, for what one core
    /// has written another one reads slowly.
    public func rectifiedSlope(times other: Tensor, of value: Tensor) throws(TensorError) -> Tensor {
        for tensor in [self, other] { try tensor.require(.f32) }
        guard shape.rank == 2, other.shape.rank == 2, shape[1] == other.shape[0] else {
            throw .product(shape, other.shape)
        }
        try value.require("a rectified value", [shape[0], other.shape[1]])
        let result = Tensor(unwritten: value.shape, .f32, in: context)
        result.multiply(self, other, zerosOf: try value.dense())
        return result
    }

    /// The sum over rows of the products of the elements of a row with those of
    /// another: [rows, m] and [rows, n] -> [m, n], the gradient of a weight.
    ///
    /// - Parameter leaf: Rows whose sum is made by itself, as a product is; the
    ///   sums of leaves are folded left to right (docs: numerics, rule 8). 0 for all.
    public func transposedProduct(with other: Tensor, leaf: Int = 0) throws(TensorError) -> Tensor {
        try require(.f32)
        try other.require(.f32)
        guard shape.rank == 2, other.shape.rank == 2, shape[0] == other.shape[0] else {
            throw .product(Shape(shape.sizes.reversed()), other.shape)
        }
        let rows = shape[0]
        var result = Tensor(unwritten: [shape[1], other.shape[1]], .f32, in: context)
        guard leaf > 256, leaf < rows else {
            // A block of a product is a chain from zero, and blocks are folded: a leaf is one.
            result.multiply(try transposed(), other, block: leaf < rows ? leaf : 0)
            return result
        }
        for start in stride(from: 0, to: rows, by: leaf) {
            let range = start..<Swift.min(start + leaf, rows)
            let left = try sliced(0, range).transposed()
            let right = try other.sliced(0, range)
            if start == 0 {
                result.multiply(left, right)
            } else {
                let term = Tensor(unwritten: result.shape, .f32, in: context)
                term.multiply(left, right)
                result = try result.adding(term)
            }
        }
        return result
    }

    /// Fills this with the products of the matrices of a batch.
    private func multiply(
        _ left: Tensor, _ right: Tensor, batch: Shape, bias: Tensor?, isRectified: Bool
    ) throws(TensorError) {
        let (m, k, n) = (left.shape[-2], left.shape[-1], right.shape[-1])
        multiply(
            (left, try left.layout.expanded(to: Shape(batch.sizes + [m, k])).matrices),
            (right, try right.layout.expanded(to: Shape(batch.sizes + [k, n])).matrices), m, n, k, bias: bias,
            isRectified: isRectified)
    }

    /// Fills this with the product of two matrices. Workers share the longer side of
    /// it: each copies all of the other factor. Zeros are put where `value`, of the same shape, is
    /// zero or below.
    private func multiply(
        _ left: Tensor, _ right: Tensor, bias: Tensor? = nil, isRectified: Bool = false,
        zerosOf value: Tensor? = nil, block: Int = 0
    ) {
        let (m, k, n) = (left.shape.sizes[0], left.shape.sizes[1], right.shape.sizes[1])
        let product = SluiceProduct(
            m: m, n: n, k: k, a: left.floats, aRow: left.layout.strides[0], aColumn: left.layout.strides[1],
            b: right.floats, bRow: right.layout.strides[0], bColumn: right.layout.strides[1], c: target,
            cRow: n, accumulates: 0, block: block, bias: bias?.floats, activation: isRectified ? 1 : 0,
            workspace: context.workspace(0))
        let kernels = context.kernels
        let sharesRows = m >= n
        let work = Swift.min(m, n) * max(k, 1) / 16
        context.share(sharesRows ? m : n, work: work, step: sharesRows ? 8 : 32) { share, range in
            var part = product
            if sharesRows {
                part.m = range.count
                part.a += range.lowerBound * part.aRow
                part.c += range.lowerBound * n
            } else {
                part.n = range.count
                part.b += range.lowerBound * part.bColumn
                part.c += range.lowerBound
                part.bias = part.bias.map { $0 + range.lowerBound }
            }
            part.workspace = context.workspace(share)
            kernels.gemm(&part, 1, 0, 0, 0)
            guard let value else { return }
            let kept = value.floats + (part.c - target)
            if sharesRows {
                kernels.reluGradient(part.c, part.c, kept, part.m * n)
            } else {
                for row in 0..<m {
                    kernels.reluGradient(part.c + row * n, part.c + row * n, kept + row * n, part.n)
                }
            }
        }
    }

    /// Fills this with the products of two lists of matrices. Workers share the
    /// matrices where there are enough of them, else the rows of each.
    private func multiply(
        _ left: (tensor: Tensor, places: MatrixPlaces), _ right: (tensor: Tensor, places: MatrixPlaces),
        _ m: Int, _ n: Int, _ k: Int, bias: Tensor?, isRectified: Bool
    ) {
        let count = left.places.offsets.count
        let splitsMatrices = count >= context.workers.size
        let (a, b) = (left.tensor.pointer(to: Float.self), right.tensor.pointer(to: Float.self))
        let c = pointer(to: Float.self)
        // 32 multiplications and additions take as long as two additions from a cache.
        let work = n * max(k, 1) / 16 * (splitsMatrices ? m : 1)
        context.share(splitsMatrices ? count : m, work: work) { share, part in
            let matrices = splitsMatrices ? part : 0..<count
            let rows = splitsMatrices ? 0..<m : part
            var product = SluiceProduct(
                m: rows.count, n: n, k: k, a: a, aRow: left.places.strides.row,
                aColumn: left.places.strides.column, b: b, bRow: right.places.strides.row,
                bColumn: right.places.strides.column, c: c, cRow: n, accumulates: 0, block: 0,
                bias: bias.map { UnsafePointer($0.pointer(to: Float.self)) }, activation: isRectified ? 1 : 0,
                workspace: context.workspace(share))
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
