public import Autograd
public import TensorCore

/// Kernels over images [images, height, width, channels].
///
/// The weight lies as [outputs, height, width, channels / groups]; in a file it is
/// [outputs, channels / groups, height, width].
public struct Conv2d: Layer {
    public let weight: Parameter
    /// [outputs]
    public let bias: Parameter?
    public let steps: Steps
    /// Whether what is below zero becomes zero, in the same kernel.
    public let isRectified: Bool

    public init(
        _ channels: Int, _ outputs: Int, kernel: (y: Int, x: Int), _ steps: Steps = Steps(),
        bias: Bool = true,
        isRectified: Bool = false, initial: InitialWeights = .fanIn, _ initializer: Initializer
    ) throws(TensorError) {
        let own = channels / max(steps.groups, 1)
        let inputs = own * kernel.y * kernel.x
        let reached = outputs / max(steps.groups, 1) * kernel.y * kernel.x
        weight = try initializer.uniform(
            [outputs, kernel.y, kernel.x, own], bound: initial.bound(inputs: inputs, outputs: reached))
        self.bias = bias ? try initial.biases(outputs, inputs: inputs, initializer) : nil
        self.steps = steps
        self.isRectified = isRectified
    }

    public var members: [Member] {
        [.parameter("weight", weight, fileOrder: [0, 3, 1, 2])]
            + (bias.map { [.parameter("bias", $0)] } ?? [])
    }

    public func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        try x.convolution(pass(weight), bias: bias.map { pass($0) }, isRectified: isRectified, steps)
    }
}

/// Kernels over lines [lines, length, channels].
///
/// The weight lies as [outputs, taps, channels / groups]; in a file it is
/// [outputs, channels / groups, taps].
public struct Conv1d: Layer {
    public let weight: Parameter
    /// [outputs]
    public let bias: Parameter?
    private let steps: Steps

    public init(
        _ channels: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
        groups: Int = 1, bias: Bool = true, initial: InitialWeights = .fanIn, _ initializer: Initializer
    ) throws(TensorError) {
        let own = channels / max(groups, 1)
        weight = try initializer.uniform(
            [outputs, kernel, own],
            bound: initial.bound(inputs: own * kernel, outputs: outputs / max(groups, 1) * kernel))
        self.bias = bias ? try initial.biases(outputs, inputs: own * kernel, initializer) : nil
        steps = Steps(stride: (1, stride), padding: (0, padding), dilation: (1, dilation), groups: groups)
    }

    public var members: [Member] {
        [.parameter("weight", weight, fileOrder: [0, 2, 1])] + (bias.map { [.parameter("bias", $0)] } ?? [])
    }

    /// A line is an image of one row.
    public func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        try x.unsqueezed(1).convolution(pass(weight).unsqueezed(1), bias: bias.map { pass($0) }, steps)
            .squeezed(1)
    }
}
