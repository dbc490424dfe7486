import CanonicalJSON
import PipelineLanguage

/// What is made of `with` before a stage runs: defaults filled in for `check`
/// and `run`, and left out again for the key.
extension StageKind {
    /// The values given plus every default, at every depth.
    public func filled(_ given: JSONValue) -> JSONValue { Self.filled(given, allParameters) }

    /// What enters the action key: without values equal to their default,
    /// observers, what the snapshot stands for, and what is keyed elsewhere (paths and schemas by content,
    /// the seed by itself) or not at all (gates).
    public func keyed(_ values: JSONValue) -> JSONValue {
        Self.keyed(values, parameters.filter { !$0.isFetched })
    }

    /// What says which data is fetched, as `keyed` would keep it.
    func fetched(_ values: JSONValue) -> JSONValue { Self.keyed(values, parameters.filter(\.isFetched)) }

    /// What of the parameters a fetch is given: what its source's identity covers.
    public func forFetch(_ values: JSONValue) -> JSONValue { only(values) { $0.isFetched } }

    /// What of them the stage itself is given: what its key covers.
    public func forRun(_ values: JSONValue) -> JSONValue { only(values) { !$0.isFetched } }

    private func only(_ values: JSONValue, _ isIn: (Parameter) -> Bool) -> JSONValue {
        if fetch == nil { return values }
        let out = Set(allParameters.filter { !isIn($0) }.map(\.name))
        return .object((values.object ?? [:]).filter { !out.contains($0.key) })
    }

    /// An action's document with every default in its parameters.
    fileprivate func withDefaults(_ document: JSONValue) -> JSONValue {
        guard var members = document.object, let values = members["parameters"] else { return document }
        members["parameters"] = filled(values)
        return .object(members)
    }

    /// The metric bounds among the values, by the parameter they stand under.
    func gates(in values: JSONValue) -> [Gate] {
        parameters.filter { if case .gates = $0.type { true } else { false } }.flatMap { parameter in
            (values[parameter.name]?.object ?? [:]).sorted { $0.key < $1.key }.compactMap {
                metric, condition in
                Gate(metric: metric, condition: condition.string ?? "")
            }
        }
    }

    /// Parameters whose value is a file of the project, or a glob of several.
    var pathParameters: [Parameter] { parameters.filter(\.type.isPath) }

    /// The parameter that holds a Table Schema, if the kind has one.
    var schemaParameter: String? {
        parameters.first { if case .schema = $0.type { true } else { false } }?.name
    }

    private static func filled(_ given: JSONValue, _ parameters: [Parameter]) -> JSONValue {
        var values = given.object ?? [:]
        for parameter in parameters {
            guard let value = values[parameter.name] ?? parameter.defaultValue else { continue }
            values[parameter.name] = filled(value, parameter.type)
        }
        return .object(values)
    }

    private static func filled(_ value: JSONValue, _ type: ParameterType) -> JSONValue {
        switch type {
        case .list(let element):
            return value.array.map { .array($0.map { filled($0, element) }) } ?? value
        case .map(let element):
            return value.object.map { .object($0.mapValues { filled($0, element) }) } ?? value
        case .record(let parameters): return value.object == nil ? value : filled(value, parameters)
        case .variant(let variants):
            guard let (name, inner) = value.object?.first,
                let variant = variants.first(where: { $0.name == name })
            else { return value }
            return .object([name: filled(inner, variant.parameters)])
        case .either(let types):
            return types.first { $0.hasForm(of: value) }.map { filled(value, $0) } ?? value
        default: return value
        }
    }

    private static func keyed(_ values: JSONValue, _ parameters: [Parameter]) -> JSONValue {
        var kept: [String: JSONValue] = [:]
        for parameter in parameters where !parameter.isObserver {
            guard let value = values[parameter.name] else { continue }
            switch parameter.type {
            case .path, .paths, .schema, .gates: continue
            default: break
            }
            if let standard = parameter.defaultValue, filled(standard, parameter.type) == value { continue }
            kept[parameter.name] = keyed(value, parameter.type)
        }
        return .object(kept)
    }

    private static func keyed(_ value: JSONValue, _ type: ParameterType) -> JSONValue {
        switch type {
        case .list(let element): return value.array.map { .array($0.map { keyed($0, element) }) } ?? value
        case .map(let element):
            return value.object.map { .object($0.mapValues { keyed($0, element) }) } ?? value
        case .record(let parameters): return value.object == nil ? value : keyed(value, parameters)
        case .variant(let variants):
            guard let (name, inner) = value.object?.first,
                let variant = variants.first(where: { $0.name == name })
            else { return value }
            return .object([name: keyed(inner, variant.parameters)])
        case .either(let types):
            return types.first { $0.hasForm(of: value) }.map { keyed(value, $0) } ?? value
        default: return value
        }
    }
}

extension ActionDifference {
    /// What stood at its default is compared by its value, unless another
    /// version of the kind wrote one of the two: its defaults may have been others.
    ///
    /// - Parameter kind: Of a built-in stage.
    public init(old: JSONValue, new: JSONValue, kind: StageKind?) {
        if let kind, old["kind"] == new["kind"], old["version"] == new["version"] {
            self.init(old: kind.withDefaults(old), new: kind.withDefaults(new))
        } else {
            self.init(old: old, new: new)
        }
    }
}

extension ParameterType {
    /// Whether a decoded value is one of this type; tells the alternatives of
    /// `either` apart.
    func hasForm(of value: JSONValue) -> Bool {
        switch self {
        case .boolean: value.bool != nil
        case .integer, .number: value.number != nil
        case .text, .path, .paths, .column: value.string != nil
        case .choice(let choices): choices.contains { $0.word == value.string }
        case .schema, .selector: true
        case .list: value.array != nil
        case .map, .record, .gates: value.object != nil
        case .variant(let variants):
            value.object?.count == 1 && variants.contains { value.object?[$0.name] != nil }
        case .either(let types): types.contains { $0.hasForm(of: value) }
        }
    }
}
