import Autograd
import Safetensors
import TensorCore
import Testing

@testable import NeuralNetworks

@Suite struct StateFileTests {
    private func network(seed: UInt64) throws -> Sequential {
        let make = Initializer(seed: seed, in: TensorContext())
        return try Sequential([
            ConvNorm(3, 4, kernel: 3, make), Function.globalAveragePool, Linear(4, 2, make),
        ])
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let (one, other) = (try network(seed: 1), try network(seed: 2))
        let file = try Safetensors(one.state(), metadata: ["format": "pt"])
        #expect(
            file.tensors.map { "\($0.name) \($0.shape)" } == [
                "0.conv.weight [4, 3, 3, 3]", "0.norm.bias [4]", "0.norm.running_mean [4]",
                "0.norm.running_var [4]", "0.norm.weight [4]", "2.bias [2]", "2.weight [2, 4]",
            ])
        try other.load(Safetensors(parsing: file.bytes).tensors)
        for (mine, theirs) in zip(one.contents, other.contents) {
            #expect(
                try mine.parameter.value.values(Float.self) == theirs.parameter.value.values(Float.self),
                "\(mine.name)")
        }
    }

    @Test func everythingThatDoesNotFitIsSaidAndNothingIsChanged() throws {
        let network = try network(seed: 1)
        let before: [Float] = try network.parameters[0].value.values()
        let tensors =
            try self.network(seed: 2).state().filter { $0.name != "2.bias" && $0.name != "2.weight" } + [
                StoredTensor(name: "2.weight", shape: [4, 2], floats: [Float](repeating: 0, count: 8)),
                StoredTensor(name: "3.weight", shape: [1], floats: [0]),
                StoredTensor(name: "0.norm.num_batches_tracked", shape: [], int64s: [5]),
            ]
        #expect(
            throws: StateError(findings: [
                "'2.weight' is F32 [4, 2]; expected F32 [2, 4]", "'2.bias' is missing; expected f32 [2]",
                "'3.weight' is no part of this network",
            ])
        ) { try network.load(tensors) }
        #expect(try network.parameters[0].value.values() == before)
    }

    /// A step changes the parameter alone, not a copy that was taken before.
    @Test func aStepLeavesCopiesAlone() throws {
        let context = TensorContext()
        let parameter = Parameter(Tensor(repeating: Float(1), [3], in: context))
        let kept = parameter.value
        var gradients = Gradients()
        gradients[parameter] = Tensor(repeating: Float(2), [3], in: context)
        try Optimizer(.sgd(), [parameter]).step(gradients, rate: 0.25)
        #expect(try parameter.value.values(Float.self) == [0.5, 0.5, 0.5])
        #expect(try kept.values(Float.self) == [1, 1, 1])
    }

    /// What is dropped depends on a sample's number, not on its place in a batch.
    @Test func dropsFollowTheSample() throws {
        let context = TensorContext()
        let layer = Dropout(0.5, Initializer(seed: 1, in: context))
        let x = Variable(Tensor(repeating: Float(1), [4, 40], in: context))
        func dropped(_ samples: [Int], step: Int) throws -> [[Float]] {
            let pass = Pass.training(Tape(), seed: 3, step: step, samples: samples)
            let values: [Float] = try layer(x, pass).value.values()
            return (0..<4).map { Array(values[($0 * 40)..<(($0 + 1) * 40)]) }
        }
        let (one, other) = (try dropped([5, 6, 7, 8], step: 1), try dropped([8, 100, 5, 1], step: 1))
        #expect(one[0] == other[2] && one[3] == other[0])
        #expect(one[0] != one[1])
        #expect(try dropped([5, 6, 7, 8], step: 2) != one)
        #expect(Set(one.joined()) == [0, 2])
        #expect(try layer(x, .evaluation).value.values(Float.self).allSatisfy { $0 == 1 })
    }

    /// Layers that share a parameter move it once; one that skips steps has its own count of them.
    @Test func parametersMoveOnceAStep() throws {
        let context = TensorContext()
        let layer = try Linear(2, 2, bias: false, Initializer(seed: 1, in: context))
        #expect(Sequential([layer, layer]).parameters.count == 1)
        let (first, second) = (
            Parameter(Tensor(repeating: Float(1), [1], in: context)),
            Parameter(Tensor(repeating: Float(1), [1], in: context))
        )
        let optimizer = Optimizer(.adam(), [first, second])
        for step in 0..<5 {
            var gradients = Gradients()
            gradients[first] = Tensor(repeating: Float(1), [1], in: context)
            if step == 4 { gradients[second] = gradients[first] }
            try optimizer.step(gradients, rate: 0.125)
        }
        // A first step of Adam is as long as the rate.
        let moved: [Float] = try second.value.values()
        #expect((moved[0] - 0.875).magnitude < 1e-6)
    }
}
