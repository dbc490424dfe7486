import CanonicalJSON

/// The JSON Schema (2020-12) of a pipeline file, made from the stage kinds.
/// Editors complete and check from it; `schemas/pipeline.schema.json` is its
/// committed text, and a test keeps the two equal.
///
/// It says what can be said about structure. What depends on other stages
/// (ports, columns, cycles) is `sluice check`'s.
public struct PipelineSchema: Sendable {
    let catalog: StageCatalog

    public init(_ catalog: StageCatalog) { self.catalog = catalog }

    public var json: JSONValue {
        [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Sluice pipeline",
            "type": "object",
            "additionalProperties": false,
            "anyOf": [["required": ["stages"]], ["required": ["include"]]],
            "properties": [
                "$schema": ["type": "string"],
                "name": described(["type": "string"], "What the pipeline is called in reports."),
                "description": described(["type": "string"], "What the pipeline is for."),
                "seed": described(
                    ["type": "integer", "minimum": 0], "Seed of every random stage that states none."),
                "params": described(
                    ["type": "object", "propertyNames": name],
                    "Values that ${params.NAME} stands for; -S and profiles may change them."),
                "profiles": described(
                    ["type": "object", "additionalProperties": ["type": "object"]],
                    "Named sets of parameter values, chosen by --profile."),
                "requires": described(strings, "Servers the pipeline needs, checked before anything starts."),
                "inputs": described(
                    [
                        "anyOf": [
                            strings,
                            [
                                "type": "object", "propertyNames": name,
                                "additionalProperties": inputDeclaration,
                            ],
                        ]
                    ],
                    "What an including pipeline gives to this one; its stages use it like a stage."),
                "include": described(
                    ["type": "array", "items": inclusion],
                    "Pipeline files whose stages become part of this one, as AS/STAGE."),
                "stages": described(
                    [
                        "type": "object", "propertyNames": name,
                        "additionalProperties": ["$ref": "#/$defs/stage"],
                    ],
                    "The stages, by name."),
            ],
            "$defs": [
                "reference": ["type": "string", "pattern": #"^\$\{(params|matrix|env)\."#],
                "selector": [
                    "anyOf": [
                        ["type": "string"], strings,
                        [
                            "type": "object", "additionalProperties": false, "required": ["except"],
                            "properties": ["except": ["$ref": "#/$defs/selector"]],
                        ],
                    ]
                ],
                "input": input,
                "output": output,
                "stage": ["oneOf": .array([commandStage] + catalog.kinds.map(builtInStage))],
            ],
        ]
    }

    private var inputDeclaration: JSONValue {
        [
            "type": ["object", "null"], "additionalProperties": false,
            "properties": [
                "type": ["enum": ["table", "transform", "model", "metrics", "report", "file", "folder"]],
                "description": ["type": ["string", "number", "boolean"]],
            ],
        ]
    }

    private var inclusion: JSONValue {
        [
            "type": "object", "additionalProperties": false, "required": ["file", "as"],
            "properties": [
                "file": ["type": "string"], "as": name,
                "params": ["type": "object"],
                "in": ["type": "object", "additionalProperties": ["$ref": "#/$defs/input"]],
            ],
        ]
    }

    private let name: JSONValue = ["pattern": #"^[\p{L}\p{N}_-]+$"#]
    private let strings: JSONValue = ["type": "array", "items": ["type": "string"]]

    private func described(_ schema: JSONValue, _ text: String) -> JSONValue {
        var schema = schema
        schema["description"] = .string(text)
        return schema
    }

    private var input: JSONValue {
        func one(_ key: String, _ others: [String: JSONValue] = [:]) -> JSONValue {
            [
                "type": "object", "additionalProperties": false, "required": [.string(key)],
                "properties": .object(others.merging([key: ["type": "string"]]) { _, new in new }),
            ]
        }
        return [
            "anyOf": [
                ["type": "string"], strings,
                one(
                    "from",
                    ["as": ["enum": ["csv", "jsonl", "parquet", "arrow"]], "optional": ["type": "boolean"]]),
                one("file"), one("dir", ["exclude": strings]), one("glob"),
            ]
        ]
    }

    private var output: JSONValue {
        func one(_ key: String, _ others: [String: JSONValue] = [:]) -> JSONValue {
            [
                "type": "object", "additionalProperties": false, "required": [.string(key)],
                "properties": .object(others.merging([key: ["type": "string"]]) { _, new in new }),
            ]
        }
        return [
            "anyOf": [
                ["type": "string"], one("file"), one("dir"),
                one("table", ["schema": ["type": ["string", "object"]]]),
                one("metrics", ["gates": ["type": "object", "additionalProperties": ["type": "string"]]]),
                one("model"),
            ]
        ]
    }

    /// Keys any stage may have, whatever it does.
    private var common: [String: JSONValue] {
        [
            "description": ["type": "string"],
            "publish": ["type": "object", "additionalProperties": ["type": "string"]],
            "after": ["anyOf": [["type": "string"], strings]],
            "matrix": [
                "anyOf": [
                    [
                        "type": "object", "minProperties": 1, "propertyNames": name,
                        "additionalProperties": [
                            "anyOf": [["type": "array", "minItems": 1], ["$ref": "#/$defs/reference"]]
                        ],
                    ],
                    ["$ref": "#/$defs/reference"],
                ]
            ],
            "when": ["type": ["string", "boolean"]],
            "resources": [
                "type": "object", "additionalProperties": false,
                "properties": [
                    "cpu": ["type": ["integer", "string"]], "memory": ["type": ["integer", "string"]],
                ],
            ],
            "timeout": ["type": ["integer", "string"]],
            "retries": ["type": ["integer", "string"]],
            "cache": ["anyOf": [["type": "boolean"], ["$ref": "#/$defs/reference"]]],
            "allow_leak": described(["type": "string"], "Why a finding of the leak check is accepted here."),
        ]
    }

    private func stage(_ own: [String: JSONValue], required: [String]) -> JSONValue {
        [
            "type": "object", "additionalProperties": false, "required": .strings(required),
            "properties": .object(common.merging(own) { _, new in new }),
        ]
    }

    private var commandStage: JSONValue {
        let environment: JSONValue = ["anyOf": [["type": "object"], strings]]
        return described(
            stage(
                [
                    "run": ["type": "string"],
                    "shell": ["enum": ["sh", "bash"]],
                    "workdir": ["enum": ["project"]],
                    "in": ["type": "object", "additionalProperties": ["$ref": "#/$defs/input"]],
                    "out": ["type": "object", "additionalProperties": ["$ref": "#/$defs/output"]],
                    "env": environment, "pass": strings, "secrets": strings,
                    "tools": ["type": "object", "additionalProperties": ["type": "string"]],
                    "inputs": ["enum": ["link"]],
                    "deterministic": ["type": "boolean"],
                    "seed": ["type": ["integer", "string"]],
                ], required: ["run"]),
            "A program of your own: its declared inputs in, its declared outputs out.")
    }

    private func builtInStage(_ kind: StageKind) -> JSONValue {
        var own: [String: JSONValue] = ["uses": ["const": .string(kind.name)]]
        var required = ["uses"]
        if !kind.inputs.isEmpty {
            let ports = kind.inputs.map { ($0.name, ["$ref": "#/$defs/input"] as JSONValue) }
            own["in"] = [
                "anyOf": [
                    ["type": "string"], strings,
                    [
                        "type": "object", "properties": .object(Dictionary(uniqueKeysWithValues: ports)),
                        "additionalProperties": ["$ref": "#/$defs/input"],
                    ],
                ]
            ]
            if kind.inputs.contains(where: \.isRequired) { required.append("in") }
        }
        own["with"] = ParameterType.object(kind.allParameters)
        if kind.parameters.contains(where: \.isRequired) { required.append("with") }
        return described(stage(own, required: required), kind.summary)
    }
}
