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

    /// The result of an operation on operands, which is recorded where one of them is on a tape.
    static func record(
        _ value: Tensor, _ operands: [Variable], _ operation: @autoclosure () -> Operation
    ) -> Variable {
        guard let tape = operands.first(where: { $0.tape != nil })?.tape else { return Variable(value) }
        return tape.record(operation(), operands, value)
    }

    /// The same of one operand; without a tape nothing is gathered.
    static func record(
        _ value: Tensor, _ x: Variable, _ operation: @autoclosure () -> Operation
    ) -> Variable {
        guard let tape = x.tape else { return Variable(value) }
        return tape.record(operation(), [x], value)
    }

    /// The same of two.
    static func record(
        _ value: Tensor, _ x: Variable, _ y: Variable, _ operation: @autoclosure () -> Operation
    ) -> Variable {
        guard let tape = x.tape ?? y.tape else { return Variable(value) }
        return tape.record(operation(), [x, y], value)
    }

    /// The same of two or three.
    static func record(
        _ value: Tensor, _ x: Variable, _ y: Variable, _ z: Variable?,
        _ operation: @autoclosure () -> Operation
    ) -> Variable {
        guard let tape = x.tape ?? y.tape ?? z?.tape else { return Variable(value) }
        return tape.record(operation(), z.map { [x, y, $0] } ?? [x, y], value)
    }
}
