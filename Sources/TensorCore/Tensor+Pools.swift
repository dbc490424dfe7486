import CTensorKernels
import TensorKernels

extension Tensor {
    /// The largest element of each window of images [images, height, width, channels];
    /// a NaN wins.
    ///
    /// - Parameter size: Of a window, in pixels.
    public func maxPool(_ size: (y: Int, x: Int), _ steps: Steps) throws(TensorError) -> Tensor {
        try pool(size, steps) { [kernels = context.kernels] in kernels.maxPool($0, $1, $2, $3, $4) }
    }

    /// From the slope of the result y of `maxPool` that of the images x: the first
    /// element of a window that is its largest takes it.
    public static func maxPoolGradient(
        _ slope: Tensor, _ x: Tensor, _ y: Tensor, _ size: (y: Int, x: Int), _ steps: Steps
    ) throws(TensorError) -> Tensor {
        try y.require("a pool's result", slope.shape)
        let (x, y) = (try x.dense(), try y.dense())
        let kernels = x.context.kernels
        return try poolGradient(slope, x.shape, size, steps) {
            kernels.maxPoolGradient($0, $1, $2, x.floats, y.floats, $3, $4)
        }
    }

    /// The mean of each window, of all its elements or of those on the image.
    public func averagePool(
        _ size: (y: Int, x: Int), countsPadding: Bool = true, _ steps: Steps
    ) throws(TensorError) -> Tensor {
        try pool(size, steps) { [kernels = context.kernels] in
            kernels.averagePool($0, $1, $2, countsPadding ? 1 : 0, $3, $4)
        }
    }

    /// From the slope of the result of `averagePool` that of images of a shape.
    public static func averagePoolGradient(
        _ slope: Tensor, _ images: Shape, _ size: (y: Int, x: Int), countsPadding: Bool, _ steps: Steps
    ) throws(TensorError) -> Tensor {
        let kernels = slope.context.kernels
        return try poolGradient(slope, images, size, steps) {
            kernels.averagePoolGradient($0, $1, $2, countsPadding ? 1 : 0, $3, $4)
        }
    }

    private func pool(
        _ size: (y: Int, x: Int), _ steps: Steps,
        _ kernel: (
            UnsafePointer<SluiceWindow>, UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int, Int
        ) -> Void
    ) throws(TensorError) -> Tensor {
        let window = try Self.window(shape, size, steps)
        let x = try dense()
        let y = Tensor(
            unwritten: [window.images, window.outHeight, window.outWidth, window.channels], .f32, in: context)
        let work = window.outWidth * window.channels * size.y * size.x
        context.share(window.images * window.outHeight, work: work) { _, lines in
            withUnsafePointer(to: window) {
                kernel($0, y.target, x.floats, lines.lowerBound, lines.upperBound)
            }
        }
        return withExtendedLifetime(x) { y }
    }

    private static func poolGradient(
        _ slope: Tensor, _ images: Shape, _ size: (y: Int, x: Int), _ steps: Steps,
        _ kernel: (
            UnsafePointer<SluiceWindow>, UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int, Int
        ) -> Void
    ) throws(TensorError) -> Tensor {
        let window = try window(images, size, steps)
        try slope.require("a slope", [window.images, window.outHeight, window.outWidth, window.channels])
        let dy = try slope.dense()
        let dx = Tensor(unwritten: images, .f32, in: slope.context)
        slope.context.share(window.images, work: images.count / max(window.images, 1) * 2) { _, range in
            withUnsafePointer(to: window) {
                kernel($0, dx.target, dy.floats, range.lowerBound, range.upperBound)
            }
        }
        return withExtendedLifetime(dy) { dx }
    }

    private static func window(
        _ images: Shape, _ size: (y: Int, x: Int), _ steps: Steps
    ) throws(TensorError) -> SluiceWindow {
        guard images.rank == 4 else {
            throw .rule("shape \(images): a pool takes images [images, height, width, channels]")
        }
        guard steps.dilation == (1, 1), steps.groups == 1 else {
            throw .rule("a pool has neither dilation nor groups")
        }
        return SluiceWindow(
            images: images[0], height: images[1], width: images[2], channels: images[3], windowHeight: size.y,
            windowWidth: size.x, strideY: steps.stride.y, strideX: steps.stride.x, padTop: steps.padding.y,
            padLeft: steps.padding.x, outHeight: try steps.places(0, images[1], taps: size.y),
            outWidth: try steps.places(1, images[2], taps: size.x))
    }
}
