import CTensorKernels
import TensorKernels

// Functions of each element beside their gradients, and functions of each row
// of the last axis beside theirs. A gradient takes over the memory of the slope
// it is made from where nobody else sees it.

/// A function of each element that has a kernel of its own.
public enum Activation: String, Sendable, Hashable, CaseIterable {
    case relu, gelu
    case geluTanh = "gelu_tanh"
    case silu, sigmoid, tanh, exp, log

    /// Whether the gradient is made from the function's value, else from its argument.
    public var keepsValue: Bool {
        switch self {
        case .relu, .sigmoid, .tanh, .exp: true
        case .gelu, .geluTanh, .silu, .log: false
        }
    }
}

extension Tensor {
    /// f(x)
    public func applying(_ activation: Activation) throws(TensorError) -> Tensor {
        let kernels = context.kernels
        switch activation {
        case .relu: return try mapped { kernels.relu($0, $1, $2) }
        case .gelu: return try mapped(work: 8) { kernels.gelu($0, $1, $2) }
        case .geluTanh: return try mapped(work: 8) { kernels.geluTanh($0, $1, $2) }
        case .silu: return try mapped(work: 4) { kernels.silu($0, $1, $2) }
        case .sigmoid: return try mapped(work: 4) { kernels.sigmoid($0, $1, $2) }
        case .tanh: return try mapped(work: 4) { kernels.tanh($0, $1, $2) }
        case .exp: return try mapped(work: 2) { kernels.exp($0, $1, $2) }
        case .log: return try mapped(work: 2) { kernels.log($0, $1, $2) }
        }
    }

    /// From the slope of f(x) that of x.
    ///
    /// - Parameter kept: f(x) or x, as `Activation.keepsValue` says.
    public static func gradient(
        of activation: Activation, _ slope: consuming Tensor, _ kept: Tensor
    ) throws(TensorError) -> Tensor {
        let kernels = kept.context.kernels
        switch activation {
        case .relu: return try gradient(slope, kept, work: 1) { kernels.reluGradient($0, $1, $2, $3) }
        case .gelu: return try gradient(slope, kept, work: 10) { kernels.geluGradient($0, $1, $2, $3) }
        case .geluTanh:
            return try gradient(slope, kept, work: 10) { kernels.geluTanhGradient($0, $1, $2, $3) }
        case .silu: return try gradient(slope, kept, work: 6) { kernels.siluGradient($0, $1, $2, $3) }
        case .sigmoid: return try gradient(slope, kept, work: 1) { kernels.sigmoidGradient($0, $1, $2, $3) }
        case .tanh: return try gradient(slope, kept, work: 1) { kernels.tanhGradient($0, $1, $2, $3) }
        case .exp: return try gradient(slope, kept, work: 1) { kernels.multiply($0, $1, $2, $3) }
        case .log: return try gradient(slope, kept, work: 1) { kernels.divide($0, $1, $2, $3) }
        }
    }

    private static func gradient(
        _ slope: consuming Tensor, _ kept: Tensor, work: Int,
        _ kernel: (
            UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
        ) -> Void
    ) throws(TensorError) -> Tensor {
        try slope.require("a slope", kept.shape)
        slope = try slope.dense()
        let kept = try kept.dense()
        let result = unwritten(kept.shape, replacing: &slope)
        let (to, dy, from) = (result.target, slope.floats, kept.floats)
        kept.context.share(kept.count, work: work, step: 16) { _, range in
            let start = range.lowerBound
            kernel(to + start, dy + start, from + start, range.count)
        }
        return withExtendedLifetime((slope, kept)) { result }
    }

    // MARK: Rows

    /// exp(x) over the sum of exp(x) along the last axis.
    public func softmax() throws(TensorError) -> Tensor {
        try mappedRows { [kernels = context.kernels] in kernels.softmax($0, $1, $2, $3) }
    }

    /// The logarithm of `softmax`.
    public func logSoftmax() throws(TensorError) -> Tensor {
        try mappedRows { [kernels = context.kernels] in kernels.logSoftmax($0, $1, $2, $3) }
    }

    /// From the slope of a softmax y that of its argument.
    public static func softmaxGradient(_ slope: consuming Tensor, _ y: Tensor) throws(TensorError) -> Tensor {
        let kernels = y.context.kernels
        return try rowsGradient(slope, y) { kernels.softmaxGradient($0, $1, $2, $3, $4) }
    }

    /// From the slope of a log-softmax y that of its argument.
    public static func logSoftmaxGradient(
        _ slope: consuming Tensor, _ y: Tensor
    ) throws(TensorError) -> Tensor {
        let kernels = y.context.kernels
        return try rowsGradient(slope, y) { kernels.logSoftmaxGradient($0, $1, $2, $3, $4) }
    }

    private func mappedRows(
        _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int, Int) -> Void
    ) throws(TensorError) -> Tensor {
        let x = try dense()
        let y = Tensor(unwritten: shape, .f32, in: context)
        let (from, to) = (x.floats, y.target)
        let (count, columns) = rows
        context.share(count, work: 4 * columns) { _, range in
            let start = range.lowerBound * columns
            kernel(to + start, from + start, range.count, columns)
        }
        return withExtendedLifetime(x) { y }
    }

    private static func rowsGradient(
        _ slope: consuming Tensor, _ y: Tensor,
        _ kernel: (
            UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int, Int
        ) -> Void
    ) throws(TensorError) -> Tensor {
        try slope.require("a slope", y.shape)
        slope = try slope.dense()
        let y = try y.dense()
        let result = unwritten(y.shape, replacing: &slope)
        let (to, dy, from) = (result.target, slope.floats, y.floats)
        let (count, columns) = y.rows
        y.context.share(count, work: 3 * columns) { _, range in
            let start = range.lowerBound * columns
            kernel(to + start, dy + start, from + start, range.count, columns)
        }
        return withExtendedLifetime((slope, y)) { result }
    }
}
