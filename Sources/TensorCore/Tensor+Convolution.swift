import CTensorKernels
import Platform
import TensorKernels

extension Tensor {
    /// Images [images, height, width, channels] by kernels
    /// [outputs, height, width, channels / groups] -> [images, height, width, outputs]:
    /// a cross-correlation, as every framework has it.
    ///
    /// Each element is a fold over taps and channels in blocks of 256, in the order
    /// in which they lie in the kernel; nothing else enters (kernels.h).
    public func convolution(
        _ kernel: Tensor, bias: Tensor? = nil, isRectified: Bool = false, _ steps: Steps
    ) throws(TensorError) -> Tensor {
        var shape = try Self.convolutionShape(self.shape, kernel.shape, steps)
        try bias?.require("a bias", [kernel.shape[0]])
        let (x, w, bias) = (try dense(), try kernel.dense(), try bias?.dense())
        let y = Tensor(
            unwritten: [shape.images, shape.outHeight, shape.outWidth, shape.outputs], .f32, in: context)
        let kernels = context.kernels
        context.prepareWorkspaces(kernels.convolutionWorkspace(&shape))
        let lineWork = shape.outWidth * Self.pixelWork(shape)
        context.share(shape.images * shape.outHeight, work: lineWork) { [shape] share, lines in
            withUnsafePointer(to: shape) {
                kernels.convolution(
                    $0, y.target, x.floats, w.floats, bias?.floats, isRectified ? 1 : 0, lines.lowerBound,
                    lines.upperBound, context.workspace(share))
            }
        }
        return withExtendedLifetime((x, w, bias)) { y }
    }

    /// From the slope of the result of `convolution` that of the images.
    public static func convolutionInputGradient(
        _ slope: Tensor, _ images: Shape, _ kernel: Tensor, _ steps: Steps
    ) throws(TensorError) -> Tensor {
        var shape = try convolutionShape(images, kernel.shape, steps)
        try slope.require("a slope", [shape.images, shape.outHeight, shape.outWidth, shape.outputs])
        let (dy, w) = (try slope.dense(), try kernel.dense())
        let context = kernel.context
        let dx = Tensor(unwritten: images, .f32, in: context)
        let kernels = context.kernels
        context.prepareWorkspaces(kernels.convolutionWorkspace(&shape))
        let lineWork = shape.outWidth * pixelWork(shape)
        context.share(shape.images * shape.height, work: lineWork) { [shape] share, lines in
            withUnsafePointer(to: shape) {
                kernels.convolutionInputGradient(
                    $0, dx.target, dy.floats, w.floats, lines.lowerBound, lines.upperBound,
                    context.workspace(share))
            }
        }
        return withExtendedLifetime((dy, w)) { dx }
    }

    /// From the slope of the result of `convolution` that of the kernels: sums over
    /// the images, in leaves of `segment` images.
    public static func convolutionKernelGradient(
        _ slope: Tensor, _ images: Tensor, _ kernel: Shape, _ steps: Steps, segment: Int
    ) throws(TensorError) -> Tensor {
        var shape = try convolutionShape(images.shape, kernel, steps)
        try slope.require("a slope", [shape.images, shape.outHeight, shape.outWidth, shape.outputs])
        let (dy, x) = (try slope.dense(), try images.dense())
        let context = images.context
        let dw = Tensor(unwritten: kernel, .f32, in: context)
        let kernels = context.kernels
        context.prepareWorkspaces(kernels.convolutionWorkspace(&shape))
        let count = kernels.depthwiseParts(&shape, segment)
        let pixels = shape.images * shape.outHeight * shape.outWidth
        if count > 0 {
            let chains = Tensor(unwritten: [count, kernels.depthwisePartFloats(&shape)], .f32, in: context)
            let taps = shape.kernelHeight * shape.kernelWidth
            context.share(count, work: pixels * pixelWork(shape) / count) { [shape] share, parts in
                withUnsafePointer(to: shape) {
                    kernels.depthwiseWeightChains(
                        $0, chains.target, dy.floats, x.floats, segment, parts.lowerBound, parts.upperBound,
                        context.workspace(share))
                }
            }
            context.share(shape.channels, work: pixels / 256 * taps, step: 16) { [shape] _, channels in
                withUnsafePointer(to: shape) {
                    kernels.depthwiseWeightFolds(
                        $0, dw.target, chains.floats, segment, channels.lowerBound, channels.upperBound)
                }
            }
            withExtendedLifetime(chains) {}
        } else {
            // Outputs beside each other are what a tile is made of: they are shared where each worker gets
            // tiles of its own, and weights of an output where it would get half of one: 48 at once, which are
            // whole tiles of any height and whole lines of memory.
            let weights = shape.kernelHeight * shape.kernelWidth * shape.channels / max(shape.groups, 1)
            let (outputs, workers) = (shape.outputs / max(shape.groups, 1), context.workers.size)
            let sharesWeights = outputs >= 64 && outputs < 64 * workers && weights >= 48 * workers
            let (count, step) =
                sharesWeights ? (weights, 48) : (shape.outputs, outputs >= 64 * workers ? 64 : 1)
            let work = pixels * pixelWork(shape) / max(count, 1)
            context.share(count, work: work, step: step) { [shape] share, part in
                let (outputs, weights) =
                    sharesWeights ? (0..<shape.outputs, part) : (part, 0..<weights)
                withUnsafePointer(to: shape) {
                    kernels.convolutionWeightGradient(
                        $0, dw.target, dy.floats, x.floats, segment, outputs.lowerBound, outputs.upperBound,
                        weights.lowerBound, weights.upperBound, context.workspace(share))
                }
            }
        }
        return withExtendedLifetime((dy, x)) { dw }
    }

    /// What one pixel of the result takes, in additions: 16 multiplications are about as long.
    private static func pixelWork(_ shape: SluiceConvolution) -> Int {
        let taps = shape.kernelHeight * shape.kernelWidth * shape.channels / max(shape.groups, 1)
        return max(1, taps * shape.outputs / 16)
    }

    private static func convolutionShape(
        _ images: Shape, _ kernel: Shape, _ steps: Steps
    ) throws(TensorError) -> SluiceConvolution {
        guard images.rank == 4, kernel.rank == 4 else {
            throw .rule(
                "images \(images) by kernels \(kernel): a convolution takes images [images, height, width, "
                    + "channels] and kernels [outputs, height, width, channels / groups]")
        }
        let (channels, outputs, groups) = (images[3], kernel[0], steps.groups)
        guard groups >= 1, channels % groups == 0, outputs % groups == 0, kernel[3] == channels / groups
        else {
            throw .rule(
                "images \(images) by kernels \(kernel) in \(groups) groups: \(channels) channels and \(outputs) "
                    + "outputs must both be divided by the groups, and a kernel have the channels of one of them"
            )
        }
        return SluiceConvolution(
            images: images[0], height: images[1], width: images[2], channels: channels, outputs: outputs,
            kernelHeight: kernel[1], kernelWidth: kernel[2], strideY: steps.stride.y, strideX: steps.stride.x,
            padTop: steps.padding.y, padLeft: steps.padding.x, dilationY: steps.dilation.y,
            dilationX: steps.dilation.x, groups: groups,
            outHeight: try steps.places(0, images[1], taps: kernel[1]),
            outWidth: try steps.places(1, images[2], taps: kernel[2]))
    }
}
