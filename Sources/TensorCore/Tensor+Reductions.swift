import CTensorKernels
import TensorKernels

extension Tensor {
    /// The sum over axes, which stay as axes of one element.
    ///
    /// Axes that do not lie side by side are brought to the front. Rows are then
    /// folded from the first to the last; elements that lie together are summed
    /// as the kernel `sum` does. Sums over axis 0 are made of leaves, which are
    /// folded left to right (docs: numerics, rule 8).
    ///
    /// - Parameter segment: Elements of axis 0 that make a leaf; 0 for all.
    public func sum(_ axes: [Int], segment: Int = 0) throws(TensorError) -> Tensor {
        try require(.f32)
        var summed = [Bool](repeating: false, count: shape.rank)
        for axis in axes { summed[try shape.axis(axis)] = true }
        let inner = shape.sizes.indices.filter { !summed[$0] }
        let outer = shape.sizes.indices.filter { summed[$0] }
        guard let first = outer.first, let last = outer.last else { return self }
        if last - first + 1 != outer.count {
            let front = try permuted(outer + inner).sum(
                Array(outer.indices), segment: summed[0] ? segment : 0)
            return try front.reshaped(to: Shape(zip(shape.sizes, summed).map { $1 ? 1 : $0 }))
        }
        return try sum(first...last, segment: first == 0 ? segment : 0)
    }

    private func sum(_ axes: ClosedRange<Int>, segment: Int) throws(TensorError) -> Tensor {
        let x = try dense()
        var sizes = shape.sizes
        for axis in axes { sizes[axis] = 1 }
        let result = Tensor(unwritten: Shape(sizes), .f32, in: context)
        let blocks = shape.sizes[..<axes.lowerBound].reduce(1, *)
        let rows = shape.sizes[axes].reduce(1, *)
        let columns = shape.sizes[(axes.upperBound + 1)...].reduce(1, *)
        let leaf = axes.lowerBound == 0 ? shape.leaf(segment, of: rows) : 0
        let (from, to, kernels) = (x.floats, result.target, context.kernels)
        context.share(blocks, work: rows * columns) { _, range in
            for block in range {
                let start = from + block * rows * columns
                if columns == 1 {
                    to[block] = Self.sumOfLeaves(start, rows, leaf, kernels)
                } else {
                    kernels.sumRows(to + block * columns, start, rows, columns, leaf)
                }
            }
        }
        return withExtendedLifetime(x) { result }
    }

    private static func sumOfLeaves(
        _ x: UnsafePointer<Float>, _ count: Int, _ leaf: Int, _ kernels: SluiceKernels
    ) -> Float {
        guard leaf > 0, leaf < count else { return kernels.sum(x, count) }
        var sum = kernels.sum(x, leaf)
        for start in stride(from: leaf, to: count, by: leaf) {
            sum += kernels.sum(x + start, Swift.min(leaf, count - start))
        }
        return sum
    }

    /// The sum of all elements, a scalar: the sum over all axes.
    public func sum(segment: Int = 0) throws(TensorError) -> Tensor {
        try sum(Array(shape.sizes.indices), segment: segment).reshaped(to: [])
    }

    /// The mean over axes, which stay as axes of one element: the sum divided by
    /// the number of elements.
    public func mean(_ axes: [Int], segment: Int = 0) throws(TensorError) -> Tensor {
        let sum = try sum(axes, segment: segment)
        let divide = context.kernels.divideByScalar
        let count = Float(sum.count == 0 ? 0 : self.count / sum.count)
        return try sum.mapped { y, x, n in divide(y, x, count, n) }
    }

    /// Summed over the axes along which a shape was repeated to become this one.
    public func sum(to original: Shape, segment: Int = 0) throws(TensorError) -> Tensor {
        if shape == original { return self }
        let added = shape.rank - original.rank
        guard added >= 0 else { throw .expand(original, to: shape) }
        let axes = shape.sizes.indices.filter {
            $0 < added || original.sizes[$0 - added] == 1 && shape.sizes[$0] != 1
        }
        return try sum(Array(axes), segment: segment).reshaped(to: original)
    }

    /// Where the largest element of each row lies, the first of equals; a NaN is
    /// larger than any.
    ///
    /// - Complexity: O(count).
    public func argMax() throws(TensorError) -> Tensor {
        let x = try dense()
        let (count, columns) = rows
        guard columns > 0 || count == 0 else {
            throw .rule("shape \(shape): rows without elements have no largest")
        }
        let places = (0..<count).map { row -> Int32 in
            let line = x.floats + row * columns
            var best = 0
            for column in 1..<Swift.max(columns, 1) {
                if line[best].isNaN { break }
                if line[column] > line[best] || line[column].isNaN { best = column }
            }
            return Int32(best)
        }
        return try withExtendedLifetime(x) { () throws(TensorError) in
            try Tensor(places, Shape(shape.sizes.dropLast()), in: context)
        }
    }
}
