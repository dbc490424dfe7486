import CanonicalJSON
import PipelineLanguage
import TableTypes

extension FittedTransform {
    /// Goes up when an older program would misread a transform.
    private static let format: Int64 = 1

    /// What the artifact of a transform holds. Equal transforms give equal
    /// texts; `outputs`, which the rest implies, is there for other readers.
    public var json: JSONValue {
        var json: JSONValue = [
            "format": .integer(Self.format), "features": .array(features.map(\.json)),
            "outputs": .strings(outputNames),
        ]
        json["target"] = target.map(JSONValue.string)
        return json
    }

    /// - Throws: `StageError` that names the first place that is not as
    ///   `json` writes it.
    public init(json: JSONValue) throws {
        guard json["format"]?.integer == Self.format else {
            throw StageError(StageLibraryFinding.badTransform("expected format \(Self.format)"))
        }
        guard let elements = json["features"]?.array else {
            throw StageError(StageLibraryFinding.badTransform("features: expected a list"))
        }
        if let target = json["target"], target.string == nil {
            throw StageError(StageLibraryFinding.badTransform("target: expected the name of a column"))
        }
        var features: [FittedColumn] = []
        for (index, element) in elements.enumerated() {
            guard let feature = FittedColumn(element), feature.name != json["target"]?.string,
                !features.contains(where: { $0.name == feature.name })
            else {
                throw StageError(StageLibraryFinding.badTransform("features[\(index)]: not a fitted column"))
            }
            features.append(feature)
        }
        self.init(features: features, target: json["target"]?.string)
        guard json["outputs"]?.strings == outputNames else {
            throw StageError(StageLibraryFinding.badTransform("outputs: do not agree with the features"))
        }
    }
}

extension FittedColumn {
    var json: JSONValue {
        ["name": .string(name), "type": .string(type.rawValue), "steps": .array(steps.map(\.json))]
    }

    /// Nil unless every step can follow the one before.
    init?(_ json: JSONValue) {
        guard let name = json["name"]?.string, let type = json["type"]?.string.flatMap(ColumnType.init),
            let elements = json["steps"]?.array
        else { return nil }
        self.init(name: name, type: type)
        var current: ColumnType? = type
        for element in elements {
            guard let before = current, let step = Step(element), let after = step.outputType(of: before)
            else { return nil }
            if case .column(let type) = after { current = type } else { current = nil }
            steps.append(step)
        }
    }

    /// Whether what comes out has numbers for a matrix.
    var isNumeric: Bool {
        var current = type
        for step in steps {
            guard case .column(let type)? = step.outputType(of: current) else { return true }
            current = type
        }
        return FittedTransform.isFeature(current)
    }
}

extension FittedColumn.Step {
    var json: JSONValue {
        switch self {
        case .impute(let value, let asNumber):
            ["impute": asNumber ? ["value": value, "as": "number"] : ["value": value]]
        case .scale(let center, let divisor):
            ["scale": ["center": .number(center), "divisor": .number(divisor)]]
        case .encode(let levels, let unknown):
            ["encode": ["levels": .strings(levels), "unknown": .string(unknown.rawValue)]]
        }
    }

    init?(_ json: JSONValue) {
        if let impute = json["impute"], let value = impute["value"] {
            let form = impute["as"]
            guard form == nil || form == "number" else { return nil }
            self = .impute(value, asNumber: form != nil)
        } else if let center = json["scale"]?["center"]?.number,
            let divisor = json["scale"]?["divisor"]?.number, center.isFinite, divisor.isFinite, divisor != 0
        {
            self = .scale(center: center, divisor: divisor)
        } else if let levels = json["encode"]?["levels"]?.strings, Set(levels).count == levels.count,
            let unknown = json["encode"]?["unknown"]?.string.flatMap(FeatureStep.UnknownLevel.init)
        {
            self = .encode(levels: levels, unknown: unknown)
        } else {
            return nil
        }
    }

    enum Output {
        case column(ColumnType)
        case levels
    }

    /// Nil if the step does not fit a column of the type.
    func outputType(of type: ColumnType) -> Output? {
        switch self {
        case .impute(let value, true):
            type.isNumeric && FeatureStep.fits(value, .number) ? .column(.number) : nil
        case .impute(let value, false): FeatureStep.fits(value, type) ? .column(type) : nil
        case .scale: type.isNumeric ? .column(.number) : nil
        case .encode: .levels
        }
    }
}
