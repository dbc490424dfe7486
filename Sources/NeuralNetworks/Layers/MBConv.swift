public import Autograd
public import TensorCore

/// Kernels without bias, a batch norm, which has one, and perhaps an activation.
public struct ConvNorm: Layer {
    public let convolution: Conv2d
    public let norm: BatchNorm
    public let activation: Activation?

    public init(
        _ channels: Int, _ outputs: Int, kernel: Int, stride: Int = 1, groups: Int = 1,
        activation: Activation? = nil, _ initializer: Initializer
    ) throws(TensorError) {
        convolution = try Conv2d(
            channels, outputs, kernel: (kernel, kernel),
            Steps(stride: stride, padding: kernel / 2, groups: groups), bias: false, initializer)
        norm = BatchNorm(outputs, initializer)
        self.activation = activation
    }

    public var members: [Member] { [.module("conv", convolution), .module("norm", norm)] }

    public func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        try norm(convolution(x, pass), pass, activation: activation)
    }
}

/// Channels weighed by what the whole image says of them (Hu et al.,
/// "Squeeze-and-excitation networks", 2018).
public struct SqueezeExcite: Layer {
    public let reduce: Conv2d
    public let expand: Conv2d

    public init(_ channels: Int, hidden: Int, _ initializer: Initializer) throws(TensorError) {
        reduce = try Conv2d(channels, hidden, kernel: (1, 1), Steps(), initializer)
        expand = try Conv2d(hidden, channels, kernel: (1, 1), Steps(), initializer)
    }

    public var members: [Member] { [.module("reduce", reduce), .module("expand", expand)] }

    public func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        let hidden = try reduce(x.mean([1, 2]), pass).applying(.silu)
        return try x * expand(hidden, pass).applying(.sigmoid)
    }
}

/// A block of EfficientNet (Tan and Le 2019, after Sandler et al., "MobileNetV2",
/// 2018): channels are made more, each is convolved by itself and weighed, and they
/// are made fewer; around a shortcut where the shape stays.
public struct MBConv: Layer {
    /// Nil where channels are not made more.
    public let expand: ConvNorm?
    public let depthwise: ConvNorm
    public let squeeze: SqueezeExcite
    public let project: ConvNorm
    public let hasShortcut: Bool

    /// - Parameters:
    ///   - expansion: How many times more channels there are inside.
    ///   - squeeze: Hidden channels of the squeeze; nil for a fourth of x's.
    public init(
        _ channels: Int, _ outputs: Int, kernel: Int, stride: Int = 1, expansion: Int, squeeze: Int? = nil,
        _ initializer: Initializer
    ) throws(TensorError) {
        let inside = channels * expansion
        expand =
            expansion == 1
            ? nil : try ConvNorm(channels, inside, kernel: 1, activation: .silu, initializer)
        depthwise = try ConvNorm(
            inside, inside, kernel: kernel, stride: stride, groups: inside, activation: .silu, initializer)
        self.squeeze = try SqueezeExcite(inside, hidden: squeeze ?? max(1, channels / 4), initializer)
        project = try ConvNorm(inside, outputs, kernel: 1, initializer)
        hasShortcut = stride == 1 && channels == outputs
    }

    public var members: [Member] {
        (expand.map { [.module("expand", $0)] } ?? []) + [
            .module("depthwise", depthwise), .module("squeeze", squeeze), .module("project", project),
        ]
    }

    public func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        let wide = try expand.map { expand throws(TensorError) in try expand(x, pass) } ?? x
        let y = try project(squeeze(depthwise(wide, pass), pass), pass)
        return hasShortcut ? try x + y : y
    }
}
