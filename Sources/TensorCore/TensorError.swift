/// Why something cannot be done with tensors: the shapes, and the rule.
public enum TensorError: Error, Equatable, Sendable, CustomStringConvertible {
    case axis(Int, shape: Shape)
    /// One more than there can be.
    case axes(Shape)
    case broadcast(Shape, Shape)
    case expand(Shape, to: Shape)
    case reshape(Shape, to: Shape)
    case permutation([Int], shape: Shape)
    case slice(lower: Int, upper: Int, step: Int, axis: Int, shape: Shape)
    case squeeze(axis: Int, shape: Shape)
    case product(Shape, Shape)
    case concatenate(Shape, onto: Shape, axis: Int)
    case values(Int, shape: Shape)
    case dtype(DType, expected: DType)
    case shape(String, Shape, expected: Shape)
    case value(String, dtype: DType)
    /// A rule of an operation that is not about one shape alone.
    case rule(String)

    public var description: String {
        switch self {
        case .axis(let axis, let shape):
            shape.rank == 0
                ? "a scalar has no axis \(axis)"
                : "shape \(shape) has no axis \(axis); axes go from \(-shape.rank) to \(shape.rank - 1)"
        case .axes(let shape): "shape \(shape) has as many axes as a tensor can have; none can be added"
        case .broadcast(let one, let other):
            "shapes \(one) and \(other) do not fit each other: from the last axis on, sizes must be equal or 1"
        case .expand(let shape, let target):
            "shape \(shape) cannot be repeated to \(target): from the last axis on, each size must be the same or 1"
        case .reshape(let shape, let target):
            "shape \(shape) has \(shape.count) elements and \(target) has \(target.count); they must be as many"
        case .permutation(let order, let shape):
            "\(order) is no order of the axes of shape \(shape): each of \(Array(0..<shape.rank)) must stand in it once"
        case .slice(let lower, let upper, let step, let axis, let shape):
            "\(lower)..<\(upper) by \(step) is no part of axis \(axis) of shape \(shape): bounds must lie in "
                + "0...\(shape[axis]) and the step must be positive"
        case .squeeze(let axis, let shape):
            "axis \(axis) of shape \(shape) has \(shape[axis]) elements; only an axis of one can be left out"
        case .product(let left, let right):
            "shapes \(left) and \(right) cannot be multiplied: the last axis of the left must be as long as the "
                + "last but one of the right, and the axes before must be equal or 1"
        case .concatenate(let shape, let first, let axis):
            "shape \(shape) cannot be put behind \(first) along axis \(axis): all other axes must be as long"
        case .values(let count, let shape): "shape \(shape) needs \(shape.count) values; got \(count)"
        case .dtype(let dtype, let expected): "the elements are \(dtype); \(expected) is needed"
        case .shape(let what, let shape, let expected): "\(what) has shape \(shape); \(expected) is needed"
        case .value(let value, let dtype): "\(value) cannot be an element of type \(dtype)"
        case .rule(let text): text
        }
    }
}
