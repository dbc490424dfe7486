public import Autograd
public import TensorCore

/// Each row of the last axis less its mean, over its deviation, times a weight
/// plus a bias (Ba, Kiros and Hinton 2016).
public struct LayerNorm: Layer {
    public let weight: Parameter
    public let bias: Parameter
    public let epsilon: Float

    public init(_ columns: Int, epsilon: Float = 1e-5, _ initializer: Initializer) {
        weight = initializer.constant(1, [columns])
        bias = initializer.constant(0, [columns])
        self.epsilon = epsilon
    }

    public var members: [Member] { [.parameter("weight", weight), .parameter("bias", bias)] }

    public func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        try x.layerNorm(gamma: pass(weight), beta: pass(bias), epsilon: epsilon)
    }
}
