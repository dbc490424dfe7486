import Diagnostics
import YAMLSyntax

/// Reads what only a command stage has.
struct CommandReader {
    let mapping: MappingReader
    let params: [String]

    func read(_ run: Node, into findings: inout Diagnostics) -> Command {
        let environment = readEnvironment(into: &findings)
        let command = Command(
            text: run, shell: mapping.word("shell", Command.Shell.self, into: &findings) ?? .sh,
            outputs: readOutputs(into: &findings), runsInProject: readWorkingFolder(into: &findings),
            environment: environment.set, inheritedEnvironment: environment.inherited,
            unkeyedEnvironment: mapping.texts("pass", into: &findings).compactMap(\.text),
            secrets: mapping.texts("secrets", into: &findings).compactMap(\.text),
            tools: readTools(into: &findings), linksInputs: readInputForm(into: &findings),
            isDeterministic: mapping.flag("deterministic", default: true, into: &findings))
        checkText(run, command, into: &findings)
        return command
    }

    private func checkText(_ run: Node, _ command: Command, into findings: inout Diagnostics) {
        let names = [
            "params": params, "matrix": mapping["matrix"]?.entries?.map(\.name) ?? [],
            "in": mapping["in"]?.entries?.map(\.name) ?? [], "out": command.outputs.map(\.name),
        ]
        let text = CommandText(run, known: names, into: &findings)
        if command.shell == .sh, text.hasPipe {
            findings.add(LanguageFinding.pipeHidesFailure, at: run.range)
        }
    }

    private func readOutputs(into findings: inout Diagnostics) -> [Command.Output] {
        guard let node = mapping["out"] else { return [] }
        return MappingReader(node, as: "'out'", into: &findings).entries.compactMap { entry in
            if !Name.isValid(entry.name) {
                findings.add(
                    entry.name.contains("${") ? LanguageFinding.referenceInKey : .badName(entry.name),
                    at: entry.key.range)
            }
            guard let output = readOutput(entry, into: &findings) else { return nil }
            checkPath(output.path, at: entry.value.range, into: &findings)
            return output
        }
    }

    private func readOutput(_ entry: Node.Entry, into findings: inout Diagnostics) -> Command.Output? {
        if case .text(let path) = entry.value.scalar {
            return Command.Output(
                name: entry.name, form: .file, path: path, schema: nil, range: entry.key.range)
        }
        let forms = Command.Output.Form.allCases
        guard entry.value.entries != nil else {
            findings.add(
                LanguageFinding.wrongType(
                    what: "output '\(entry.name)'",
                    expected: "a path, or a mapping with \(forms.map(\.rawValue).joined(separator: ", "))",
                    found: entry.value.whatItIs), at: entry.value.range)
            return nil
        }
        let output = MappingReader(entry.value, as: "output '\(entry.name)'", into: &findings)
        output.checkKeys(forms.map(\.rawValue) + ["schema"], into: &findings)
        guard let form = forms.first(where: { output[$0.rawValue] != nil }) else {
            let needed = forms.map(\.rawValue).joined(separator: "', '")
            findings.add(LanguageFinding.missingKey(needed, of: output.place), at: entry.value.range)
            return nil
        }
        return output.text(form.rawValue, into: &findings).map {
            Command.Output(
                name: entry.name, form: form, path: $0, schema: output["schema"], range: entry.key.range)
        }
    }

    private static let outputPath = "a path inside the stage's own folder, such as out.csv"

    /// An output stays inside the stage's folder.
    private func checkPath(_ path: String, at range: SourceRange, into findings: inout Diagnostics) {
        if path.hasPrefix("/") {
            findings.add(LanguageFinding.absolutePath(path, expected: Self.outputPath), at: range)
        } else if PathDepth.escapes(path) {
            findings.add(LanguageFinding.escapingPath(path, expected: Self.outputPath), at: range)
        }
    }

    private func readWorkingFolder(into findings: inout Diagnostics) -> Bool {
        guard let node = mapping["workdir"] else { return false }
        if node.text == "project" { return true }
        mapping.reject("workdir", node, expected: "project", into: &findings)
        return false
    }

    private func readInputForm(into findings: inout Diagnostics) -> Bool {
        guard let node = mapping["inputs"] else { return false }
        if node.text == "link" { return true }
        mapping.reject("inputs", node, expected: "link", into: &findings)
        return false
    }

    /// `env: { NAME: value }` sets, `env: [NAME]` passes through.
    private func readEnvironment(
        into findings: inout Diagnostics
    ) -> (set: [(name: String, value: Node)], inherited: [String]) {
        guard let node = mapping["env"] else { return ([], []) }
        guard let entries = node.entries else {
            return ([], mapping.texts("env", into: &findings).compactMap(\.text))
        }
        return (entries.map { ($0.name, $0.value) }, [])
    }

    private func readTools(into findings: inout Diagnostics) -> [(name: String, command: String)] {
        guard let node = mapping["tools"] else { return [] }
        let tools = MappingReader(node, as: "'tools'", into: &findings)
        return tools.entries.compactMap { entry in
            tools.text(entry.name, into: &findings).map { (entry.name, $0) }
        }
    }
}

/// Whether a relative path ever rises above where it starts.
enum PathDepth {
    static func escapes(_ path: String) -> Bool {
        var depth = 0
        for part in path.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return true }
        }
        return false
    }
}
