public import Autograd
public import TensorCore
import TensorKernels

/// Makes parameters, each from random numbers of its own: a function of the seed,
/// the parameter's number, and the element's place.
public final class Initializer {
    public let context: TensorContext
    private let philox: Philox
    private var count = 0

    public init(seed: UInt64, in context: TensorContext) {
        self.context = context
        philox = Philox(seed: seed)
    }

    /// A number that no other part of the network has.
    public func next() -> Int {
        defer { count += 1 }
        return count
    }

    /// Uniform between -bound and bound.
    public func uniform(_ shape: Shape, bound: Float) throws(TensorError) -> Parameter {
        let number = next()
        let values = (0..<shape.count).map { bound * (Float(words($0, number)[0] >> 8) / 8_388_608 - 1) }
        return Parameter(try Tensor(values, shape, in: context))
    }

    /// Normal around 0.
    public func normal(_ shape: Shape, deviation: Float) throws(TensorError) -> Parameter {
        let number = next()
        let values = (0..<shape.count).map { deviation * Float(RandomStream.normal(words($0, number)).0) }
        return Parameter(try Tensor(values, shape, in: context))
    }

    public func constant(_ value: Float, _ shape: Shape) -> Parameter {
        Parameter(Tensor(repeating: value, shape, in: context))
    }

    private func words(_ element: Int, _ number: Int) -> SIMD4<UInt32> {
        philox(
            SIMD4(
                UInt32(truncatingIfNeeded: element), UInt32(truncatingIfNeeded: element >> 32),
                UInt32(truncatingIfNeeded: number), RandomStream.initialWeight.rawValue))
    }
}

/// How the weights of a layer begin; biases of the first begin likewise, of the
/// others at zero.
public enum InitialWeights: Sendable {
    /// Uniform within 1 / sqrt(inputs): what PyTorch's layers begin with.
    case fanIn
    /// Uniform within sqrt(6 / inputs), for layers before a relu (He et al. 2015).
    case he
    /// Uniform within sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010).
    case glorot

    public func bound(inputs: Int, outputs: Int) -> Float {
        switch self {
        case .fanIn: (1 / Float(max(inputs, 1))).squareRoot()
        case .he: (6 / Float(max(inputs, 1))).squareRoot()
        case .glorot: (6 / Float(max(inputs + outputs, 1))).squareRoot()
        }
    }

    func biases(_ count: Int, inputs: Int, _ initializer: Initializer) throws(TensorError) -> Parameter {
        if case .fanIn = self {
            return try initializer.uniform([count], bound: bound(inputs: inputs, outputs: count))
        }
        return initializer.constant(0, [count])
    }
}
