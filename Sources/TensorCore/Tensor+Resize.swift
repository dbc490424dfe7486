import CTensorKernels
import TensorKernels

extension Tensor {
    /// Images [images, height, width, channels] in another size, each pixel made of
    /// the four that lie around its place.
    ///
    /// - Parameter alignsCorners: Whether the outermost pixels' centres stay where
    ///   they are, else their outer edges (as PyTorch's `align_corners`).
    public func resized(
        to size: (y: Int, x: Int), alignsCorners: Bool = false
    ) throws(TensorError) -> Tensor {
        try Self.requireSizes(shape, size)
        let x = try dense()
        let y = Tensor(unwritten: [shape[0], size.y, size.x, shape[3]], .f32, in: context)
        let kernel = context.kernels.bilinearResize
        context.share(shape[0] * size.y, work: 4 * size.x * shape[3]) { [shape] _, lines in
            kernel(
                y.target, x.floats, shape[0], shape[1], shape[2], shape[3], size.y, size.x,
                alignsCorners ? 1 : 0, lines.lowerBound, lines.upperBound)
        }
        return withExtendedLifetime(x) { y }
    }

    /// From the slope of the result of `resized` that of images of a shape.
    public static func resizedGradient(
        _ slope: Tensor, _ images: Shape, alignsCorners: Bool
    ) throws(TensorError) -> Tensor {
        guard images.rank == 4, slope.shape.rank == 4, images[0] == slope.shape[0],
            images[3] == slope.shape[3]
        else { throw .shape("a slope", slope.shape, expected: images) }
        try requireSizes(images, (slope.shape[1], slope.shape[2]))
        let dy = try slope.dense()
        let dx = Tensor(unwritten: images, .f32, in: slope.context)
        let kernel = slope.context.kernels.bilinearResizeGradient
        let size = (y: slope.shape[1], x: slope.shape[2])
        slope.context.share(images[0], work: 4 * size.y * size.x * images[3]) { _, range in
            kernel(
                dx.target, dy.floats, images[0], images[1], images[2], images[3], size.y, size.x,
                alignsCorners ? 1 : 0, range.lowerBound, range.upperBound)
        }
        return withExtendedLifetime(dy) { dx }
    }

    private static func requireSizes(_ images: Shape, _ size: (y: Int, x: Int)) throws(TensorError) {
        guard images.rank == 4, images[1] > 0, images[2] > 0, size.y > 0, size.x > 0 else {
            throw .rule(
                "images \(images) to \(size.y) x \(size.x): [images, height, width, channels] is needed, and "
                    + "heights and widths of 1 or more")
        }
    }
}
