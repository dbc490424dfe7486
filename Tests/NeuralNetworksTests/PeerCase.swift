import Autograd
import CanonicalJSON
import NeuralNetworks
import Platform
import Safetensors
import TensorCore
import Testing

/// Numbers of PyTorch for one module (Peers/README.md), in our order of axes.
struct PeerCase {
    let name: String
    let context = TensorContext()
    let config: [String: JSONValue]
    private let file: Safetensors

    init(_ name: String) throws {
        self.name = name
        file = try Safetensors(
            path: "\(#filePath)".replacing("PeerCase.swift", with: "Peers/\(name).safetensors"))
        config = try #require(JSONValue(parsing: Array((file.metadata["config"] ?? "{}").utf8)).object)
    }

    func integer(_ key: String, default other: Int? = nil) throws -> Int {
        Int(try #require(config[key]?.integer ?? other.map { Int64($0) }, "\(name): \(key)"))
    }

    func has(_ tensor: String) -> Bool { file[tensor] != nil }

    /// A tensor as it lies in the file.
    func tensor(_ tensor: String) throws -> Tensor {
        let stored = try #require(file[tensor], "\(name) has no \(tensor)")
        let shape = Shape(stored.shape)
        if let floats = stored.floats { return try Tensor(floats, shape, in: context) }
        if let numbers = stored.int64s { return try Tensor(numbers.map { Int32($0) }, shape, in: context) }
        return try Tensor(try #require(stored.bools, "\(name): type of \(tensor)"), shape, in: context)
    }

    /// Images or lines, whose channels PyTorch puts behind the first axis.
    func channelsLast(_ name: String) throws -> Tensor {
        let tensor = try tensor(name)
        guard tensor.shape.rank > 2 else { return tensor }
        let axes = Array(tensor.shape.sizes.indices)
        return try tensor.permuted([0] + axes.dropFirst(2) + [1]).copied()
    }

    /// What a `state_dict` would hold.
    func state(of module: any Module) throws -> [StoredTensor] {
        file.tensors.filter { tensor in module.contents.contains { $0.name == tensor.name } }
    }

    /// Runs a module on the case's input and compares everything the case has.
    ///
    /// - Parameters:
    ///   - isImage: Whether input and output have channels that PyTorch puts second.
    ///   - tolerance: Of the largest magnitude of what is compared.
    ///   - others: Further inputs whose gradients the case has.
    func compare(
        _ module: any Module, isImage: Bool = false, isTraining: Bool = true, tolerance: Float,
        also others: [String: Parameter] = [:],
        _ run: (Variable, Pass) throws(TensorError) -> Variable
    ) throws {
        try module.load(state(of: module))
        let tape = Tape()
        let pass: Pass = isTraining ? .training(tape) : .evaluation(tape)
        let given = isImage ? try channelsLast("input") : try tensor("input")
        // A parameter, so that its slope comes with the others.
        let input = Parameter(given)
        let y = try given.dtype == .f32 ? run(tape(input), pass) : run(Variable(given), pass)
        try expect(y.value, isImage ? channelsLast("output") : tensor("output"), "output", tolerance)
        let weights = try isImage ? channelsLast("grad_output") : tensor("grad_output")
        let gradients = try tape.gradients(of: (y * Variable(weights)).sum())
        if has("grad.input") {
            let expected = try isImage ? channelsLast("grad.input") : tensor("grad.input")
            try expect(try #require(gradients[input]), expected, "grad.input", tolerance)
        }
        for (name, parameter) in others {
            try expect(
                try #require(gradients[parameter]), tensor("grad.\(name)"), "grad.\(name)", tolerance)
        }
        for content in module.contents {
            let own = content.isLearnt ? gradients[content.parameter] : content.parameter.value
            let key = content.isLearnt ? "grad.\(content.name)" : "after.\(content.name)"
            guard content.isLearnt || has(key) else { continue }
            let value = try #require(own, "\(name): no gradient of \(content.name)")
            let inFileOrder = try content.fileOrder.map { try value.permuted($0) } ?? value
            try expect(inFileOrder, tensor(key), key, tolerance)
        }
    }

    func expect(_ found: Tensor, _ expected: Tensor, _ what: String, _ tolerance: Float) throws {
        guard found.shape == expected.shape else {
            Issue.record("\(name): \(what) is \(found.shape); expected \(expected.shape)")
            return
        }
        let (found, expected): ([Float], [Float]) = (try found.values(), try expected.values())
        let scale = expected.reduce(0) { $1.magnitude > $0 ? $1.magnitude : $0 }
        let limit = tolerance * (scale > 1e-3 ? scale : 1e-3)
        for (place, (one, other)) in zip(found, expected).enumerated()
        where !((one - other).magnitude <= limit) {
            Issue.record("\(name): \(what)[\(place)] is \(one); expected \(other) within \(limit)")
            return
        }
    }
}
