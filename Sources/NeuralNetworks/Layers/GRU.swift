public import Autograd
public import TensorCore

/// Gated recurrent units (Cho et al. 2014, with the reset after the product, as
/// cuDNN and PyTorch have it), layer upon layer.
public struct GRU: Module {
    /// One direction of one layer.
    private struct Cell {
        /// [inputs, 3 hidden]: reset, update, new; in a file [3 hidden, inputs].
        let inputWeight: Parameter
        let hiddenWeight: Parameter
        let inputBias: Parameter
        let hiddenBias: Parameter
        let suffix: String

        var members: [Member] {
            [
                .parameter("weight_ih_" + suffix, inputWeight, fileOrder: [1, 0]),
                .parameter("weight_hh_" + suffix, hiddenWeight, fileOrder: [1, 0]),
                .parameter("bias_ih_" + suffix, inputBias), .parameter("bias_hh_" + suffix, hiddenBias),
            ]
        }
    }

    public let hidden: Int
    public let isBidirectional: Bool
    private let layers: [[Cell]]

    public init(
        _ inputs: Int, _ hidden: Int, layers: Int = 1, isBidirectional: Bool = false,
        _ initializer: Initializer
    ) throws(TensorError) {
        self.hidden = hidden
        self.isBidirectional = isBidirectional
        let bound = (1 / Float(max(hidden, 1))).squareRoot()
        var made: [[Cell]] = []
        for layer in 0..<layers {
            let width = layer == 0 ? inputs : hidden * (isBidirectional ? 2 : 1)
            var cells: [Cell] = []
            for direction in isBidirectional ? ["", "_reverse"] : [""] {
                cells.append(
                    Cell(
                        inputWeight: try initializer.uniform([width, 3 * hidden], bound: bound),
                        hiddenWeight: try initializer.uniform([hidden, 3 * hidden], bound: bound),
                        inputBias: try initializer.uniform([3 * hidden], bound: bound),
                        hiddenBias: try initializer.uniform([3 * hidden], bound: bound),
                        suffix: "l\(layer)\(direction)"))
            }
            made.append(cells)
        }
        self.layers = made
    }

    public var members: [Member] { layers.flatMap { $0.flatMap(\.members) } }

    /// [samples, length, inputs] -> the hidden states of the last layer
    /// [samples, length, hidden], of both directions side by side.
    ///
    /// - Parameter first: The state of each direction of each layer before the first
    ///   element, [layers x directions, samples, hidden]; nil for zeros.
    public func callAsFunction(
        _ x: Variable, first: Variable? = nil, _ pass: Pass
    ) throws(TensorError) -> Variable {
        guard x.shape.rank == 3 else {
            throw .rule("shape \(x.shape): a GRU takes sequences [samples, length, inputs]")
        }
        var x = x
        for (number, cells) in layers.enumerated() {
            var directions: [Variable] = []
            for (direction, cell) in cells.enumerated() {
                let place = number * cells.count + direction
                let first = try first.map { first throws(TensorError) in
                    try first.sliced(0, place..<(place + 1)).squeezed(0)
                }
                directions.append(try run(cell, x, first, isReversed: direction == 1, pass))
            }
            x = directions.count == 1 ? directions[0] : try .concatenated(directions, 2)
        }
        return x
    }

    private func run(
        _ cell: Cell, _ x: Variable, _ first: Variable?, isReversed: Bool, _ pass: Pass
    ) throws(TensorError) -> Variable {
        let fromInput = try x.linear(pass(cell.inputWeight), bias: pass(cell.inputBias))
        return try fromInput.gatedStates(
            weight: pass(cell.hiddenWeight), bias: pass(cell.hiddenBias), first: first,
            isReversed: isReversed)
    }
}
