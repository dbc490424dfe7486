/// Where the elements of a view lie in its storage: element (i, j, ...) at
/// `offset + i * strides[0] + j * strides[1] + ...`, counted in elements.
///
/// A view is another layout of the same storage; nothing here copies.
public struct Layout: Hashable, Sendable {
    public let shape: Shape
    /// 0 along an axis that is repeated.
    public let strides: Axes
    public let offset: Int

    /// Elements in row-major order without gaps.
    public init(_ shape: Shape) { self.init(shape, shape.strides, offset: 0) }

    init(_ shape: Shape, _ strides: Axes, offset: Int) {
        self.shape = shape
        self.strides = strides
        self.offset = offset
    }

    /// Whether the elements lie in row-major order without gaps.
    public var isContiguous: Bool {
        var expected = 1
        for axis in strides.indices.reversed() where shape.sizes[axis] != 1 {
            if strides[axis] != expected { return shape.count == 0 }
            expected *= shape.sizes[axis]
        }
        return true
    }

    public func permuted(_ order: [Int]) throws(TensorError) -> Layout {
        guard order.sorted() == Array(0..<shape.rank) else { throw .permutation(order, shape: shape) }
        return Layout(
            Shape(order.map { shape.sizes[$0] }), Axes(order.map { strides[$0] }), offset: offset)
    }

    public func transposed(_ first: Int, _ second: Int) throws(TensorError) -> Layout {
        var order = Array(0..<shape.rank)
        order.swapAt(try shape.axis(first), try shape.axis(second))
        return try permuted(order)
    }

    /// Elements `lower`, `lower + step`, ... below `upper` along an axis.
    public func sliced(
        _ axis: Int, from lower: Int, to upper: Int, by step: Int = 1
    ) throws(TensorError) -> Layout {
        let axis = try shape.axis(axis)
        guard step > 0, lower >= 0, lower <= upper, upper <= shape[axis] else {
            throw .slice(lower: lower, upper: upper, step: step, axis: axis, shape: shape)
        }
        // A step beyond the end takes the first element alone, like any as long.
        let step = min(step, max(1, upper - lower))
        var (sizes, strides) = (shape.sizes, strides)
        sizes[axis] = (upper - lower + step - 1) / step
        let start = offset + lower * strides[axis]
        strides[axis] *= step
        return Layout(Shape(sizes), strides, offset: sizes[axis] == 0 ? offset : start)
    }

    /// Repeated along new axes in front and along axes of one element.
    public func expanded(to target: Shape) throws(TensorError) -> Layout {
        let added = target.rank - shape.rank
        guard added >= 0 else { throw .expand(shape, to: target) }
        var strides = Axes(repeating: 0, count: target.rank)
        for axis in shape.sizes.indices
        where target.sizes[axis + added] != shape.sizes[axis] || shape.sizes[axis] != 1 {
            guard target.sizes[axis + added] == shape.sizes[axis] || shape.sizes[axis] == 1 else {
                throw .expand(shape, to: target)
            }
            strides[axis + added] = target.sizes[axis + added] == shape.sizes[axis] ? self.strides[axis] : 0
        }
        return Layout(target, strides, offset: offset)
    }

    /// Without an axis of one element.
    public func squeezed(_ axis: Int) throws(TensorError) -> Layout {
        let axis = try shape.axis(axis)
        guard shape[axis] == 1 else { throw .squeeze(axis: axis, shape: shape) }
        var (sizes, strides) = (shape.sizes, strides)
        sizes.remove(at: axis)
        strides.remove(at: axis)
        return Layout(Shape(sizes), strides, offset: offset)
    }

    /// With an axis of one element more.
    ///
    /// - Parameter axis: Where it will stand; -1 is behind the last.
    public func unsqueezed(_ axis: Int) throws(TensorError) -> Layout {
        guard (-shape.rank - 1...shape.rank).contains(axis) else { throw .axis(axis, shape: shape) }
        guard shape.rank < Axes.limit else { throw .axes(shape) }
        let axis = axis < 0 ? axis + shape.rank + 1 : axis
        var (sizes, strides) = (shape.sizes, strides)
        sizes.insert(1, at: axis)
        strides.insert(0, at: axis)
        return Layout(Shape(sizes), strides, offset: offset)
    }

    /// The same elements in the same order under another shape; nil when no
    /// strides give that, so that they must be copied.
    ///
    /// Runs of axes that lie in one piece are cut anew, one run after another.
    public func reshaped(to target: Shape) throws(TensorError) -> Layout? {
        guard target.count == shape.count else { throw .reshape(shape, to: target) }
        if target.count == 0 || isContiguous { return Layout(target, target.strides, offset: offset) }
        let old = zip(shape.sizes, strides).filter { $0.0 != 1 }
        var strides = Axes(repeating: 0, count: target.rank)
        var (from, to) = (0, 0)
        while from < old.count {
            var (oldEnd, newEnd) = (from + 1, to)
            var oldCount = old[from].0
            var newCount = 1
            repeat {
                if newCount < oldCount {
                    newCount *= target.sizes[newEnd]
                    newEnd += 1
                } else {
                    oldCount *= old[oldEnd].0
                    oldEnd += 1
                }
            } while newCount != oldCount
            for axis in from..<(oldEnd - 1) where old[axis].1 != old[axis + 1].1 * old[axis + 1].0 {
                return nil
            }
            var stride = old[oldEnd - 1].1
            for axis in (to..<newEnd).reversed() {
                strides[axis] = stride
                stride *= target.sizes[axis]
            }
            (from, to) = (oldEnd, newEnd)
        }
        return Layout(target, strides, offset: offset)
    }
}
