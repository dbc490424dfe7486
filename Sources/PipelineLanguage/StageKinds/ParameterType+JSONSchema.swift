import CanonicalJSON

extension ParameterType {
    /// The JSON Schema (2020-12) of what may be written for it, `${...}`
    /// included: an editor must not redden a reference to a parameter.
    public var jsonSchema: JSONValue {
        switch self {
        case .boolean: Self.orReference(["type": "boolean"])
        case .integer(let interval):
            Self.orReference(interval.jsonSchema(type: "integer", JSONValue.integer))
        case .number(let interval):
            Self.orReference(interval.jsonSchema(type: "number", JSONValue.number))
        case .text, .path, .paths, .column: ["type": "string"]
        case .choice(let choices):
            Self.orReference([
                "oneOf": .array(
                    choices.flatMap { choice in
                        // Without quotes the word is YAML's own null.
                        let forms: [JSONValue] =
                            choice.word == "null" ? ["null", nil] : [.string(choice.word)]
                        return forms.map { form -> JSONValue in
                            ["const": form, "description": .string(choice.summary)]
                        }
                    })
            ])
        case .schema:
            [
                "anyOf": [
                    ["type": "string"],
                    ["type": "object", "required": ["fields"], "properties": ["fields": ["type": "array"]]],
                ]
            ]
        case .gates: ["type": "object", "additionalProperties": ["type": "string"]]
        case .selector: ["$ref": "#/$defs/selector"]
        case .list(let element): ["type": "array", "items": element.jsonSchema]
        case .map(let element): ["type": "object", "additionalProperties": element.jsonSchema]
        case .record(let parameters): Self.object(parameters)
        case .variant(let variants):
            [
                "oneOf": .array(
                    variants.map { variant in
                        [
                            "type": "object", "additionalProperties": false,
                            "required": [.string(variant.name)],
                            "description": .string(variant.summary),
                            "properties": .object([variant.name: Self.object(variant.parameters)]),
                        ]
                    })
            ]
        case .either(let types): ["anyOf": .array(types.map(\.jsonSchema))]
        }
    }

    /// A closed object with the parameters as its members.
    static func object(_ parameters: [Parameter]) -> JSONValue {
        var properties: [String: JSONValue] = [:]
        for parameter in parameters {
            var schema = parameter.type.jsonSchema
            schema["description"] = .string(parameter.summary)
            if let value = parameter.defaultValue { schema["default"] = value }
            properties[parameter.name] = schema
        }
        var object: JSONValue = [
            "type": "object", "additionalProperties": false, "properties": .object(properties),
        ]
        let required = parameters.filter(\.isRequired).map(\.name)
        if !required.isEmpty { object["required"] = .strings(required) }
        return object
    }

    private static func orReference(_ schema: JSONValue) -> JSONValue {
        ["anyOf": [schema, ["$ref": "#/$defs/reference"]]]
    }
}

extension Interval {
    fileprivate func jsonSchema(type: String, _ wrap: (Bound) -> JSONValue) -> JSONValue {
        var schema: JSONValue = ["type": .string(type)]
        switch lower {
        case .none: break
        case .closed(let bound): schema["minimum"] = wrap(bound)
        case .open(let bound): schema["exclusiveMinimum"] = wrap(bound)
        }
        switch upper {
        case .none: break
        case .closed(let bound): schema["maximum"] = wrap(bound)
        case .open(let bound): schema["exclusiveMaximum"] = wrap(bound)
        }
        return schema
    }
}
