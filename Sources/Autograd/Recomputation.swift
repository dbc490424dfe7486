public import TensorCore

/// A part of a computation that keeps its operands and nothing in between; what
/// the way back needs is computed again (Chen et al., "Training deep nets with
/// sublinear memory cost", 2016). An operation gives the same bits each time, so
/// gradients have the same bits too; but a parameter that is used in several parts
/// gets the sum of the parts' sums, which may round differently.
struct Recomputation {
    typealias Function = (Tape, [Variable]) throws(TensorError) -> Variable

    let operands: [Tensor]
    let parameters: [Parameter]
    let function: Function

    func slopes(
        _ slope: consuming Tensor, segment: Int, _ gradients: inout Gradients
    ) throws(TensorError) -> [Tensor?] {
        let tape = Tape(segment: segment)
        let variables = operands.map { tape.variable($0) }
        let result = try function(tape, variables)
        let (own, slopes) = try tape.gradients(of: result, slope: slope, by: variables)
        try gradients.accumulate(own, of: tape.ownParameters)
        return slopes
    }
}

extension Tape {
    /// Does something without recording what it is made of, and does it again on
    /// the way back: a transformer's block takes the memory of its input alone.
    ///
    /// - Parameter function: Asks the tape it is given for variables of parameters;
    ///   does the same whenever it is called.
    public func recomputing(
        _ operands: [Variable],
        _ function: @escaping (Tape, [Variable]) throws(TensorError) -> Variable
    ) throws(TensorError) -> Variable {
        let tape = Tape(segment: segment)
        let result = try function(tape, operands.map { tape.variable($0.value) })
        let part = Recomputation(
            operands: operands.map(\.value), parameters: tape.ownParameters, function: function)
        return record(.recomputation(part), operands, result.value)
    }
}
