import CanonicalJSON
import PipelineLanguage

/// Stage kinds as `sluice stages` lists them.
public struct KindText {
    let kind: StageKind

    public init(_ kind: StageKind) { self.kind = kind }

    /// Area by area, names and summaries aligned.
    public static func list(_ catalog: StageCatalog, bold: (String) -> String = { $0 }) -> String {
        let width = catalog.names.map(GraphTree.columns).max() ?? 0
        var text = ""
        var area = ""
        for kind in catalog.kinds {
            if kind.area != area {
                text += (text.isEmpty ? "" : "\n") + bold(kind.area) + "\n"
                area = kind.area
            }
            let gap = String(repeating: " ", count: width - GraphTree.columns(kind.name))
            text += "  \(kind.name)\(gap)  \(kind.summary)\n"
        }
        return text
    }

    public var json: JSONValue {
        [
            "name": .string(kind.name), "area": .string(kind.area),
            "version": .integer(Int64(kind.version)), "summary": .string(kind.summary),
            "inputs": .array(
                kind.inputs.map { input in
                    [
                        "name": .string(input.name), "type": .string("\(input.type)"),
                        "required": .boolean(input.isRequired), "summary": .string(input.summary),
                    ]
                }),
            "outputs": .array(
                kind.outputs.map { output in
                    [
                        "name": .string(output.name), "type": .string("\(output.type)"),
                        "summary": .string(output.summary),
                    ]
                }),
            "parameters": .array(
                kind.allParameters.map { parameter in
                    var json: JSONValue = [
                        "name": .string(parameter.name), "summary": .string(parameter.summary),
                        "type": .string("\(parameter.type)"),
                    ]
                    switch parameter.presence {
                    case .required: json["required"] = true
                    case .optional: json["required"] = false
                    case .defaulted(let value):
                        json["required"] = false
                        json["default"] = value
                    }
                    return json
                }),
        ]
    }
}
