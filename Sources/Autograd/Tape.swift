public import TensorCore

/// What was done to variables, in its order, so that it can be gone through
/// backwards: reverse-mode differentiation (Griewank and Walther, "Evaluating
/// derivatives", 2008, chapter 3).
///
/// An entry keeps the tensors its row in the table of derivatives needs, and no
/// others; they are let go as soon as the way back has passed it. Used once, by
/// one thread.
public final class Tape {
    /// One operation: what it was, and where the variables lie that it was done to.
    struct Entry {
        var operation: Operation
        var operands: [Int]
    }

    /// Samples that make a leaf of the sums over a batch, axis 0 of what is put
    /// in; 0 for all (docs: numerics, rule 8).
    public let segment: Int

    private(set) var entries: [Entry?] = []
    private var parameters: [(parameter: Parameter, place: Int)] = []
    private var places: [ObjectIdentifier: Int] = [:]

    public init(segment: Int = 0) { self.segment = segment }

    /// Parameters whose variables were asked for, in that order.
    var ownParameters: [Parameter] { parameters.map(\.parameter) }

    /// How many operations are recorded.
    public var count: Int { entries.count }

    /// A variable whose slope will be asked for.
    public func variable(_ value: Tensor) -> Variable {
        entries.append(nil)
        return Variable(value, self, entries.count - 1)
    }

    /// The variable of a parameter: the same one each time.
    public func callAsFunction(_ parameter: Parameter) -> Variable {
        let key = ObjectIdentifier(parameter)
        if let place = places[key] { return Variable(parameter.value, self, place) }
        let variable = variable(parameter.value)
        places[key] = variable.place
        parameters.append((parameter, variable.place))
        return variable
    }

    func record(_ operation: consuming Operation, _ operands: [Variable], _ value: Tensor) -> Variable {
        for operand in operands where operand.tape != nil {
            precondition(
                operand.tape === self,
                "operands stand on two tapes: a recomputed part must be given every variable it uses")
        }
        entries.append(Entry(operation: operation, operands: operands.map(\.place)))
        return Variable(value, self, entries.count - 1)
    }

    /// The gradients of a scalar by all parameters that had a part in it. Empties the tape.
    public func gradients(of value: Variable) throws(TensorError) -> Gradients {
        try value.value.require("what is differentiated", [])
        guard value.tape === self, value.place < entries.count else {
            throw .rule("what is differentiated is not on this tape: a tape is gone back once")
        }
        let one = Tensor(repeating: Float(1), in: value.value.context)
        return try gradients(of: value, slope: one, by: []).gradients
    }

    /// The gradients by all parameters, and the slopes of further variables, from
    /// the slope of one value. Empties the tape.
    func gradients(
        of value: Variable, slope: consuming Tensor, by variables: [Variable]
    ) throws(TensorError) -> (gradients: Gradients, slopes: [Tensor?]) {
        defer { entries = [] }
        var gradients = Gradients()
        var slopes = [Tensor?](repeating: nil, count: entries.count)
        // Of values that were rectified: whether every term of the slope has the zeros.
        var hasZeros = [Bool](repeating: true, count: entries.count)
        if value.tape === self {
            slopes[value.place] = slope
            hasZeros[value.place] = false
        }
        for place in entries.indices.reversed() {
            guard let entry = entries[place].take() else { continue }
            guard var slope = slopes[place].take() else { continue }
            if let y = entry.operation.rectified, !hasZeros[place] {
                slope = try .gradient(of: .relu, slope, y)
            }
            let first = entry.operands.first ?? -1
            let putsZeros =
                first >= 0 && entry.operation.putsZeros && entries[first]?.operation.rectified != nil
            // Given away, for who has a slope alone may write over it.
            let terms = try entry.operation.slopes(
                consume slope, entry.operands.map { $0 >= 0 }, putsZeros: putsZeros, segment: segment,
                &gradients)
            for (number, (operand, term)) in zip(entry.operands, terms).enumerated() where operand >= 0 {
                guard let term else { continue }
                if number > 0 || !putsZeros { hasZeros[operand] = false }
                slopes[operand] = try sum(of: slopes[operand].take(), and: term)
            }
        }
        for (parameter, place) in parameters {
            if let slope = slopes[place] { try gradients.add(slope, to: parameter) }
        }
        return (gradients, variables.map { $0.tape === self ? slopes[$0.place] : nil })
    }
}

/// A value and the gradients of it.
///
/// - Parameters:
///   - segment: Samples that make a leaf of the sums over a batch; 0 for all.
///   - function: Makes a scalar; asks the tape for variables of parameters.
public func valueAndGradients(
    segment: Int = 0, _ function: (Tape) throws(TensorError) -> Variable
) throws(TensorError) -> (value: Tensor, gradients: Gradients) {
    let tape = Tape(segment: segment)
    let value = try function(tape)
    return (value.value, try tape.gradients(of: value))
}
