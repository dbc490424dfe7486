import Autograd
import NeuralNetworks
import TensorCore
import TensorKernels
import Testing

/// Training gives the same bits for any number of threads and on any level, and
/// for any ranks that share the leaves of a batch (docs: numerics).
@Suite struct DeterminismTests {
    private struct Model: Sendable, CustomStringConvertible {
        let description: String
        let input: Shape
        let make: @Sendable (Initializer) throws -> any Layer
    }

    private struct Tokens: Layer {
        let table: Embedding
        let encoder: TransformerEncoder
        let head: Linear

        init(_ make: Initializer) throws {
            table = try Embedding(11, 24, make)
            encoder = TransformerEncoder(
                [
                    try TransformerEncoderLayer(
                        24, heads: 3, hidden: 40, activation: .gelu, dropout: 0.1, make),
                    try TransformerEncoderLayer(
                        24, heads: 2, hidden: 40, dropout: 0.1, normalisesFirst: true, make),
                ], norm: LayerNorm(24, make), isRecomputed: true)
            head = try Linear(24, 5, make)
        }

        var members: [Member] {
            [.module("table", table), .module("encoder", encoder), .module("head", head)]
        }

        func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
            let ids = try x.value.scaled(by: 5).shifted(by: 5).converted(to: .i32)
            return try head(encoder(table(ids, pass), pass).mean([1]).squeezed(1), pass)
        }
    }

    private struct Recurrent: Layer {
        let gru: GRU
        let head: Linear

        init(_ make: Initializer) throws {
            gru = try GRU(6, 17, layers: 2, isBidirectional: true, make)
            head = try Linear(34, 5, make)
        }

        var members: [Member] { [.module("gru", gru), .module("head", head)] }

        func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
            try head(gru(x, pass).mean([1]).squeezed(1), pass)
        }
    }

    private static let perceptron = Model(description: "perceptron", input: [24, 37]) { make in
        try Sequential([
            Linear(37, 70, isRectified: true, make), Dropout(0.3, make), Linear(70, 33, make),
            Function.activation(.geluTanh), Linear(33, 5, make),
        ])
    }
    private static let convolutions = Model(description: "convolutions", input: [8, 9, 8, 3]) { make in
        try Sequential([
            Conv2d(3, 17, kernel: (3, 3), Steps(stride: 1, padding: 1), isRectified: true, make),
            Function.maxPool(3, stride: 2, padding: 1), Conv2d(17, 40, kernel: (3, 2), Steps(), make),
            Function.activation(.silu), Conv2d(40, 68, kernel: (2, 2), Steps(), make),
            Function.averagePool(2), Function.flatten, Linear(68, 5, make),
        ])
    }
    private static let mobile = Model(description: "mobile", input: [4, 8, 8, 3]) { make in
        try Sequential([
            ConvNorm(3, 16, kernel: 3, stride: 2, make), Function.activation(.silu),
            MBConv(16, 16, kernel: 3, expansion: 2, make),
            MBConv(16, 20, kernel: 5, stride: 2, expansion: 3, make),
            ResidualBlock(20, 20, make), Function.globalAveragePool, Linear(20, 5, make),
        ])
    }
    private static let tokens = Model(description: "tokens", input: [8, 13]) { try Tokens($0) }
    private static let recurrent = Model(description: "recurrent", input: [8, 7, 6]) { try Recurrent($0) }
    private static let all = [perceptron, convolutions, mobile, tokens, recurrent]

    private func numbers(_ shape: Shape, seed: UInt64) -> [Float] {
        let philox = Philox(seed: seed)
        return (0..<shape.count).map { Float(philox(SIMD4(UInt32($0), 0, 0, 0))[0] >> 8) / 8_388_608 - 1 }
    }

    /// FNV-1a of the bits of all parameters and state.
    private func digest(_ model: any Layer) throws -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for content in model.contents {
            for value: Float in try content.parameter.value.values() {
                #expect(value.isFinite, "\(content.name)")
                hash = (hash ^ UInt64(value.bitPattern)) &* 0x100_0000_01B3
            }
        }
        return hash
    }

    private func train(_ it: Model, steps: Int, threads: Int, level: KernelLevel) throws -> UInt64 {
        // So little is worth a worker that every operation is shared.
        let context = TensorContext(threads: threads, level: level, grain: 16)
        let model = try it.make(Initializer(seed: 1, in: context))
        let optimizer = Optimizer(.adamW(), model.parameters, decay: 0.01)
        let samples = it.input[0]
        let labels = Labels(
            try Tensor((0..<samples).map { Int32($0 % 5) }, [samples], in: context), smoothing: 0.1)
        for step in 0..<steps {
            let x = try Tensor(numbers(it.input, seed: UInt64(step)), it.input, in: context)
            var (_, gradients) = try valueAndGradients(segment: samples / 4) { tape throws(TensorError) in
                try model(Variable(x), .training(tape, seed: 9, step: step)).crossEntropy(labels)
            }
            try gradients.clip(norm: 1, of: model.parameters)
            try optimizer.step(gradients, rate: 0.003)
        }
        #expect((context.forks > 10 * steps) == (threads > 1))
        return try digest(model)
    }

    @Test(arguments: all.indices)
    func twoHundredStepsGiveTheSameBits(index: Int) throws {
        let it = Self.all[index]
        let fast = KernelLevel.allCases.filter { $0 <= .best && $0 != .plain }
        let expected = try train(it, steps: 200, threads: 1, level: .best)
        for level in fast {
            for threads in [1, 2, 3, 8] where level != .best || threads != 1 {
                let found = try train(it, steps: 200, threads: threads, level: level)
                #expect(found == expected, "\(it), \(level), \(threads) threads")
            }
        }
        let few = try train(it, steps: 20, threads: 1, level: .best)
        #expect(try train(it, steps: 20, threads: 1, level: .plain) == few, "\(it), plain")
    }

    /// Ranks that each make the leaves of their part, folded in the order of leaves.
    @Test(arguments: [perceptron, convolutions, tokens, recurrent].indices)
    func ranksThatShareTheLeavesGiveTheSameBits(index: Int) throws {
        let it = [Self.perceptron, Self.convolutions, Self.tokens, Self.recurrent][index]
        let context = TensorContext()
        let model = try it.make(Initializer(seed: 1, in: context))
        let samples = it.input[0]
        let x = try Tensor(numbers(it.input, seed: 4), it.input, in: context)
        let classes = try Tensor((0..<samples).map { Int32($0 % 5) }, [samples], in: context)
        func gradients(_ rows: Range<Int>, segment: Int) throws -> Gradients {
            try valueAndGradients(segment: segment) { tape throws(TensorError) in
                let pass = Pass.training(tape, seed: 9, step: 3, samples: Array(rows))
                let y = try model(Variable(x.sliced(0, rows).contiguous()), pass)
                let losses = try y.crossEntropies(Labels(classes.sliced(0, rows)))
                return try losses.sum().scaled(by: 1 / Float(samples))
            }.gradients
        }
        let leaf = samples / 4
        let whole = try gradients(0..<samples, segment: leaf)
        var folded = Gradients()
        for start in stride(from: 0, to: samples, by: leaf) {
            try folded.accumulate(gradients(start..<(start + leaf), segment: 0), of: model.parameters)
        }
        for content in model.contents {
            let one = try #require(whole[content.parameter]).values(Float.self)
            let other = try #require(folded[content.parameter]).values(Float.self)
            #expect(one.map(\.bitPattern) == other.map(\.bitPattern), "\(it), \(content.name)")
        }
    }
}
