import CanonicalJSON
import PipelineLanguage
import TableTypes

extension FittedTransform {
    /// Goes up when an older program would misread a transform.
    private static let format: Int64 = 2

    /// What the artifact of a transform holds. Equal transforms give equal texts; `outputs`, which the rest implies, is
    /// there for other readers.
    public var json: JSONValue {
        var json: JSONValue = [
            "format": .integer(Self.format),
            "inputs": .array(inputs.map { ["name": .string($0.name), "type": .string($0.type.rawValue)] }),
            "outputs": .strings(outputNames), "steps": .array(steps.map(Self.json)),
        ]
        json["target"] = target.map(JSONValue.string)
        return json
    }

    private static func json(_ step: Step) -> JSONValue {
        var json = step.step.json
        json["columns"] = .strings(step.columns)
        return .object([step.name: json])
    }

    /// - Throws: `StageError` that names the first place that is not as `json` writes it.
    public init(json: JSONValue) throws {
        func fault(_ text: String) -> StageError { StageError(StageLibraryFinding.badTransform(text)) }
        guard json["format"]?.integer == Self.format else { throw fault("expected format \(Self.format)") }
        guard let inputs = json["inputs"]?.array else { throw fault("inputs: expected a list") }
        guard let steps = json["steps"]?.array else { throw fault("steps: expected a list") }
        if let target = json["target"], target.string == nil {
            throw fault("target: expected the name of a column")
        }
        let target = json["target"]?.string
        var shapes: [FeatureShape] = []
        for (index, input) in inputs.enumerated() {
            guard let name = input["name"]?.string, let type = input["type"]?.string.flatMap(ColumnType.init),
                name != target, !shapes.contains(where: { $0.name == name })
            else { throw fault("inputs[\(index)]: not the name and the type of a column") }
            shapes.append(FeatureShape(name: name, type: type))
        }
        var fitted: [Step] = []
        for (index, step) in steps.enumerated() {
            guard let step = Self.step(step) else { throw fault("steps[\(index)]: not a fitted step") }
            fitted.append(step)
        }
        guard let transform = FittedTransform(inputs: shapes, steps: fitted, target: target) else {
            let index = fitted.indices.first {
                FittedTransform(inputs: shapes, steps: Array(fitted[...$0]), target: target) == nil
            }
            throw fault("steps[\(index ?? 0)]: cannot take what the steps before it make")
        }
        self = transform
        guard json["outputs"]?.strings == outputNames else {
            throw fault("outputs: do not agree with the steps")
        }
    }

    private static func step(_ json: JSONValue) -> Step? {
        guard let (name, learned) = json.object?.first, json.object?.count == 1,
            let kind = FeatureSteps.kind(name), let columns = learned["columns"]?.strings,
            let step = fitted(kind, learned)
        else { return nil }
        return Step(name: name, columns: columns, step: step)
    }

    private static func fitted<Kind: FeatureStep>(_: Kind.Type, _ json: JSONValue) -> (any FittedStep)? {
        Kind.Fitted(json)
    }
}
