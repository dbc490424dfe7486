import CanonicalJSON
import Diagnostics
import YAMLSyntax

/// Reads one stage.
struct StageReader {
    let name: String
    let range: SourceRange
    let catalog: StageCatalog
    /// What `${params.…}` stands for.
    let params: [(name: String, value: Node)]

    static let commonKeys = [
        "in", "publish", "after", "matrix", "when", "resources", "timeout", "retries", "cache", "description",
        "allow_leak",
    ]
    static let builtInKeys = ["uses", "with"]
    static let commandKeys = [
        "run", "shell", "workdir", "out", "env", "pass", "secrets", "tools", "inputs", "deterministic",
        "seed",
    ]

    /// - Returns: Nil when it is no mapping or says neither `run` nor `uses`.
    func read(_ node: Node, into findings: inout Diagnostics) -> Stage? {
        let mapping = MappingReader(node, as: "stage '\(name)'", into: &findings)
        guard node.entries != nil else { return nil }
        mapping.checkKeys(Self.commonKeys + Self.builtInKeys + Self.commandKeys, into: &findings)
        let inputs = readInputs(mapping["in"], into: &findings)
        guard let body = readBody(mapping, into: &findings) else { return nil }
        return Stage(
            name: name, range: range, description: mapping.scalarText("description", into: &findings),
            body: body,
            inputs: inputs, publish: readPublish(mapping["publish"], into: &findings),
            after: mapping.texts("after", into: &findings).compactMap { reference($0, into: &findings) },
            resources: readResources(mapping["resources"], into: &findings),
            timeout: readDuration(mapping["timeout"], into: &findings),
            retries: mapping.integer("retries", in: .within(0...100), into: &findings).map(Int.init) ?? 0,
            isCached: mapping.flag("cache", default: true, into: &findings),
            seed: mapping.integer("seed", in: .atLeast(0), into: &findings),
            leakReason: mapping.text("allow_leak", into: &findings),
            matrix: readMatrix(mapping["matrix"], into: &findings), condition: mapping["when"])
    }

    private func readBody(_ mapping: MappingReader, into findings: inout Diagnostics) -> Stage.Body? {
        let (uses, run) = (mapping["uses"], mapping["run"])
        let misplaced = uses != nil ? Self.commandKeys.dropFirst() : Self.builtInKeys.dropFirst()
        if uses != nil || run != nil {
            for entry in mapping.entries where misplaced.contains(entry.name) {
                findings.add(
                    uses != nil
                        ? LanguageFinding.keyNeedsCommand(entry.name) : .keyNeedsBuiltIn(entry.name),
                    at: entry.key.range)
            }
        }
        switch (uses, run) {
        case (nil, nil):
            findings.add(LanguageFinding.neitherRunNorUses(stage: name), at: range)
            return nil
        case (.some, .some(let run)):
            findings.add(LanguageFinding.bothRunAndUses(stage: name), at: run.range)
            return nil
        case (.some(let uses), nil):
            guard let kind = mapping.text("uses", into: &findings) else { return nil }
            guard let declaration = catalog[kind] else {
                findings.add(LanguageFinding.unknownKind(kind, known: catalog.names), at: uses.range)
                return .builtIn(kind: kind, kindRange: uses.range, parameters: .object([:]))
            }
            let parameters = ArgumentReader(kind: declaration, params: params)
                .read(mapping["with"], stage: range, into: &findings)
            return .builtIn(kind: kind, kindRange: uses.range, parameters: parameters)
        case (nil, .some(let run)):
            guard mapping.text("run", into: &findings) != nil else { return nil }
            return .command(
                CommandReader(mapping: mapping, params: params.map(\.name)).read(run, into: &findings))
        }
    }

    // MARK: Inputs

    private func readInputs(_ node: Node?, into findings: inout Diagnostics) -> [Input] {
        guard let node else { return [] }
        guard let entries = node.entries else {
            return readInput(node, port: "", into: &findings).map { [$0] } ?? []
        }
        // `in: { from: x, as: csv }` is one input, not two ports.
        if entries.contains(where: {
            ["from", "file", "dir", "glob"].contains($0.name) && $0.value.text != nil
        }),
            entries.allSatisfy({ Self.inputKeys.contains($0.name) })
        {
            return readInput(node, port: "", into: &findings).map { [$0] } ?? []
        }
        return entries.compactMap { entry in
            if !Name.isValid(entry.name) {
                findings.add(
                    entry.name.contains("${") ? LanguageFinding.referenceInKey : .badName(entry.name),
                    at: entry.key.range)
            }
            return readInput(entry.value, port: entry.name, into: &findings)
        }
    }

    private static let inputKeys = ["from", "as", "optional", "file", "dir", "exclude", "glob"]

    private func readInput(_ node: Node, port: String, into findings: inout Diagnostics) -> Input? {
        if let elements = node.elements {
            let references = elements.compactMap { reference($0, into: &findings) }
            return Input(
                port: port, origin: .stages(references), form: nil, isOptional: false, range: node.range)
        }
        guard node.entries != nil else {
            guard let reference = reference(node, into: &findings) else { return nil }
            return Input(
                port: port, origin: .stages([reference]), form: nil, isOptional: false, range: node.range)
        }
        let mapping = MappingReader(node, as: "input '\(port)'", into: &findings)
        mapping.checkKeys(Self.inputKeys, into: &findings)
        guard let origin = readOrigin(mapping, at: node.range, into: &findings) else { return nil }
        return Input(
            port: port, origin: origin, form: mapping.word("as", Input.Form.self, into: &findings),
            isOptional: mapping.flag("optional", default: false, into: &findings), range: node.range)
    }

    private func readOrigin(
        _ mapping: MappingReader, at range: SourceRange, into findings: inout Diagnostics
    ) -> Input.Origin? {
        if let from = mapping["from"] {
            return reference(from, into: &findings).map { .stages([$0]) }
        }
        if mapping["file"] != nil { return mapping.text("file", into: &findings).map(Input.Origin.file) }
        if mapping["glob"] != nil { return mapping.text("glob", into: &findings).map(Input.Origin.glob) }
        if mapping["dir"] != nil {
            let exclude = mapping.texts("exclude", into: &findings).compactMap(\.text)
            return mapping.text("dir", into: &findings).map { .folder($0, exclude: exclude) }
        }
        findings.add(
            LanguageFinding.missingKey("from', 'file', 'dir' or 'glob", of: mapping.place), at: range)
        return nil
    }

    /// `STAGE`, `STAGE.PORT`; a member of a matrix is `STAGE@axis=value`,
    /// whose value may hold dots, so the port is what follows the last dot
    /// only when that is a name and the rest is not a number's beginning.
    private func reference(_ node: Node, into findings: inout Diagnostics) -> Reference? {
        guard case .text(let text) = node.scalar, !text.isEmpty else {
            findings.add(
                LanguageFinding.wrongType(
                    what: "an input",
                    expected: "STAGE, STAGE.PORT, or a mapping with from, file, dir or glob",
                    found: node.whatItIs), at: node.range)
            return nil
        }
        if let dot = text.lastIndex(of: "."), !text[..<dot].isEmpty,
            text[text.index(after: dot)...].first?.isNumber == false
        {
            return Reference(
                stage: String(text[..<dot]), port: String(text[text.index(after: dot)...]), range: node.range)
        }
        return Reference(stage: text, port: nil, range: node.range)
    }

    // MARK: The rest

    private func readPublish(_ node: Node?, into findings: inout Diagnostics) -> [Stage.Publication] {
        guard let node else { return [] }
        return MappingReader(node, as: "'publish'", into: &findings).entries.compactMap { entry in
            guard case .text(let path) = entry.value.scalar else {
                findings.add(
                    LanguageFinding.wrongType(
                        what: "'\(entry.name)'", expected: "a path", found: entry.value.whatItIs),
                    at: entry.value.range)
                return nil
            }
            return Stage.Publication(port: entry.name, path: path, range: entry.value.range)
        }
    }

    private func readResources(_ node: Node?, into findings: inout Diagnostics) -> Stage.Resources {
        guard let node else { return Stage.Resources() }
        let mapping = MappingReader(node, as: "'resources'", into: &findings)
        mapping.checkKeys(["cpu", "memory"], into: &findings)
        var resources = Stage.Resources()
        resources.cores = mapping.integer("cpu", in: .within(1...1024), into: &findings).map(Int.init)
        if let memory = mapping["memory"] {
            resources.memory = memory.text.flatMap(Quantity.bytes)
            if resources.memory == nil {
                findings.add(LanguageFinding.badSize(memory.text ?? memory.whatItIs), at: memory.range)
            }
        }
        return resources
    }

    private func readDuration(_ node: Node?, into findings: inout Diagnostics) -> Double? {
        guard let node else { return nil }
        if let seconds = node.text.flatMap(Quantity.seconds) { return seconds }
        findings.add(LanguageFinding.badDuration(node.text ?? node.whatItIs), at: node.range)
        return nil
    }

    private func readMatrix(
        _ node: Node?, into findings: inout Diagnostics
    ) -> [(axis: String, values: [Node])] {
        guard let node else { return [] }
        return MappingReader(node, as: "'matrix'", into: &findings).entries.compactMap { entry in
            guard let values = entry.value.elements, !values.isEmpty else {
                findings.add(
                    LanguageFinding.wrongType(
                        what: "'\(entry.name)'", expected: "a list of values",
                        found: entry.value.elements == nil ? entry.value.whatItIs : "an empty list"),
                    at: entry.value.range)
                return nil
            }
            return (entry.name, values)
        }
    }
}
