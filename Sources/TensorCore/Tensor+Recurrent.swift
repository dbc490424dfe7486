import CTensorKernels
import TensorKernels

/// What the way back through gated recurrent units needs beside their states.
public struct GatedStates: Sendable {
    /// The states [samples, length, hidden].
    public let states: Tensor
    /// r, z, n and the state's part of n of each cell, [samples, length, 4 hidden].
    let gates: Tensor
    /// The state before the first element, [samples, hidden]; nil for zeros.
    let first: Tensor?
    let isReversed: Bool
}

extension Tensor {
    /// The states of gated recurrent units along sequences, from the parts of their
    /// gates that are made from the inputs, this [samples, length, 3 hidden]: reset,
    /// update, new (Cho et al. 2014; the reset stands after the product, as cuDNN and
    /// PyTorch have it).
    ///
    /// - Parameters:
    ///   - weight: [hidden, 3 hidden], what a state is multiplied by.
    ///   - bias: [3 hidden]
    ///   - first: The state before the first element, [samples, hidden]; nil for zeros.
    ///   - isReversed: Whether sequences are gone through from their end.
    public func gatedStates(
        weight: Tensor, bias: Tensor, first: Tensor? = nil, isReversed: Bool = false
    ) throws(TensorError) -> GatedStates {
        try require(.f32)
        guard shape.rank == 3, shape[2] % 3 == 0 else {
            throw .rule("shape \(shape): gates of sequences are [samples, length, 3 hidden]")
        }
        let (samples, length, hidden) = (shape[0], shape[1], shape[2] / 3)
        try weight.require("the weight of states", [hidden, 3 * hidden])
        try bias.require("the bias of states", [3 * hidden])
        try first?.require("the first state", [samples, hidden])
        let fromInput = try dense()
        let states = Tensor(unwritten: [samples, length, hidden], .f32, in: context)
        let gates = Tensor(unwritten: [samples, length, 4 * hidden], .f32, in: context)
        let cell = context.kernels.gruCell
        var previous = try first?.dense() ?? Tensor(repeating: Float(0), [samples, hidden], in: context)
        for step in 0..<length {
            let place = isReversed ? length - 1 - step : step
            let fromHidden = try previous.product(with: weight, bias: bias)
            let (before, beforeRow) = (previous.floats, previous.layout.strides[0])
            context.share(samples, work: 40 * hidden) { _, range in
                for sample in range {
                    let number = sample * length + place
                    cell(
                        states.target + number * hidden, gates.target + number * 4 * hidden,
                        fromInput.floats + number * 3 * hidden, fromHidden.floats + sample * 3 * hidden,
                        before + sample * beforeRow, 1, hidden)
                }
            }
            try withExtendedLifetime((previous, fromInput, fromHidden)) { () throws(TensorError) in
                previous = try states.sliced(1, place..<(place + 1)).squeezed(1)
            }
        }
        return GatedStates(states: states, gates: gates, first: first, isReversed: isReversed)
    }

    /// From the slope of the states those of the inputs' part, of weight and bias, and
    /// of the first state. Weight and bias get sums over samples and elements, in
    /// leaves of `segment` samples.
    public static func gatedGradients(
        _ slope: Tensor, _ it: GatedStates, weight: Tensor, segment: Int
    ) throws(TensorError) -> (input: Tensor, weight: Tensor, bias: Tensor, first: Tensor) {
        try slope.require("a slope", it.states.shape)
        let dy = try slope.dense()
        let context = it.states.context
        let (samples, length, hidden) = (it.states.shape[0], it.states.shape[1], it.states.shape[2])
        let zeros = Tensor(repeating: Float(0), [samples, hidden], in: context)
        let start = try it.first?.dense() ?? zeros
        let input = Tensor(unwritten: [samples, length, 3 * hidden], .f32, in: context)
        let fromHidden = Tensor(unwritten: [samples, length, 3 * hidden], .f32, in: context)
        let cell = context.kernels.gruCellGradient
        // In rows of its own, or each element's product would turn it anew.
        let turned = try weight.transposed().contiguous()
        var carried = zeros
        for step in 0..<length {
            let place = it.isReversed ? step : length - 1 - step
            let before = try it.state(before: place, start)
            let dh = try dy.sliced(1, place..<(place + 1)).squeezed(1) + carried
            let direct = Tensor(unwritten: [samples, hidden], .f32, in: context)
            let (earlier, earlierRow) = (before.floats, before.layout.strides[0])
            context.share(samples, work: 20 * hidden) { _, range in
                for sample in range {
                    let number = sample * length + place
                    cell(
                        input.target + number * 3 * hidden, fromHidden.target + number * 3 * hidden,
                        direct.target + sample * hidden, dh.floats + sample * hidden,
                        it.gates.floats + number * 4 * hidden, earlier + sample * earlierRow, 1, hidden)
                }
            }
            let slopes = try fromHidden.sliced(1, place..<(place + 1)).squeezed(1)
            carried = try slopes.product(with: turned).adding(direct)
        }
        // States before each element, in the order of rows, so that a sum over them is one product.
        let previous = try it.previousStates(start)
        let rows = try fromHidden.flattenedToRows()
        let leaf = segment * length
        return (
            input, try previous.flattenedToRows().transposedProduct(with: rows, leaf: leaf),
            try rows.sum([0], segment: leaf).squeezed(0), carried
        )
    }
}

extension GatedStates {
    fileprivate func state(before place: Int, _ start: Tensor) throws(TensorError) -> Tensor {
        let earlier = isReversed ? place + 1 : place - 1
        guard earlier >= 0, earlier < states.shape[1] else { return start }
        return try states.sliced(1, earlier..<(earlier + 1)).squeezed(1)
    }

    fileprivate func previousStates(_ start: Tensor) throws(TensorError) -> Tensor {
        let length = states.shape[1]
        if length == 0 { return states }
        let first = try start.unsqueezed(1)
        return isReversed
            ? try .concatenated([states.sliced(1, 1..<length), first], 1)
            : try .concatenated([first, states.sliced(1, 0..<(length - 1))], 1)
    }
}
