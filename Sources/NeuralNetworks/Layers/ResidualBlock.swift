public import Autograd
public import TensorCore

/// Two kernels of 3x3 around a shortcut, which has a kernel of its own where the
/// shape changes (He et al., "Deep residual learning", 2016, figure 2, left). Names
/// are torchvision's.
public struct ResidualBlock: Layer {
    private let first: (convolution: Conv2d, norm: BatchNorm)
    private let second: (convolution: Conv2d, norm: BatchNorm)
    private let shortcut: Sequential?

    public init(
        _ channels: Int, _ outputs: Int, stride: Int = 1, _ initializer: Initializer
    ) throws(TensorError) {
        func kernels(
            _ channels: Int, size: Int, stride: Int
        ) throws(TensorError) -> (convolution: Conv2d, norm: BatchNorm) {
            let convolution = try Conv2d(
                channels, outputs, kernel: (size, size), Steps(stride: stride, padding: size / 2),
                bias: false,
                initializer)
            return (convolution, BatchNorm(outputs, initializer))
        }
        first = try kernels(channels, size: 3, stride: stride)
        second = try kernels(outputs, size: 3, stride: 1)
        if stride != 1 || channels != outputs {
            let (convolution, norm) = try kernels(channels, size: 1, stride: stride)
            shortcut = Sequential([convolution, norm])
        } else {
            shortcut = nil
        }
    }

    public var members: [Member] {
        [
            .module("conv1", first.convolution), .module("bn1", first.norm),
            .module("conv2", second.convolution), .module("bn2", second.norm),
        ] + (shortcut.map { [.module("downsample", $0)] } ?? [])
    }

    public func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        let hidden = try first.norm(first.convolution(x, pass), pass).applying(.relu)
        let y = try second.norm(second.convolution(hidden, pass), pass)
        let kept = try shortcut.map { shortcut throws(TensorError) in try shortcut(x, pass) } ?? x
        return try (y + kept).applying(.relu)
    }
}
