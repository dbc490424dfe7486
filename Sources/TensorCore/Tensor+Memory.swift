import TensorKernels

extension Tensor {
    /// Where kernels read floats.
    var floats: UnsafePointer<Float> { UnsafePointer(pointer(to: Float.self)) }

    /// Where kernels write floats: of a tensor that was just made.
    var target: UnsafeMutablePointer<Float> { pointer(to: Float.self) }

    package func require(_ expected: DType) throws(TensorError) {
        guard dtype == expected else { throw .dtype(dtype, expected: expected) }
    }

    package func require(_ what: String, _ shape: Shape) throws(TensorError) {
        guard self.shape == shape else { throw .shape(what, self.shape, expected: shape) }
    }

    /// Floats in row-major order without gaps.
    func dense() throws(TensorError) -> Tensor {
        try require(.f32)
        return contiguous()
    }

    /// Floats of a shape, of any content: the memory of a tensor that is no longer
    /// wanted, where nobody else sees it, else new memory.
    static func unwritten(_ shape: Shape, replacing old: inout Tensor) -> Tensor {
        if old.dtype == .f32, old.count == shape.count, old.layout.isContiguous, old.isAlone {
            return Tensor(
                .f32, Layout(shape, shape.strides, offset: old.layout.offset), old.storage, old.context)
        }
        return Tensor(unwritten: shape, .f32, in: old.context)
    }

    /// Rows of the last axis: how many, and how long.
    var rows: (count: Int, columns: Int) {
        (shape.sizes.dropLast().reduce(1, *), shape.sizes.last ?? 1)
    }
}
