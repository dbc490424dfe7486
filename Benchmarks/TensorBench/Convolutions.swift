import BenchLoop
import CTensorKernels
import TensorKernels

extension Case {
    /// Layers of image networks, and both layers of a small one with their gradients.
    static var convolutions: [Case] {
        let wide = square(32, 56, 32, 64, kernel: 3, pad: 1)
        let point = square(32, 56, 64, 128, kernel: 1)
        let depthwise = square(32, 56, 128, 128, kernel: 3, pad: 1, groups: 128)
        return passes("conv 3x3", wide) + passes("conv 1x1", point) + passes("depthwise 3x3", depthwise)
            + passes("conv 3x3 of 256", square(8, 14, 256, 256, kernel: 3, pad: 1))
            + passes("conv 3x3 stride 2", square(32, 56, 64, 128, kernel: 3, stride: 2, pad: 1))
            + passes("cnn first", square(128, 28, 1, 32, kernel: 3), withInput: false)
            + passes("cnn second", square(128, 26, 32, 64, kernel: 3))
    }

    private struct Operands {
        let x, w, y, workspace, chains: UnsafeMutablePointer<Float>
    }

    private static func square(
        _ images: Int, _ size: Int, _ channels: Int, _ outputs: Int, kernel: Int, stride: Int = 1,
        pad: Int = 0, groups: Int = 1
    ) -> SluiceConvolution {
        let out = (size + 2 * pad - kernel) / stride + 1
        return SluiceConvolution(
            images: images, height: size, width: size, channels: channels, outputs: outputs,
            kernelHeight: kernel, kernelWidth: kernel, strideY: stride, strideX: stride, padTop: pad,
            padLeft: pad, dilationY: 1, dilationX: 1, groups: groups, outHeight: out, outWidth: out)
    }

    /// Forward, and backward to the input and to the weights.
    private static func passes(_ name: String, _ shape: SluiceConvolution, withInput: Bool = true) -> [Case] {
        let input = shape.images * shape.height * shape.width * shape.channels
        let output = shape.images * shape.outHeight * shape.outWidth * shape.outputs
        let weights =
            shape.outputs * shape.kernelHeight * shape.kernelWidth * (shape.channels / shape.groups)
        func make(
            _ work:
                @escaping (
                    SluiceKernels, inout SluiceConvolution, Operands
                ) -> Void
        ) -> () -> () -> Void {
            {
                let kernels = KernelLevel.current.kernels
                var shape = shape
                let operands = Operands(
                    x: floats(input), w: floats(weights), y: floats(output),
                    workspace: floats(kernels.convolutionWorkspace(&shape)),
                    chains: floats(kernels.depthwiseParts(&shape, 0) * kernels.depthwisePartFloats(&shape)))
                return { work(kernels, &shape, operands) }
            }
        }
        let forward = Case(
            name: name,
            make: make { kernels, shape, it in
                kernels.convolution(
                    &shape, it.y, it.x, it.w, nil, 0, 0, shape.images * shape.outHeight, it.workspace)
            })
        let toInput = Case(
            name: name + ", to the input",
            make: make { kernels, shape, it in
                kernels.convolutionInputGradient(
                    &shape, it.x, it.y, it.w, 0, shape.images * shape.height, it.workspace)
            })
        let toWeights = Case(
            name: name + ", to the weights",
            make: make { kernels, shape, it in
                let parts = kernels.depthwiseParts(&shape, 0)
                if parts > 0 {
                    kernels.depthwiseWeightChains(&shape, it.chains, it.y, it.x, 0, 0, parts, it.workspace)
                    kernels.depthwiseWeightFolds(&shape, it.w, it.chains, 0, 0, shape.channels)
                } else {
                    let weights = shape.kernelHeight * shape.kernelWidth * shape.channels / shape.groups
                    kernels.convolutionWeightGradient(
                        &shape, it.w, it.y, it.x, 0, 0, shape.outputs, 0, weights, it.workspace)
                }
            })
        return withInput ? [forward, toInput, toWeights] : [forward, toWeights]
    }
}
