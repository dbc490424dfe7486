public import CanonicalJSON

extension MultilayerPerceptron {
    /// `layers.I.weight` (outputs x inputs) and `layers.I.bias` (outputs).
    public var parameters: [NamedTensor<Float>] {
        let sizes = [inputs] + hidden + [task.outputs]
        return layers.indices.flatMap { index in
            [
                NamedTensor(
                    name: "layers.\(index).weight", shape: [sizes[index + 1], sizes[index]],
                    values: layers[index].weights),
                NamedTensor(
                    name: "layers.\(index).bias", shape: [sizes[index + 1]], values: layers[index].biases),
            ]
        }
    }

    /// What `parameters` do not say.
    public var architecture: JSONValue {
        let word =
            switch task {
            case .classification: "classification"
            case .regression: "regression"
            }
        return [
            "estimator": "mlp", "task": .string(word), "inputs": .integer(Int64(inputs)),
            "hidden": .array(hidden.map { .integer(Int64($0)) }),
            "outputs": .integer(Int64(task.outputs)), "activation": .string(activation.rawValue),
        ]
    }

    /// The model whose `architecture` and `parameters` these are.
    ///
    /// - Throws: `EstimatorError` that names the key or tensor at fault.
    public init(architecture: JSONValue, parameters: [NamedTensor<Float>]) throws(EstimatorError) {
        _ = try architectureWord(architecture["estimator"], "estimator", ["mlp"])
        let word = try architectureWord(architecture["task"], "task", ["classification", "regression"])
        let name = try architectureWord(
            architecture["activation"], "activation", Activation.allCases.map(\.rawValue))
        let isClassifier = word == "classification"
        let outputs = try architectureSize(architecture["outputs"], "outputs", from: isClassifier ? 2 : 1)
        let inputs = try architectureSize(architecture["inputs"], "inputs")
        guard let list = architecture["hidden"]?.array else {
            throw .architecture(key: "hidden", expected: "a list of whole numbers")
        }
        var hidden: [Int] = []
        for value in list { hidden.append(try architectureSize(value, "hidden")) }
        var reader = ParameterReader(parameters)
        var layers: [Layer] = []
        for (index, size) in zip([inputs] + hidden, hidden + [outputs]).enumerated() {
            layers.append(
                Layer(
                    weights: try reader.take("layers.\(index).weight", [size.1, size.0]),
                    biases: try reader.take("layers.\(index).bias", [size.1])))
        }
        try reader.finish()
        self.init(
            inputs: inputs, hidden: hidden, activation: Activation(rawValue: name) ?? .relu,
            task: isClassifier ? .classification(classes: outputs) : .regression(outputs: outputs),
            layers: layers)
    }
}
