import Diagnostics
import YAMLSyntax

/// Reads what only a command stage has.
struct CommandReader {
    let mapping: MappingReader
    let scope: Scope
    /// Names of the inputs.
    let inputs: [String]
    /// Root-relative folder of the file.
    let folder: String

    func read(_ run: Node, into findings: inout Diagnostics) -> Command {
        let environment = readEnvironment(into: &findings)
        let outputs = readOutputs(into: &findings)
        let script = CommandText(
            run, ports: .init(inputs: inputs, outputs: outputs.map(\.name)), scope: scope, into: &findings)
        let command = Command(
            script: script, shell: mapping.word("shell", Command.Shell.self, into: &findings) ?? .sh,
            outputs: outputs, runsInProject: readWorkingFolder(into: &findings),
            environment: environment.set, inheritedEnvironment: environment.inherited,
            unkeyedEnvironment: mapping.texts("pass", into: &findings).compactMap(\.text),
            secrets: mapping.texts("secrets", into: &findings).compactMap(\.text),
            tools: readTools(into: &findings), linksInputs: readInputForm(into: &findings),
            isDeterministic: mapping.flag("deterministic", default: true, into: &findings))
        if command.shell == .sh, script.hasPipe {
            findings.add(LanguageFinding.pipeHidesFailure, at: run.range)
        }
        return command
    }

    private func readOutputs(into findings: inout Diagnostics) -> [Command.Output] {
        guard let node = mapping["out"] else { return [] }
        return MappingReader(node, as: "'out'", into: &findings).entries.compactMap { entry in
            Name.check(entry.key, into: &findings)
            guard let output = readOutput(entry, into: &findings) else { return nil }
            checkPath(output.path, at: entry.value.range, into: &findings)
            return output
        }
    }

    private func readOutput(_ entry: Node.Entry, into findings: inout Diagnostics) -> Command.Output? {
        if entry.value.isReported { return nil }
        if case .text(let path) = entry.value.scalar {
            return Command.Output(
                name: entry.name, form: .file, path: path, schema: nil, gates: [], range: entry.key.range)
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
        guard let form = forms.first(where: { output[$0.rawValue] != nil }) else {
            output.checkKeys(forms.map(\.rawValue) + ["schema", "gates"], into: &findings)
            let needed = forms.map(\.rawValue).joined(separator: "', '")
            findings.add(LanguageFinding.missingKey(needed, of: output.place), at: entry.value.range)
            return nil
        }
        let own = form == .table ? ["schema"] : form == .metrics ? ["gates"] : []
        output.checkKeys([form.rawValue] + own, into: &findings)
        let schema = readSchema(output, into: &findings)
        let gates = readGates(output, into: &findings)
        return output.text(form.rawValue, into: &findings).map {
            Command.Output(
                name: entry.name, form: form, path: $0, schema: schema, gates: gates, range: entry.key.range)
        }
    }

    /// A path becomes relative to the root.
    private func readSchema(_ output: MappingReader, into findings: inout Diagnostics) -> Node? {
        guard let node = output["schema"], !node.isReported else { return nil }
        if case .text(let text) = node.scalar, !text.isEmpty {
            return SchemaPath.read(text, in: folder, at: node.range, into: &findings).map {
                Node(.scalar($0.text, isPlain: false), at: node.range)
            }
        }
        if node["fields"]?.elements != nil { return node }
        output.reject("schema", node, expected: ParameterType.schema.description, into: &findings)
        return nil
    }

    private func readGates(_ output: MappingReader, into findings: inout Diagnostics) -> [Gate] {
        guard let node = output["gates"], output["metrics"] != nil else { return [] }
        let entries = MappingReader(node, as: "'gates'", into: &findings).entries
        let conditions = GateReader.read(entries, into: &findings)
        return entries.compactMap { entry in
            conditions[entry.name].flatMap { Gate(metric: entry.name, condition: $0) }
        }
    }

    private static let outputPath = "a path inside the stage's own folder, such as out.csv"

    /// An output stays inside the stage's folder.
    private func checkPath(_ path: String, at range: SourceRange, into findings: inout Diagnostics) {
        if ProjectPath.isNormal(path) { return }
        if path.isEmpty || path.split(separator: "/").allSatisfy({ $0 == "." }) {
            findings.add(
                LanguageFinding.wrongType(what: "an output", expected: Self.outputPath, found: "'\(path)'"),
                at: range)
        } else if path.hasPrefix("/") {
            findings.add(LanguageFinding.absolutePath(path, expected: Self.outputPath), at: range)
        } else if PathDepth.escapes(path) {
            findings.add(LanguageFinding.escapingPath(path, expected: Self.outputPath), at: range)
        }
    }

    private func readWorkingFolder(into findings: inout Diagnostics) -> Bool {
        guard let node = mapping["workdir"], !node.isReported else { return false }
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
    ) -> (set: [(name: String, value: String)], inherited: [String]) {
        guard let node = mapping["env"], !node.isReported else { return ([], []) }
        guard let entries = node.entries else {
            return ([], mapping.texts("env", into: &findings).compactMap(\.text))
        }
        let set = entries.compactMap { entry -> (name: String, value: String)? in
            if entry.value.isReported { return nil }
            if ReferenceScanner.mayHoldReference(entry.name) {
                findings.add(LanguageFinding.referenceInKey, at: entry.key.range)
                return nil
            }
            if !Self.isVariable(entry.name) {
                findings.add(LanguageFinding.badVariable(entry.name), at: entry.key.range)
            }
            guard let text = entry.value.shortText else {
                findings.add(
                    LanguageFinding.wrongType(
                        what: "'\(entry.name)'", expected: "a text, a number, true or false",
                        found: entry.value.whatItIs), at: entry.value.range)
                return nil
            }
            return (entry.name, text)
        }
        return (set, [])
    }

    /// What a shell can have as a variable. Source: POSIX 2018, XBD 3.235.
    private static func isVariable(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy {
            $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                || (0x61...0x7A).contains($0)
        }
    }

    private func readTools(
        into findings: inout Diagnostics
    ) -> [(name: String, command: String, range: SourceRange)] {
        guard let node = mapping["tools"] else { return [] }
        let tools = MappingReader(node, as: "'tools'", into: &findings)
        return tools.entries.compactMap { entry in
            tools.text(entry.name, into: &findings).map { (entry.name, $0, entry.value.range) }
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
