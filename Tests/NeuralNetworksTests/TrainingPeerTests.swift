import Autograd
import CanonicalJSON
import Foundation
import NeuralNetworks
import Platform
import TensorCore
import Testing

/// Optimizers, schedules, clipping and averages beside PyTorch's numbers.
@Suite struct TrainingPeerTests {
    @Test(
        arguments: [
            ("optimizer-sgd", .sgd(), 0.1, 0.01), ("optimizer-momentum", .sgd(momentum: 0.9), 0.1, 0.01),
            ("optimizer-nesterov", .sgd(momentum: 0.9, nesterov: true), 0.1, 0.01),
            ("optimizer-adam", .adam(), 0.01, 0.01), ("optimizer-adamw", .adamW(), 0.01, 0.05),
            ("optimizer-rmsprop", .rmsProp(), 0.01, 0.01),
        ] as [(String, Optimizer.Rule, Float, Float)])
    func optimizers(name: String, rule: Optimizer.Rule, rate: Float, decay: Float) throws {
        let it = try PeerCase(name)
        let parameter = Parameter(try it.tensor("start"))
        let optimizer = Optimizer(rule, [parameter], decay: decay)
        let (gradients, expected) = (try it.tensor("gradients"), try it.tensor("parameters"))
        for step in 0..<5 {
            var all = Gradients()
            all[parameter] = try gradients.sliced(0, step..<(step + 1)).squeezed(0)
            try optimizer.step(all, rate: rate)
            try it.expect(
                parameter.value, expected.sliced(0, step..<(step + 1)).squeezed(0), "step \(step)", 1e-6)
        }
    }

    @Test(arguments: ["clip-above", "clip-below"])
    func clipping(name: String) throws {
        let it = try PeerCase(name)
        let limit = try #require(it.config["max_norm"]?.number)
        var gradients = Gradients()
        let parameters = try (0..<3).map { index in
            let gradient = try it.tensor("gradient.\(index)")
            let parameter = Parameter(gradient)
            gradients[parameter] = gradient
            return parameter
        }
        let norm = try gradients.clip(norm: limit, of: parameters)
        let expected: [Float] = try it.tensor("norm").values()
        #expect((Float(norm) - expected[0]).magnitude < 1e-6 * expected[0])
        for (index, parameter) in parameters.enumerated() {
            try it.expect(
                try #require(gradients[parameter]), it.tensor("clipped.\(index)"), "clipped.\(index)", 1e-6)
        }
    }

    @Test(
        arguments: [
            ("average-equal", .equal), ("average-decaying", .exponential(decay: 0.9)),
        ] as [(String, WeightAverage.Kind)])
    func averages(name: String, kind: WeightAverage.Kind) throws {
        let it = try PeerCase(name)
        let (series, expected) = (try it.tensor("parameters"), try it.tensor("averages"))
        let parameter = Parameter(Tensor(repeating: Float(0), [3, 4], in: it.context))
        let average = WeightAverage(kind, [parameter])
        for step in 0..<5 {
            let row = step..<(step + 1)
            parameter.value = try series.sliced(0, row).squeezed(0).copied()
            try average.update()
            average.apply()
            try it.expect(parameter.value, expected.sliced(0, row).squeezed(0), "step \(step)", 1e-6)
        }
    }

    @Test func schedules() throws {
        let bytes = try Files.read(
            "\(#filePath)".replacing("TrainingPeerTests.swift", with: "Peers/schedules.json"))
        let all = try #require(JSONValue(parsing: bytes).object)
        func numbers(_ name: String, _ key: String) throws -> [Double] {
            try #require(all[name]?.object?[key]?.array).compactMap(\.number)
        }
        for (name, schedule) in [
            ("step", .step(every: 4, factor: 0.5)),
            ("linear-warm-up", .warmUp(steps: 5, from: 0.1, then: .constant)),
            ("cosine", .cosine(steps: 10, least: 0.01)), ("one-cycle", .oneCycle(steps: 20)),
        ] as [(String, Schedule)] {
            let rates = try numbers(name, "rates")
            #expect(rates.count >= 10, "\(name)")
            for (step, rate) in rates.enumerated() {
                #expect((0.1 * schedule(step) - rate).magnitude < 1e-9, "\(name), step \(step)")
            }
        }
        var plateau = Plateau(factor: 0.5, patience: 2)
        let (metrics, rates) = (try numbers("plateau", "metrics"), try numbers("plateau", "rates"))
        var rate = 1.0
        #expect(metrics.count == 15)
        for (metric, expected) in zip(metrics, rates) {
            #expect((0.1 * rate - expected).magnitude < 1e-12)
            rate = plateau(metric)
        }
    }
}

/// Losses beside PyTorch's numbers.
@Suite struct LossPeerTests {
    @Test(
        arguments: [
            ("loss-binary", .binaryCrossEntropy()), ("loss-focal", .focal(gamma: 2, alpha: 0.25)),
            ("loss-mse", .squared), ("loss-mae", .absolute), ("loss-huber", .huber(delta: 0.7)),
            ("loss-quantile", .quantile(0.9)), ("loss-poisson", .poisson),
        ] as [(String, ElementLoss)])
    func lossesOfElements(name: String, loss: ElementLoss) throws {
        let it = try PeerCase(name)
        let targets = try it.tensor("target")
        try it.compare(Sequential([]), tolerance: 2e-6) { x, _ throws(TensorError) in
            try x.loss(loss, targets)
        }
    }

    @Test(arguments: [
        "loss-cross-entropy", "loss-cross-entropy-smoothing", "loss-cross-entropy-weights",
        "loss-cross-entropy-weights-smoothing",
    ])
    func crossEntropies(name: String) throws {
        let it = try PeerCase(name)
        let labels = Labels(
            try it.tensor("target"), weights: it.has("weight") ? try it.tensor("weight") : nil,
            smoothing: Float(it.config["label_smoothing"]?.number ?? 0))
        try it.compare(Sequential([]), tolerance: 2e-6) { x, _ throws(TensorError) in
            try x.crossEntropy(labels)
        }
    }

    /// PyTorch has a weight for each column, ours one for a call.
    @Test func positiveTargetsWeighAsTheyAreTold() throws {
        let it = try PeerCase("loss-binary-weights")
        let (targets, weights) = (try it.tensor("target"), try it.tensor("pos_weight").values(Float.self))
        try it.compare(Sequential([]), tolerance: 2e-6) { x, _ throws(TensorError) in
            var sum = Variable(Tensor(repeating: Float(0), in: it.context))
            for (column, weight) in weights.enumerated() {
                let range = column..<(column + 1)
                let losses = try x.sliced(1, range).losses(
                    .binaryCrossEntropy(positiveWeight: weight), targets.sliced(1, range))
                sum = try sum + losses.sum()
            }
            return try sum.scaled(by: 1 / Float(targets.count))
        }
    }

    /// Numbers that no test reads would hold nobody to anything.
    @Test func everyFileOfNumbersIsReadByATest() throws {
        let folder = "\(#filePath)".replacing("TrainingPeerTests.swift", with: "")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder + "Peers")
            .filter { $0.hasSuffix(".safetensors") }.map { $0.replacing(".safetensors", with: "") }
        let sources = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix("PeerTests.swift") }
            .map { try String(contentsOfFile: folder + $0, encoding: .utf8) }.joined()
        #expect(names.count > 80)
        for name in names { #expect(sources.contains("\"\(name)\""), "\(name) is read by no test") }
    }
}
