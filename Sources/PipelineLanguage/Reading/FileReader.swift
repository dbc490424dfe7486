import Diagnostics
import YAMLSyntax

/// Reads one pipeline file, the main one or an included one, into an assembly.
struct FileReader {
    let catalog: StageCatalog
    let context: ReadingContext
    let assembly: Assembly
    let file: FileScope
    /// The files that include this one, the main one first, itself last.
    let chain: [ProjectPath]
    /// Values of parameters given from outside.
    let given: [GivenParameter]
    /// What the includer binds to `inputs`, by name, and the includer's scope.
    var bound: [DraftInput] = []
    var includer: (file: FileScope, range: SourceRange)?

    static let keys = [
        "$schema", "name", "description", "seed", "params", "profiles", "requires", "inputs", "include",
        "stages",
    ]
    /// A pipeline of more stages is a mistake in a matrix.
    static let stageLimit = 200_000

    /// - Returns: What the file says of itself; its stages are in the assembly.
    func read(_ root: Node, _ source: SourceText, into findings: inout Diagnostics) -> Pipeline {
        let mapping = MappingReader(root, as: "the pipeline", into: &findings)
        mapping.checkKeys(Self.keys, foreign: Self.foreign, into: &findings)
        let params = ParameterReader(given: given, profile: context.profile)
            .read(mapping, isMain: includer == nil, into: &findings)
        var scope = Scope(params: params, environment: context.environment)
        scope.secrets = secrets(mapping)
        bindInputs(mapping["inputs"], into: &findings)
        let head = Substitution(scope: scope).head(mapping, into: &findings)
        let pipeline = Pipeline(
            source: source, files: [], name: head.scalarText("name", into: &findings),
            description: head.scalarText("description", into: &findings),
            seed: head.integer("seed", in: .atLeast(0), into: &findings),
            requires: [], stages: [], off: [], root: root)
        for node in head.texts("requires", into: &findings) {
            if let name = node.text {
                assembly.requirements.append(Requirement(name: name, range: node.range))
            }
        }
        // In written order, so that stages keep the order of the file.
        for entry in mapping.entries {
            if entry.name == "stages" { readStages(entry.value, scope, mapping, into: &findings) }
            if entry.name == "include" {
                IncludeReader(outer: self).read(entry.value, into: &findings)
            }
        }
        if mapping["stages"] == nil, mapping["include"] == nil, root.entries != nil {
            let start = root.entries?.first?.key.range ?? root.range
            findings.add(LanguageFinding.missingKey("stages", of: "the pipeline"), at: start)
        }
        if !findings.hasErrors {
            for entry in params.entries where !entry.isUsed {
                findings.add(LanguageFinding.unusedParameter(entry.name), at: entry.range)
            }
        }
        return pipeline
    }

    private static let foreign = MappingReader.foreignWords.merging(MappingReader.foreignWordsAtTop) { $1 }

    /// Variables any stage calls secret: what is masked in one log must not be
    /// written into another stage's text.
    private func secrets(_ pipeline: MappingReader) -> Set<String> {
        var names: Set<String> = []
        for stage in pipeline["stages"]?.entries ?? [] {
            guard let node = stage.value["secrets"] else { continue }
            names.formUnion((node.elements ?? [node]).compactMap(\.text))
        }
        return names
    }

    // MARK: Stages

    private func readStages(
        _ node: Node, _ scope: Scope, _ pipeline: MappingReader, into findings: inout Diagnostics
    ) {
        let stages = MappingReader(node, as: "'stages'", into: &findings)
        if stages.entries.isEmpty, node.entries != nil, pipeline["include"] == nil {
            findings.add(LanguageFinding.noStages, at: node.range)
        }
        for entry in stages.entries {
            Name.check(entry.key, into: &findings)
            if file.inputs[entry.name] != nil {
                findings.add(LanguageFinding.stageLikeInput(entry.name), at: entry.key.range)
            }
            let group = readGroup(entry, scope, into: &findings)
            assembly.declare(group, as: file.prefix + entry.name)
        }
    }

    /// A stage, or every member of its matrix.
    private func readGroup(
        _ entry: Node.Entry, _ scope: Scope, into findings: inout Diagnostics
    ) -> StageGroup {
        let broken = StageGroup(isMatrix: false, members: [])
        var axes: [MatrixAxis] = []
        if let matrix = entry.value["matrix"] {
            let settled = Substitution(scope: scope).value(matrix, into: &findings)
            if let read = MatrixReader().read(settled, into: &findings) {
                axes = read
                checkPublications(entry.value["publish"], axes, into: &findings)
            } else {
                // Read on with names that stand for nothing, so that the
                // stage's other findings show.
                let names = matrix.entries?.map(\.name) ?? []
                let unknown = names.map {
                    MatrixAxis.Choice(axis: $0, value: .reported(at: matrix.range), label: "")
                }
                readMember(unknown, entry, scope, nil, group: true, into: &findings, keeps: false)
                return broken
            }
        }
        let condition = entry.value["when"].map { Condition($0, into: &findings) }
        let members = MatrixAxis.members(of: axes)
        if assembly.drafts.count + members.count > Self.stageLimit {
            findings.add(LanguageFinding.tooManyMembers(limit: Self.stageLimit), at: entry.key.range)
            return broken
        }
        if members.count == 1 {
            let member = readMember(
                members[0], entry, scope, condition, group: !axes.isEmpty, into: &findings)
            return StageGroup(isMatrix: !axes.isEmpty, members: member.map { [$0] } ?? [])
        }
        // What is wrong in every member is told once.
        var seen: Set<String> = []
        var read: [StageGroup.Member] = []
        for member in members {
            var own = Diagnostics()
            if let member = readMember(member, entry, scope, condition, group: true, into: &own) {
                read.append(member)
            }
            for finding in own.all
            where seen.insert("\(finding.range?.description ?? "") \(finding.message)").inserted {
                findings.add(finding)
            }
        }
        return StageGroup(isMatrix: true, members: read.count == members.count ? read : [])
    }

    /// - Returns: Nil when it cannot be read, which is reported.
    @discardableResult
    private func readMember(
        _ choices: [MatrixAxis.Choice], _ entry: Node.Entry, _ scope: Scope, _ condition: Condition?,
        group isMatrix: Bool, into findings: inout Diagnostics, keeps: Bool = true
    ) -> StageGroup.Member? {
        var scope = scope
        scope.matrix = choices
        let label = MatrixAxis.label(of: choices)
        let name = file.prefix + entry.name + (isMatrix ? "@" + label : "")
        var member = StageGroup.Member(label: label, choices: choices, isOff: false)
        if let condition, !condition.judge(in: scope, into: &findings) {
            assembly.off.append(name)
            Substitution(scope: scope).noteUses(in: entry.value)
            member.isOff = true
            return member
        }
        let node = Substitution(scope: scope).stage(entry.value, into: &findings)
        let reader = StageReader(
            name: entry.name, range: entry.key.range, catalog: catalog, scope: scope, folder: file.folder)
        guard var draft = reader.read(node, as: name, into: &findings) else { return nil }
        if context.withoutInputs.contains(name) { (draft.inputs, draft.after) = ([], []) }
        if keeps {
            member.place = assembly.drafts.count
            assembly.drafts.append(Assembly.Draft(draft: draft, file: file))
        }
        return member
    }

    /// Every axis that has a choice must stand in the path, or two members
    /// would be published over each other.
    private func checkPublications(
        _ publish: Node?, _ axes: [MatrixAxis], into findings: inout Diagnostics
    ) {
        for entry in publish?.entries ?? [] {
            guard let text = entry.value.text else { continue }
            let named = ReferenceScanner.parts(text).compactMap { part in
                if case .reference("matrix", let name) = part { name } else { nil }
            }
            let missing = axes.filter { $0.choices.count > 1 && !named.contains($0.name) }.map(\.name)
            if !missing.isEmpty {
                findings.add(
                    LanguageFinding.publishedByMembers(text, axes: missing), at: entry.value.range)
            }
        }
    }

    // MARK: Inputs of an included file

    private func bindInputs(_ node: Node?, into findings: inout Diagnostics) {
        let declared = node.map { InputDeclarations.read($0, into: &findings) } ?? []
        guard let includer else {
            if let node, !declared.isEmpty {
                findings.add(LanguageFinding.inputsNeedIncluder, at: node.range)
            }
            for input in declared { file.inputs[input.name] = .missing }
            return
        }
        for input in declared {
            if let given = bound.first(where: { $0.port == input.name }) {
                file.inputs[input.name] = .bound(given, includer.file, type: input.type)
            } else {
                findings.add(
                    LanguageFinding.missingBinding(input.name, file: chain.last?.text ?? ""),
                    at: includer.range)
                file.inputs[input.name] = .missing
            }
        }
        for given in bound where !declared.contains(where: { $0.name == given.port }) {
            findings.add(
                LanguageFinding.unknownBinding(
                    given.port, file: chain.last?.text ?? "", known: declared.map(\.name)), at: given.range)
        }
    }
}

extension Substitution {
    /// The keys that say what the file is, with values put in.
    fileprivate func head(_ pipeline: MappingReader, into findings: inout Diagnostics) -> MappingReader {
        let keys = ["name", "description", "seed", "requires"]
        let entries = pipeline.entries.filter { keys.contains($0.name) }.map { entry in
            Node.Entry(key: entry.key, value: value(entry.value, into: &findings))
        }
        return MappingReader(entries, as: pipeline.place)
    }

    /// Notes the parameters a stage would use if it were on.
    fileprivate func noteUses(in node: Node) {
        switch node.content {
        case .scalar(let text, _):
            guard ReferenceScanner.mayHoldReference(text) else { return }
            for part in ReferenceScanner.parts(text) {
                if case .reference("params", let name) = part { _ = scope.params.use(name) }
            }
        case .sequence(let elements): for element in elements { noteUses(in: element) }
        case .mapping(let entries): for entry in entries { noteUses(in: entry.value) }
        }
    }
}
