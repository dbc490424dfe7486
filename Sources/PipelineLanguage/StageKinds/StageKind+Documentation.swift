import CanonicalJSON

extension StageKind {
    /// The page `sluice stages NAME` prints: what it does, ports, parameters
    /// with ranges and defaults, an example, the changes of each version.
    public var page: String {
        var text = "\(name)  (version \(version))\n\n\(summary)\n"
        if !documentation.isEmpty { text += "\n\(documentation)\n" }
        text += Self.section(
            "inputs",
            inputs.map { input in
                let type = input.takesSeveral ? "\(input.type), or several" : "\(input.type)"
                let role = input.isRequired ? type : "\(type), optional"
                return ("\(input.name): \(role)", input.summary)
            })
        text += Self.section(
            "outputs",
            outputs.enumerated().map { index, output in
                ("\(output.name): \(output.type)\(index == 0 ? ", main" : "")", output.summary)
            })
        text += Self.section("parameters", Self.rows(allParameters, indent: ""))
        text += "\nexample\n" + Self.indented(example)
        text += Self.section("versions", versions.map { ("\($0.number)", $0.change) })
        return text
    }

    /// The declared parameters and, for a random kind, `seed`, for one that fetches, `refresh`.
    public var allParameters: [Parameter] {
        parameters + (isRandom ? [Self.seed] : []) + (fetch == nil ? [] : [Fetch.refresh])
    }

    static let seed = Parameter(
        "seed", .integer(.atLeast(0)), .optional,
        "Number the random streams are keyed by; without it the pipeline's seed, else 0.")

    private static func rows(_ parameters: [Parameter], indent: String) -> [(String, String)] {
        var lines: [(String, String)] = []
        for parameter in parameters {
            let presence =
                switch parameter.presence {
                case .required: "required"
                case .optional: "optional"
                case .defaulted(let value): "default \(value.canonicalText)"
                }
            lines.append(
                (indent + parameter.name, "\(parameter.summary) (\(parameter.type.label); \(presence))"))
            lines += rows(of: parameter.type, indent: indent + "  ")
        }
        return lines
    }

    /// What stands below a parameter: the words of a choice, the members of a
    /// record, the cases of a variant.
    private static func rows(of type: ParameterType, indent: String) -> [(String, String)] {
        switch type {
        case .choice(let choices): choices.map { (indent + $0.word, $0.summary) }
        case .record(let members): rows(members, indent: indent)
        case .variant(let variants):
            variants.flatMap { [(indent + $0.name, $0.summary)] + rows($0.parameters, indent: indent + "  ") }
        case .list(let element), .map(let element): rows(of: element, indent: indent)
        case .either(let types): types.flatMap { rows(of: $0, indent: indent) }
        case .boolean, .integer, .number, .text, .path, .paths, .schema, .gates, .column, .selector: []
        }
    }

    private static func section(_ title: String, _ rows: [(String, String)]) -> String {
        guard !rows.isEmpty else { return "" }
        let width = min(28, rows.map { $0.0.unicodeScalars.count }.max() ?? 0)
        var text = "\n\(title)\n"
        for (name, summary) in rows {
            let gap = String(repeating: " ", count: max(0, width - name.unicodeScalars.count))
            text += "  \(name)\(gap)  \(summary)\n"
        }
        return text
    }

    private static func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "\n" : "  \($0)\n" }.joined()
    }
}

extension ParameterType {
    /// Short, for the parameter table: what stands below it is not repeated.
    var label: String {
        switch self {
        case .choice: "one of the words below"
        case .record: "a mapping"
        case .variant: "a mapping with one key"
        case .list(let element): "list of \(element.label)"
        case .map(let element): "mapping to \(element.label)"
        case .either(let types): types.map(\.label).joined(separator: " or ")
        case .boolean, .integer, .number, .text, .path, .paths, .schema, .gates, .column, .selector:
            description
        }
    }
}
