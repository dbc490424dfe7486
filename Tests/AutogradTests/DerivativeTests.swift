import Foundation
import TensorCore
import Testing

@testable import Autograd

@Suite struct DerivativeTests {
    private let context = TensorContext()

    private func inputs(_ it: DerivativeCase) throws -> [Tensor] {
        try it.shapes.enumerated().map { index, shape in
            try Tensor(numbers(shape.count, seed: UInt64(index + 1)).map(it.domain), shape, in: context)
        }
    }

    /// The result against fixed weights, summed in double.
    private func weighed(_ result: Tensor) throws -> Double {
        let weights = numbers(result.count, seed: 99)
        return zip(try result.values(Float.self), weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    /// Slopes of the same, by the tape.
    private func slopes(_ it: DerivativeCase, _ inputs: [Tensor]) throws -> [Tensor?] {
        let tape = Tape()
        let variables = inputs.map { tape.variable($0) }
        let result = try it.function(variables)
        let weights = try Tensor(numbers(result.value.count, seed: 99), result.shape, in: context)
        return try tape.gradients(of: result, slope: weights, by: variables).slopes
    }

    /// With a step h of 2^-7 a difference is off by h^2/6 times the third derivative,
    /// and by the rounding of the result over h: some 2^-24 2^7 a term. Both lie below 2e-4
    /// of what these functions have for derivatives; a wrong row is wrong by all of it.
    @Test(arguments: DerivativeCase.all.indices)
    func slopesAgreeWithCentralDifferences(index: Int) throws {
        let it = DerivativeCase.all[index]
        let inputs = try inputs(it)
        let slopes = try slopes(it, inputs)
        for (operand, input) in inputs.enumerated() {
            let slope = try #require(slopes[operand], "\(it.name): operand \(operand) has no slope")
            #expect(slope.shape == input.shape, "\(it.name)")
            let found: [Float] = try slope.values()
            let values: [Float] = try input.values()
            for place in values.indices {
                func moved(_ step: Float) throws -> Double {
                    var values = values
                    values[place] += step
                    var all = inputs
                    all[operand] = try Tensor(values, input.shape, in: context)
                    return try weighed(it.function(all.map { Variable($0) }).value)
                }
                let h: Float = 0x1p-7
                let difference = (try moved(h) - moved(-h)) / Double(2 * h)
                let tolerance = 1e-3 * (1 + abs(difference))
                #expect(
                    abs(Double(found[place]) - difference) < tolerance,
                    "\(it.name), operand \(operand), element \(place): \(found[place]) for \(difference)")
            }
        }
    }

    /// A norm that makes itself again has the bits of one that was kept.
    @Test(arguments: Activation.allCases)
    func activatedNormHasTheBitsOfBoth(activation: Activation) throws {
        let inputs = try [[4, 3, 2, 70], [70], [70]].enumerated().map { index, sizes in
            let numbers = numbers(Shape(sizes).count, seed: UInt64(index + 20))
            // Above zero for the logarithm too.
            return try Tensor(index == 2 ? numbers.map { $0 + 9 } : numbers, Shape(sizes), in: context)
        }
        func bits(_ function: ([Variable]) throws -> Variable) throws -> [[UInt32]] {
            let tape = Tape()
            let variables = inputs.map { tape.variable($0) }
            let y = try function(variables)
            let slope = try Tensor(numbers(y.value.count, seed: 99), y.shape, in: context)
            let slopes = try tape.gradients(of: y, slope: slope, by: variables).slopes
            return try ([y.value] + slopes.map { try #require($0) }).map {
                try $0.values(Float.self).map(\.bitPattern)
            }
        }
        let fused = try bits { try $0[0].batchNorm(gamma: $0[1], beta: $0[2], activation: activation).0 }
        let apart = try bits { try $0[0].batchNorm(gamma: $0[1], beta: $0[2]).0.applying(activation) }
        #expect(fused == apart)
    }

    /// The table has a row for each operation, or it would not compile; here each
    /// row must be met by a case.
    @Test func everyOperationIsCompared() throws {
        var met: Set<String> = []
        for it in DerivativeCase.all {
            let tape = Tape()
            let variables = try inputs(it).map { tape.variable($0) }
            _ = try it.function(variables)
            for case let entry? in tape.entries {
                met.insert(Mirror(reflecting: entry.operation).children.first?.label ?? "\(entry.operation)")
            }
        }
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let source = try String(
            contentsOf: root.appending(path: "Sources/Autograd/Operation.swift"), encoding: .utf8)
        let declared = source.matches(of: /\n    case (\w+)/).map { String($0.output.1) }
        #expect(declared.count > 15)
        #expect(Set(declared) == met)
    }

    /// What a parameter gets is the sum of what each of its uses gives.
    @Test func parametersGetWhatEachUseGives() throws {
        let weight = Parameter(try Tensor([2, 3] as [Float], [2], in: context))
        let other = Parameter(try Tensor([5, 7] as [Float], [2], in: context))
        let unused = Parameter(Tensor(repeating: Float(1), [2], in: context))
        let (value, gradients) = try valueAndGradients { tape throws(TensorError) in
            _ = tape(unused)
            return try (tape(weight) * tape(weight) * tape(other)).sum()
        }
        #expect(try value.values(Float.self) == [4 * 5 + 9 * 7])
        #expect(try gradients[weight]?.values(Float.self) == [2 * 2 * 5, 2 * 3 * 7])
        #expect(try gradients[other]?.values(Float.self) == [4, 9])
        #expect(gradients[unused] == nil)
    }

    @Test func microBatchesAccumulate() throws {
        let weight = Parameter(try Tensor([2, 3] as [Float], [2], in: context))
        var sum = Gradients()
        for factor in [1, 10] as [Float] {
            let (_, gradients) = try valueAndGradients { tape throws(TensorError) in
                try tape(weight).scaled(by: factor).sum()
            }
            try sum.accumulate(gradients, of: [weight])
        }
        #expect(try sum[weight]?.values(Float.self) == [11, 11])
    }

    /// A recomputed block gives the same bits, and keeps less.
    @Test func recomputedBlocksGiveTheSameBits() throws {
        func run(recomputes: Bool) throws -> (bits: [[UInt32]], bytes: Int) {
            let context = TensorContext()
            let weights = try (0..<6).map {
                Parameter(try Tensor(numbers(32 * 32, seed: UInt64($0)), [32, 32], in: context))
            }
            let x = try Tensor(numbers(4096 * 32, seed: 9), [4096, 32], in: context)
            let before = context.memory.bytes.used
            let (_, gradients) = try valueAndGradients { tape throws(TensorError) in
                var y = tape.variable(x)
                for weight in weights {
                    func block(_ tape: Tape, _ v: [Variable]) throws(TensorError) -> Variable {
                        var z = v[0]
                        for _ in 0..<4 { z = try z.product(with: tape(weight)).applying(.tanh) }
                        return z
                    }
                    y = try recomputes ? tape.recomputing([y], block) : block(tape, [y])
                }
                return try y.mean()
            }
            let bits = try weights.map {
                try #require(gradients[$0]).values(Float.self).map(\.bitPattern)
            }
            return (bits, context.memory.peakBytes - before)
        }
        let (plain, recomputed) = (try run(recomputes: false), try run(recomputes: true))
        #expect(plain.bits == recomputed.bits)
        #expect(2 * recomputed.bytes < plain.bytes, "\(recomputed.bytes) for \(plain.bytes)")
    }

    /// Leaves of a batch are folded as ranks that each have one would fold theirs.
    @Test func segmentsGiveTheBitsOfMicroBatches() throws {
        for (samples, segment) in [(12, 4), (900, 300), (10, 3)] {
            let w = Parameter(try Tensor(numbers(7 * 5, seed: 5), [7, 5], in: context))
            let v = Parameter(try Tensor(numbers(7 * 4, seed: 9), [7, 4], in: context))
            let b = Parameter(try Tensor(numbers(5, seed: 6), [5], in: context))
            let gamma = Parameter(try Tensor(numbers(5, seed: 7), [5], in: context))
            let x = try Tensor(numbers(samples * 2 * 7, seed: 8), [samples, 2, 7], in: context)
            func gradients(_ rows: Range<Int>, segment: Int) throws -> Gradients {
                try valueAndGradients(segment: segment) { tape throws(TensorError) in
                    let part = try x.sliced(0, rows)
                    let y = try Variable(part).linear(tape(w), bias: tape(b))
                    let first = try Variable(part.sliced(1, 0..<1).squeezed(1)).product(with: tape(v))
                    return try y.layerNorm(gamma: tape(gamma), beta: tape(b)).applying(.gelu).sum()
                        + first.sum()
                }.gradients
            }
            let whole = try gradients(0..<samples, segment: segment)
            var folded = Gradients()
            for start in stride(from: 0, to: samples, by: segment) {
                try folded.accumulate(
                    gradients(start..<min(start + segment, samples), segment: 0), of: [w, v, gamma])
            }
            for parameter in [w, v, gamma] {
                let (one, other) = (try #require(whole[parameter]), try #require(folded[parameter]))
                #expect(
                    try one.values(Float.self).map(\.bitPattern)
                        == other.values(Float.self).map(\.bitPattern),
                    "\(samples) samples, leaves of \(segment)")
            }
        }
    }

    /// A slope that two operands get is not written over while one of them still needs it.
    @Test func sharedSlopesAreLeftAlone() throws {
        let x = Parameter(try Tensor([-1, 2, -3, 4] as [Float], [2, 2], in: context))
        let (_, gradients) = try valueAndGradients { tape throws(TensorError) in
            let v = tape(x)
            let halves = try [v.sliced(0, 0..<1), v.sliced(0, 1..<2)]
            // The slope of the sum goes to x, to the relu, and in parts to the halves.
            let joined = try Variable.concatenated([halves[0], halves[1].applying(.relu)], 0)
            return try (v + v.applying(.relu) + v + joined).sum()
        }
        // Two of x itself, one of the relu where x is positive, one of a half.
        #expect(try gradients[x]?.values(Float.self) == [3, 4, 2, 4])
    }

    /// The zeros of a rectified value's slope come with the product that makes it, or from the tape where
    /// other terms are added to that: the bits are those of a relu by itself, on every number of threads.
    @Test(arguments: [1, 2])
    func slopesOfRectifiedValuesAreThoseOfARelu(threads: Int) throws {
        let context = TensorContext(threads: threads, grain: 1)
        func parameter(_ shape: Shape, _ seed: UInt64) throws -> Parameter {
            Parameter(try Tensor(numbers(shape.count, seed: seed), shape, in: context))
        }
        for (rows, hidden) in [(5, 7), (40, 9), (6, 50)] {
            let x = try parameter([rows, 4], 1)
            let (w, v) = (try parameter([4, hidden], 2), try parameter([hidden, 3], 3))
            for further in ["nothing", "product", "exp"] {
                func gradients(_ isFused: Bool) throws -> [[UInt32]] {
                    let (_, gradients) = try valueAndGradients { tape throws(TensorError) in
                        let h =
                            try isFused
                            ? tape(x).linear(tape(w), isRectified: true)
                            : tape(x).linear(tape(w)).applying(.relu)
                        let y = try h.linear(tape(v)).applying(.tanh).sum()
                        switch further {
                        case "product": return try y + h.linear(tape(v)).sum()
                        case "exp": return try y + h.applying(.exp).sum()
                        default: return y
                        }
                    }
                    return try [x, w, v].map { try gradients[$0]!.values(Float.self).map(\.bitPattern) }
                }
                #expect(try gradients(true) == gradients(false), "\(rows) x \(hidden), \(further)")
            }
        }
        #expect(context.forks > 0 || threads == 1)
    }

    /// The tape gives slopes away, so that each takes the memory of the one before.
    @Test func slopesOfAChainAreOnePieceOfMemory() throws {
        let context = TensorContext()
        func bytes() -> Int { context.memory.bytes.used + context.memory.bytes.free }
        let before = bytes()
        let x = Parameter(Tensor(repeating: Float(0.5), [1 << 15], in: context))
        var values: [Variable] = []
        let (_, gradients) = try valueAndGradients { tape throws(TensorError) in
            values = [tape(x)]
            for _ in 0..<5 { values.append(try values.last!.applying(.tanh)) }
            return try values.last!.sum()
        }
        // x, five values and the slope, which is the gradient in the end; and two scalars.
        #expect(gradients[x]?.shape == x.value.shape)
        #expect(bytes() - before < (7 << 17) + (1 << 10))
    }

    @Test func aTapeIsGoneBackOnce() throws {
        let x = Parameter(try Tensor([2] as [Float], [1], in: context))
        let tape = Tape()
        let y = try tape(x).sum()
        _ = try tape.gradients(of: y)
        #expect(throws: TensorError.self) { try tape.gradients(of: y) }
        #expect(throws: TensorError.self) { try Tape().gradients(of: y) }
    }

    /// A pass that ends in an error keeps no memory.
    @Test func nothingIsKeptAfterAnError() throws {
        let context = TensorContext()
        let x = Parameter(Tensor(repeating: Float(1), [1000], in: context))
        let before = context.memory.bytes.used
        #expect(throws: TensorError.self) {
            try valueAndGradients { tape throws(TensorError) in
                let y = try tape.recomputing([tape(x)]) { _, v throws(TensorError) in try v[0].applying(.exp)
                }
                return try y.reshaped(to: [7])
            }
        }
        #expect(context.memory.bytes.used == before)
    }

    /// Without samples, elements or rows there is nothing to do, and nothing goes wrong.
    @Test func emptyOperandsHaveEmptySlopes() throws {
        for shape in [[0, 4], [3, 0]] as [Shape] {
            let x = Parameter(Tensor(repeating: Float(1), shape, in: context))
            let w = Parameter(Tensor(repeating: Float(1), [shape[1], 2], in: context))
            let (value, gradients) = try valueAndGradients { tape throws(TensorError) in
                try tape(x).linear(tape(w)).applying(.relu).sum()
            }
            #expect(try value.values(Float.self) == [0])
            #expect(gradients[x]?.shape == shape)
            #expect(try gradients[w]?.values(Float.self).allSatisfy { $0 == 0 } == true)
        }
    }

    /// Slopes of other shapes than the result's are refused, never read beyond their end.
    @Test func wrongSlopesAreRefused() throws {
        let (x, w) = (
            try Tensor(numbers(96, seed: 1), [2, 4, 4, 3], in: context),
            try Tensor(numbers(27, seed: 2), [1, 3, 3, 3], in: context)
        )
        let wrong = try Tensor(numbers(4, seed: 3), [4], in: context)
        let ids = try Tensor([0, 1] as [Int32], [2], in: context)
        for attempt in [
            { try Tensor.convolutionInputGradient(wrong, x.shape, w, Steps()) },
            { try Tensor.convolutionKernelGradient(wrong, x, w.shape, Steps(), segment: 0) },
            { try Tensor.averagePoolGradient(wrong, x.shape, (2, 2), countsPadding: true, Steps(stride: 2)) },
            { try Tensor.maxPoolGradient(wrong, x, x, (2, 2), Steps(stride: 2)) },
            { try Tensor.resizedGradient(wrong, x.shape, alignsCorners: false) },
            { try Tensor.crossEntropiesGradient(wrong, x, Labels(ids)) },
            { try Tensor.rowsGradient(wrong, ids, table: [4, 2], segment: 0) },
            { try Tensor.rowsGradient(x.reshaped(to: [2, 48]), ids, table: [1, 48], segment: 0) },
            { try Tensor.softmaxGradient(wrong, x) }, { try wrong.placed(0, from: 0, by: 2, in: [5]) },
        ] as [() throws -> Tensor] {
            #expect(throws: TensorError.self) { try attempt() }
        }
    }
}
