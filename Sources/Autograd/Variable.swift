public import TensorCore

/// A tensor, and where on a tape stands how it came about.
///
/// What is done to variables is done to their tensors at once; where one of them
/// is on a tape, it is recorded there.
public struct Variable {
    public let value: Tensor
    let tape: Tape?
    let place: Int

    /// A constant: it has no slope.
    public init(_ value: Tensor) { self.init(value, nil, -1) }

    init(_ value: Tensor, _ tape: Tape?, _ place: Int) {
        self.value = value
        self.tape = tape
        self.place = place
    }

    public var shape: Shape { value.shape }

    /// The value alone, as a constant.
    public var detached: Variable { Variable(value) }

    /// The result of an operation, which is recorded where an operand is on a tape.
    static func record(
        _ value: Tensor, _ operands: [Variable], _ operation: @autoclosure () -> Operation
    ) -> Variable {
        guard let tape = operands.first(where: { $0.tape != nil })?.tape else { return Variable(value) }
        return tape.record(operation(), operands, value)
    }
}
