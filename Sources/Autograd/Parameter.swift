public import TensorCore

/// What is learnt: a tensor that a step puts another content into.
public final class Parameter {
    public var value: Tensor

    public init(_ value: Tensor) { self.value = value }
}

/// The gradients of parameters.
public struct Gradients {
    /// With the parameter, so that its identity is not given to another.
    private var slopes: [ObjectIdentifier: (parameter: Parameter, slope: Tensor)] = [:]

    public init() {}

    /// Nil of a parameter that had no part in the value.
    public subscript(parameter: Parameter) -> Tensor? {
        get { slopes[ObjectIdentifier(parameter)]?.slope }
        set { slopes[ObjectIdentifier(parameter)] = newValue.map { (parameter, $0) } }
    }

    /// Adds a slope to that of a parameter.
    public mutating func add(_ slope: Tensor, to parameter: Parameter) throws(TensorError) {
        let before = slopes.removeValue(forKey: ObjectIdentifier(parameter))?.slope
        self[parameter] = try sum(of: before, and: slope)
    }

    /// Adds what another micro-batch gave; the sum depends on the order of such calls.
    ///
    /// - Parameter parameters: Each once.
    public mutating func accumulate(
        _ other: consuming Gradients, of parameters: [Parameter]
    ) throws(TensorError) {
        for parameter in parameters {
            if let slope = other[parameter] { try add(slope, to: parameter) }
        }
    }
}

/// The first plus the second, in memory that nobody else sees.
func sum(of first: consuming Tensor?, and second: Tensor) throws(TensorError) -> Tensor {
    guard let first = first.take() else { return second }
    return try first.adding(second)
}
