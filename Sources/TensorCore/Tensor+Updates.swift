import CTensorKernels
import TensorKernels

// Changes of a tensor in place. Where others see its memory they keep what they
// saw: it is copied first.

extension Tensor {
    /// Puts another content into the elements, by a kernel that reads a tensor of the same shape.
    package mutating func update(
        with gradient: Tensor,
        _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
    ) throws(TensorError) {
        let gradient = try prepared(for: gradient)
        let (w, g) = (target, gradient.floats)
        context.share(count, work: 1, step: 16) { _, range in
            kernel(w + range.lowerBound, g + range.lowerBound, range.count)
        }
        withExtendedLifetime(gradient) {}
    }

    /// The same with a tensor of the same shape that is kept from one time to the next, zeros at first.
    package mutating func update(
        with gradient: Tensor, _ first: inout Tensor?,
        _ kernel: (
            UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int
        ) -> Void
    ) throws(TensorError) {
        let gradient = try prepared(for: gradient)
        var moments = first.take() ?? Tensor(repeating: Float(0), shape, in: context)
        moments.becomeAlone()
        let (w, m, g) = (target, moments.target, gradient.floats)
        context.share(count, work: 2, step: 16) { _, range in
            let start = range.lowerBound
            kernel(w + start, m + start, g + start, range.count)
        }
        first = moments
        withExtendedLifetime(gradient) {}
    }

    /// The same with two that are kept.
    package mutating func update(
        with gradient: Tensor, _ first: inout Tensor?, _ second: inout Tensor?,
        _ kernel: (
            UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>,
            UnsafePointer<Float>, Int
        ) -> Void
    ) throws(TensorError) {
        let gradient = try prepared(for: gradient)
        var moments = first.take() ?? Tensor(repeating: Float(0), shape, in: context)
        var squares = second.take() ?? Tensor(repeating: Float(0), shape, in: context)
        moments.becomeAlone()
        squares.becomeAlone()
        let (w, m, v, g) = (target, moments.target, squares.target, gradient.floats)
        context.share(count, work: 8, step: 16) { _, range in
            let start = range.lowerBound
            kernel(w + start, m + start, v + start, g + start, range.count)
        }
        (first, second) = (moments, squares)
        withExtendedLifetime(gradient) {}
    }

    private mutating func prepared(for gradient: Tensor) throws(TensorError) -> Tensor {
        try require(.f32)
        try gradient.require("a gradient", shape)
        becomeAlone()
        return try gradient.dense()
    }

    /// Dense, in memory that nobody else sees.
    private mutating func becomeAlone() {
        if !layout.isContiguous || !isAlone { self = copied() }
    }

    /// The sum of squares, in blocks of 4096 elements that are added in double.
    package func sumOfSquares() throws(TensorError) -> Double {
        let x = try dense()
        var sum = 0.0
        for start in stride(from: 0, to: count, by: 4096) {
            let part = x.floats + start
            sum += Double(context.kernels.dot(part, part, Swift.min(4096, count - start)))
        }
        return withExtendedLifetime(x) { sum }
    }
}
