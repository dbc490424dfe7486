public import Autograd
public import TensorCore

/// x w + b of rows x [..., inputs].
///
/// The weight lies as [inputs, outputs], so that its rows are read where they lie;
/// in a file it is [outputs, inputs].
public struct Linear: Layer {
    /// [inputs, outputs]
    public let weight: Parameter
    /// [outputs]
    public let bias: Parameter?
    /// Whether what is below zero becomes zero, in the same kernel.
    public let isRectified: Bool

    public init(
        _ inputs: Int, _ outputs: Int, bias: Bool = true, isRectified: Bool = false,
        initial: InitialWeights = .fanIn, _ initializer: Initializer
    ) throws(TensorError) {
        weight = try initializer.uniform(
            [inputs, outputs], bound: initial.bound(inputs: inputs, outputs: outputs))
        self.bias = bias ? try initial.biases(outputs, inputs: inputs, initializer) : nil
        self.isRectified = isRectified
    }

    /// Of parameters that are there already.
    public init(weight: Parameter, bias: Parameter?, isRectified: Bool = false) {
        self.weight = weight
        self.bias = bias
        self.isRectified = isRectified
    }

    public var members: [Member] {
        [.parameter("weight", weight, fileOrder: [1, 0])] + (bias.map { [.parameter("bias", $0)] } ?? [])
    }

    public func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        try x.linear(pass(weight), bias: bias.map { pass($0) }, isRectified: isRectified)
    }
}
