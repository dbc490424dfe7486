import CanonicalJSON
import Diagnostics
import YAMLSyntax

/// Reads one stage, or one member of a matrix, its values put in already.
struct StageReader {
    /// As it is written, without a member's label: messages of all members are one.
    let name: String
    let range: SourceRange
    let catalog: StageCatalog
    let scope: Scope
    /// Root-relative folder of the file.
    let folder: String

    static let commonKeys = [
        "in", "publish", "after", "matrix", "when", "resources", "timeout", "retries", "cache", "description",
        "allow_leak",
    ]
    static let builtInKeys = ["uses", "with"]
    static let commandKeys = [
        "run", "shell", "workdir", "out", "env", "pass", "secrets", "tools", "inputs", "deterministic",
        "seed",
    ]

    static let keys = commonKeys + builtInKeys + commandKeys

    /// - Parameter fullName: With the prefix of an included file and the label
    ///   of a member.
    /// - Returns: Nil when it is no mapping or says neither `run` nor `uses`.
    func read(_ node: Node, as fullName: String, into findings: inout Diagnostics) -> DraftStage? {
        let mapping = MappingReader(node, as: "stage '\(name)'", into: &findings)
        guard node.entries != nil else { return nil }
        mapping.checkKeys(Self.keys, into: &findings)
        let inputs = InputReader(folder: folder, isCommand: mapping["run"] != nil)
        let drafts = inputs.read(mapping["in"], into: &findings)
        guard let body = readBody(mapping, inputs: drafts, into: &findings) else { return nil }
        let stage = Stage(
            name: fullName, range: range, description: mapping.scalarText("description", into: &findings),
            body: body, publish: readPublish(mapping["publish"], into: &findings),
            resources: readResources(mapping["resources"], into: &findings),
            timeout: readDuration(mapping["timeout"], into: &findings),
            retries: mapping.integer("retries", in: .within(0...100), into: &findings).map(Int.init) ?? 0,
            isCached: mapping.flag("cache", default: true, into: &findings),
            seed: mapping.integer("seed", in: .atLeast(0), into: &findings),
            leakReason: mapping.text("allow_leak", into: &findings))
        let after = mapping.texts("after", into: &findings).compactMap { node in
            node.text.map { DraftReference(text: $0, range: node.range) }
        }
        return DraftStage(stage: stage, inputs: drafts, after: after)
    }

    private func readBody(
        _ mapping: MappingReader, inputs: [DraftInput], into findings: inout Diagnostics
    ) -> Stage.Body? {
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
        case (.some(let uses), nil): return readBuiltIn(uses, mapping, into: &findings)
        case (nil, .some(let run)):
            guard mapping.text("run", into: &findings) != nil else { return nil }
            let reader = CommandReader(
                mapping: mapping, scope: scope, inputs: inputs.map(\.port), folder: folder)
            return .command(reader.read(run, into: &findings))
        }
    }

    private func readBuiltIn(
        _ uses: Node, _ mapping: MappingReader, into findings: inout Diagnostics
    ) -> Stage.Body? {
        guard let kind = mapping.text("uses", into: &findings) else { return nil }
        let with = mapping["with"]
        if ReferenceScanner.mayHoldReference(kind) {
            findings.add(LanguageFinding.referenceIn("'uses'"), at: uses.range)
            return nil
        }
        guard let declaration = catalog[kind] else {
            findings.add(LanguageFinding.unknownKind(kind, known: catalog.names), at: uses.range)
            return .builtIn(kind: kind, kindRange: uses.range, parameters: .object([:]), with: with)
        }
        let parameters = ArgumentReader(kind: declaration, folder: folder)
            .read(with, stage: range, into: &findings)
        return .builtIn(kind: kind, kindRange: uses.range, parameters: parameters, with: with)
    }

    private func readPublish(_ node: Node?, into findings: inout Diagnostics) -> [Stage.Publication] {
        guard let node else { return [] }
        return MappingReader(node, as: "'publish'", into: &findings).entries.compactMap { entry in
            if entry.value.isReported { return nil }
            guard case .text(let path) = entry.value.scalar, !path.isEmpty else {
                findings.add(
                    LanguageFinding.wrongType(
                        what: "'\(entry.name)'", expected: "a path", found: entry.value.whatItIs),
                    at: entry.value.range)
                return nil
            }
            let place = ProjectPath(written: path, in: folder)
            let expected = "a path of the project, such as //reports/report.html"
            if path.hasPrefix("/"), !path.hasPrefix("//") {
                findings.add(LanguageFinding.absolutePath(path, expected: expected), at: entry.value.range)
            } else if place.isOutside {
                findings.add(LanguageFinding.escapingPath(path, expected: expected), at: entry.value.range)
            } else if place.text == "." {
                findings.add(LanguageFinding.publishesOntoRoot(path), at: entry.value.range)
            }
            return Stage.Publication(port: entry.name, path: place, range: entry.value.range)
        }
    }

    private func readResources(_ node: Node?, into findings: inout Diagnostics) -> Stage.Resources {
        guard let node else { return Stage.Resources() }
        let mapping = MappingReader(node, as: "'resources'", into: &findings)
        mapping.checkKeys(["cpu", "memory"], into: &findings)
        var resources = Stage.Resources()
        resources.cores = mapping.integer("cpu", in: .within(1...1024), into: &findings).map(Int.init)
        if let memory = mapping["memory"], !memory.isReported {
            resources.memory = memory.text.flatMap(Quantity.bytes)
            if resources.memory == nil {
                findings.add(LanguageFinding.badSize(memory.text ?? memory.whatItIs), at: memory.range)
            }
        }
        return resources
    }

    private func readDuration(_ node: Node?, into findings: inout Diagnostics) -> Double? {
        guard let node, !node.isReported else { return nil }
        if let seconds = node.text.flatMap(Quantity.seconds) { return seconds }
        findings.add(LanguageFinding.badDuration(node.text ?? node.whatItIs), at: node.range)
        return nil
    }
}
