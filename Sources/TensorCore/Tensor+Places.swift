import TensorKernels

// Elements put to other places: several tensors into one, one into a larger one.

extension Tensor {
    /// One behind the other along an axis; other axes are as long in all.
    public static func concatenated(_ parts: [Tensor], _ axis: Int) throws(TensorError) -> Tensor {
        guard let first = parts.first else { throw .rule("nothing to put one behind the other") }
        let axis = try first.shape.axis(axis)
        var sizes = first.shape.sizes
        sizes[axis] = 0
        for part in parts {
            try part.require(first.dtype)
            var expected = part.shape.rank == sizes.count ? first.shape.sizes : []
            if !expected.isEmpty { expected[axis] = part.shape[axis] }
            guard part.shape.sizes == expected else {
                throw .concatenate(part.shape, onto: first.shape, axis: axis)
            }
            sizes[axis] += part.shape[axis]
        }
        let whole = Tensor(unwritten: Shape(sizes), first.dtype, in: first.context)
        var lower = 0
        for part in parts {
            let place = try whole.sliced(axis, lower..<(lower + part.shape[axis]))
            place.write(part)
            lower += part.shape[axis]
        }
        return whole
    }

    /// Elements of a slice at their places in zeros of another shape.
    public func placed(
        _ axis: Int, from lower: Int, by step: Int, in shape: Shape
    ) throws(TensorError) -> Tensor {
        try require(.f32)
        let part = try Layout(shape).sliced(
            axis, from: lower,
            to: Swift.min(shape[axis], lower + Swift.max(0, self.shape[axis] - 1) * step + 1),
            by: step)
        try require("a part", part.shape)
        let whole = Tensor(repeating: Float(0), shape, in: context)
        let upper = Swift.min(shape[axis], lower + self.shape[axis] * step)
        try whole.sliced(axis, lower..<upper, by: step).write(self)
        return whole
    }

    /// All axes but the last as one: [..., n] -> [rows, n].
    public func flattenedToRows() throws(TensorError) -> Tensor {
        try reshaped(to: [rows.count, rows.columns])
    }
}
