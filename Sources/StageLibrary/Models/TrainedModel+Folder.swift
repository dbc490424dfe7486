import CanonicalJSON
import Estimators
import PipelineLanguage
import Platform
import Safetensors
import TableTypes

/// A model folder: `model.json`, canonical, and `weights.safetensors`. Both are
/// functions of the model; equal models give equal bytes.
extension TrainedModel {
    /// Goes up when an older program would misread a folder.
    private static let format: Int64 = 1
    private static let descriptionFile = "model.json"
    private static let weightsFile = "weights.safetensors"

    /// - Parameter folder: Exists.
    public func write(to folder: String) throws {
        try Files.write(json.canonicalBytes, to: "\(folder)/\(Self.descriptionFile)")
        try Safetensors(tensors).write(to: "\(folder)/\(Self.weightsFile)")
    }

    /// - Throws: `StageError` that names the file and what is wrong in it.
    public init(folder: String) throws {
        let description: JSONValue
        do {
            description = try JSONValue(parsing: Files.read("\(folder)/\(Self.descriptionFile)"))
        } catch let error as SystemError where error.isNotFound {
            throw StageError(ModelFinding.badModel(file: Self.descriptionFile, problem: "no such file"))
        } catch {
            throw StageError(ModelFinding.badModel(file: Self.descriptionFile, problem: "\(error)"))
        }
        let weights: Safetensors
        do {
            weights = try Safetensors(path: "\(folder)/\(Self.weightsFile)")
        } catch {
            var problem = "\(error)"
            if case .system(let failure) = error, failure.isNotFound { problem = "no such file" }
            throw StageError(ModelFinding.badModel(file: Self.weightsFile, problem: problem))
        }
        do {
            try self.init(description, weights)
        } catch let finding as ModelFinding {
            throw StageError(finding)
        }
    }

    // MARK: Writing

    var json: JSONValue {
        var json: JSONValue = [
            "format": .integer(Self.format), "task": "classification",
            "estimator": .string(estimatorName), "parameters": parameters,
            "transform": transform.json, "inputs": Self.json(inputs),
            "target": ["name": .string(target), "type": .string(targetType.rawValue)],
            "classes": .strings(classes),
            "training": [
                "rows": .integer(Int64(trainingRows)), "loss": .number(trainingLoss),
                "class_rows": .array(classCounts.map { .integer(Int64($0)) }),
            ],
        ]
        switch estimator {
        case .logistic(let model): json["architecture"] = model.architecture
        case .mlp(let model): json["architecture"] = model.architecture
        }
        json["seed"] = seed.map { .integer(Int64(bitPattern: $0)) }
        return json
    }

    private static func json(_ type: TableType) -> JSONValue {
        .array(type.columns.map { ["name": .string($0.name), "type": .string($0.type.rawValue)] })
    }

    private var tensors: [StoredTensor] {
        switch estimator {
        case .logistic(let model):
            model.parameters.map { StoredTensor(name: $0.name, shape: $0.shape, doubles: $0.values) }
        case .mlp(let model):
            model.parameters.map { StoredTensor(name: $0.name, shape: $0.shape, floats: $0.values) }
        }
    }

    // MARK: Reading

    private init(_ json: JSONValue, _ weights: Safetensors) throws {
        func fault(_ problem: String) -> ModelFinding {
            .badModel(file: Self.descriptionFile, problem: problem)
        }
        guard json["format"]?.integer == Self.format, json["task"] == "classification" else {
            throw fault("expected format \(Self.format) of task classification")
        }
        do {
            transform = try FittedTransform(json: json["transform"] ?? .null)
        } catch let error as StageError {
            throw fault(error.message)
        }
        guard let target = json["target"]?["name"]?.string,
            let type = json["target"]?["type"]?.string.flatMap(ColumnType.init), ClassLabels.isTarget(type),
            !transform.inputColumns.contains(target)
        else { throw fault("target: expected the name and type of a column that is no input") }
        guard let classes = json["classes"]?.strings, classes.count >= 2, Set(classes).count == classes.count
        else { throw fault("classes: expected a list of at least two different texts") }
        guard let training = json["training"], let loss = training["loss"]?.number,
            let counts = training["class_rows"]?.array?.compactMap(\.integer), counts.count == classes.count,
            counts.allSatisfy({ (1...Int64(Int32.max)).contains($0) }),
            training["rows"]?.integer == counts.reduce(0, +)
        else { throw fault("training: expected loss, rows, and the rows of each class") }
        guard let parameters = json["parameters"], parameters.object != nil else {
            throw fault("parameters: expected an object")
        }
        self.target = target
        targetType = type
        self.classes = classes
        classCounts = counts.map { Int($0) }
        trainingLoss = loss
        self.parameters = parameters
        if let seed = json["seed"] {
            guard let number = seed.integer else { throw fault("seed: expected an integer") }
            self.seed = UInt64(bitPattern: number)
        } else {
            seed = nil
        }
        estimator = try Self.estimator(json, weights)
        guard json["inputs"] == Self.json(transform.inputType) else {
            throw fault("inputs: do not agree with the transform")
        }
        let (columns, outputs) = estimator.sizes
        guard columns == transform.outputNames.count, outputs == classes.count else {
            throw fault(
                "architecture: \(columns) columns and \(outputs) classes; the transform gives "
                    + "\(transform.outputNames.count), and \(classes.count) classes are named")
        }
    }

    private static func estimator(_ json: JSONValue, _ weights: Safetensors) throws -> Estimator {
        let architecture = json["architecture"] ?? .null
        do {
            switch json["estimator"]?.string {
            case "logistic":
                return .logistic(
                    try LogisticRegression(
                        architecture: architecture, parameters: try tensors(weights, .double, \.doubles)))
            case "mlp":
                return .mlp(
                    try MultilayerPerceptron(
                        architecture: architecture, parameters: try tensors(weights, .float, \.floats)))
            default:
                throw ModelFinding.badModel(
                    file: descriptionFile, problem: "estimator: expected logistic or mlp")
            }
        } catch let error as EstimatorError {
            var file = weightsFile
            if case .architecture = error { file = descriptionFile }
            throw ModelFinding.badModel(file: file, problem: error.description)
        }
    }

    private static func tensors<Element>(
        _ weights: Safetensors, _ type: ElementType, _ values: (StoredTensor) -> [Element]?
    ) throws(ModelFinding) -> [NamedTensor<Element>] {
        var tensors: [NamedTensor<Element>] = []
        for tensor in weights.tensors {
            guard let values = values(tensor) else {
                throw .badModel(
                    file: weightsFile,
                    problem: "tensor '\(tensor.name)' has type \(tensor.type.rawValue), expected "
                        + type.rawValue)
            }
            tensors.append(NamedTensor(name: tensor.name, shape: tensor.shape, values: values))
        }
        return tensors
    }
}

extension TrainedModel.Estimator {
    /// Numbers in and classes out.
    var sizes: (columns: Int, classes: Int) {
        switch self {
        case .logistic(let model): (model.coefficients[0].count, model.classes)
        case .mlp(let model): (model.inputs, model.task.outputs)
        }
    }
}
