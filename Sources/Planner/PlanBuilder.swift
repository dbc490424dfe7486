import CanonicalJSON
import ContentStore
import Diagnostics
import PipelineLanguage
import Platform
import TableTypes
import YAMLSyntax

/// Makes a plan of a pipeline: resolves references to numbers, looks at the
/// sources, carries static types and lineage through the graph. Every finding
/// at once; nothing runs but the version commands of declared tools.
public struct PlanBuilder {
    /// What a plan needs of the world.
    public struct World {
        /// Absolute path of the project's root.
        public var root: String
        /// The committed lock, for pinned schemas.
        public var lock: LockFile
        /// Stages whose data is looked at anew, whatever the lock pins.
        public var inferAnew: Set<String>
        public var environment: (String) -> String?
        /// Runs a tool's version command and gives what it printed.
        public var tool: (_ command: String) throws -> String

        public init(
            root: String, lock: LockFile, inferAnew: Set<String> = [],
            environment: @escaping (String) -> String?,
            tool: @escaping (_ command: String) throws -> String
        ) {
            self.root = root
            self.lock = lock
            self.inferAnew = inferAnew
            self.environment = environment
            self.tool = tool
        }
    }

    let pipeline: Pipeline
    let catalog: StageCatalog
    let world: World
    private var plan = Plan()
    private var findings = Diagnostics()
    private var sourceNumbers: [Plan.Source: Int] = [:]
    /// Names of stages, by what they fetch.
    private var firstToFetch: [Digest: String] = [:]
    /// By stage, then output port.
    private var types: [[String: StaticType]] = []

    public init(_ pipeline: Pipeline, catalog: StageCatalog, world: World) {
        self.pipeline = pipeline
        self.catalog = catalog
        self.world = world
    }

    /// - Precondition: Reading the pipeline found no error.
    public mutating func build(into findings: inout Diagnostics) -> Plan {
        plan.name = pipeline.name
        plan.off = pipeline.off
        for stage in pipeline.stages { plan.stages.append(wire(stage)) }
        plan.topological = Self.order(plan.dependencies)
        types = Array(repeating: [:], count: plan.stages.count)
        for index in plan.topological { type(index) }
        var leaks = LeakCheck(plan)
        leaks.run(into: &self.findings)
        findings.add(self.findings)
        return plan
    }

    private static func order(_ dependencies: [[Int]]) -> [Int] {
        var order: [Int] = []
        var isPlaced = [Bool](repeating: false, count: dependencies.count)
        for start in dependencies.indices {
            // Depth first without recursion: a chain may be as long as the file.
            var open = [start]
            while let next = open.last {
                if isPlaced[next] {
                    open.removeLast()
                } else if let missing = dependencies[next].first(where: { !isPlaced[$0] }) {
                    open.append(missing)
                } else {
                    isPlaced[next] = true
                    order.append(next)
                    open.removeLast()
                }
            }
        }
        return order
    }

    // MARK: The graph

    private mutating func wire(_ stage: Stage) -> PlannedStage {
        let planned = PlannedStage(stage: stage)
        switch stage.body {
        case .builtIn(let name, _, let parameters, _):
            let kind = catalog[name]
            planned.kind = kind
            planned.parameters = kind?.filled(parameters) ?? parameters
            planned.outputs = kind?.outputs.map { PlannedOutput(port: $0.name, type: $0.type) } ?? []
            if let kind { wirePaths(of: kind, given: parameters, into: planned) }
            if let kind, let fetch = kind.fetch { wire(fetch, of: kind, into: planned) }
        case .command(let command):
            planned.outputs = command.outputs.map { output in
                PlannedOutput(
                    port: output.name, type: output.type, path: output.path,
                    schema: output.schema.flatMap { schema(JSONValue($0), of: stage, at: $0.range) })
            }
            planned.gates = command.outputs.flatMap { output in
                output.gates.map { PlannedGate(port: output.name, gate: $0) }
            }
            planned.seed = stage.seed
            readEnvironment(of: command, into: planned)
        }
        for input in stage.inputs { wire(input, into: planned) }
        planned.dependencies = stage.after.map(\.index)
        for input in planned.inputs {
            if case .output(let stage, _) = input.origin { planned.dependencies.append(stage) }
        }
        planned.dependencies.sort()
        planned.dependencies.removeRepeats()
        return planned
    }

    private mutating func wirePaths(
        of kind: StageKind, given: JSONValue, into planned: PlannedStage
    ) {
        for parameter in kind.pathParameters {
            let name = parameter.name
            guard let text = given[name]?.string else { continue }
            let range = planned.stage.place(of: name)
            if parameter.type.isGlob(text) {
                wire(glob: text, to: name, at: range, form: nil, into: planned)
                continue
            }
            let path = ProjectPath(text)
            guard let source = source(.file(path), at: range) else { continue }
            planned.inputs.append(
                PlannedInput(
                    port: name, type: .file, origin: .source(source), basename: path.basename, form: nil,
                    isMember: false, range: range))
        }
        if let metrics = kind.outputs.first(where: { $0.type == .metrics }) {
            planned.gates = kind.gates(in: given).map { PlannedGate(port: metrics.name, gate: $0) }
        }
        if kind.isRandom { planned.seed = given["seed"]?.integer ?? pipeline.seed ?? 0 }
    }

    private mutating func wire(_ fetch: Fetch, of kind: StageKind, into planned: PlannedStage) {
        let name = planned.stage.name
        let written = planned.parameters[Fetch.refresh.name]?.string ?? ""
        if let refresh = Refresh(written) {
            planned.refresh = refresh
        } else {
            findings.add(PlanFinding.badRefresh(written), at: planned.stage.place(of: Fetch.refresh.name))
        }
        var source = ExternalSource(kind, fetch, parameters: planned.parameters, stage: name)
        source.first = firstToFetch[source.identity] ?? name
        firstToFetch[source.identity] = source.first
        planned.inputs.append(
            PlannedInput(
                port: Fetch.port, type: fetch.snapshot, origin: .source(number(of: .external(source))),
                basename: Fetch.port, form: nil, isMember: false, range: planned.stage.range))
    }

    private mutating func wire(_ input: Input, into planned: PlannedStage) {
        let ports = planned.kind?.inputs
        let port = input.port.isEmpty ? ports?.first?.name ?? "" : input.port
        func add(_ origin: PlannedInput.Origin, _ type: PortType, _ basename: String, _ isMember: Bool) {
            planned.inputs.append(
                PlannedInput(
                    port: port, type: type, origin: origin, basename: basename, form: input.form,
                    isMember: isMember, range: input.range))
        }
        switch input.origin {
        case .artifact(let reference):
            guard let (stage, output) = target(of: reference) else { return }
            add(
                .output(stage: stage, port: output.port), output.type,
                output.basename(form: input.form), false)
        case .artifacts(let references):
            for (index, reference) in references.enumerated() {
                guard let (stage, output) = target(of: reference) else { continue }
                let name = output.basename(form: input.form)
                let label = reference.label ?? "\(index)"
                let suffix = name.lastIndex(of: ".").map { String(name[$0...]) } ?? ""
                add(.output(stage: stage, port: output.port), output.type, label + suffix, true)
            }
        case .file(let path):
            if let source = source(.file(path), at: input.range) {
                add(.source(source), .file, path.basename, false)
            }
        case .folder(let path, let exclude):
            plan.readsFolders = true
            if let source = source(.folder(path, exclude: exclude), at: input.range) {
                add(.source(source), .folder, path.basename, false)
            }
        case .glob(let pattern):
            wire(glob: pattern.text, to: port, at: input.range, form: input.form, into: planned)
        }
    }

    /// Every file a glob finds becomes an input of one port.
    private mutating func wire(
        glob pattern: String, to port: String, at range: SourceRange, form: Input.Form?,
        into planned: PlannedStage
    ) {
        plan.readsFolders = true
        let found = GlobFiles(matching: pattern, in: world.root)
        plan.searched += found.searched
        if found.files.isEmpty { findings.add(PlanFinding.globWithoutFile(pattern), at: range) }
        sourceNumbers.reserveCapacity(sourceNumbers.count + found.files.count)
        for file in found.files {
            planned.inputs.append(
                PlannedInput(
                    port: port, type: .file, origin: .source(number(of: .file(ProjectPath(file.path)))),
                    basename: file.name, form: form, isMember: true, range: range))
        }
    }

    private func target(of reference: Reference) -> (stage: Int, output: PlannedOutput)? {
        let stage = reference.index
        // A reference may lead to a stage that stands further below.
        let outputs: [PlannedOutput]
        if stage < plan.stages.count {
            outputs = plan.stages[stage].outputs
        } else {
            switch pipeline.stages[stage].body {
            case .builtIn(let name, _, _, _):
                outputs = catalog[name]?.outputs.map { PlannedOutput(port: $0.name, type: $0.type) } ?? []
            case .command(let command):
                outputs = command.outputs.map {
                    PlannedOutput(port: $0.name, type: $0.type, path: $0.path)
                }
            }
        }
        return outputs.first { $0.port == reference.port }.map { (stage, $0) }
    }

    private mutating func source(_ source: Plan.Source, at range: SourceRange) -> Int? {
        if let known = sourceNumbers[source] { return known }
        guard let path = source.path?.absolute(in: world.root) else { return number(of: source) }
        let status = (try? Files.status(path)) ?? nil
        guard let status else {
            findings.add(PlanFinding.missingSource(source.name, resolved: path), at: range)
            return nil
        }
        let isFolder = if case .folder = source { true } else { false }
        guard status.kind == (isFolder ? .directory : .file) else {
            findings.add(
                PlanFinding.notAFile(source.name, expected: isFolder ? "a folder" : "a file"), at: range)
            return nil
        }
        return number(of: source)
    }

    private mutating func number(of source: Plan.Source) -> Int {
        if let known = sourceNumbers[source] { return known }
        plan.sources.append(source)
        sourceNumbers[source] = plan.sources.count - 1
        return plan.sources.count - 1
    }

    private mutating func readEnvironment(of command: Command, into planned: PlannedStage) {
        for (name, value) in command.environment { planned.environment[name] = value }
        for name in command.inheritedEnvironment {
            let value = world.environment(name)
            planned.environment[name] =
                value.map { "sha256:" + Digest.of(Array($0.utf8)).hex } ?? "unset"
        }
        for (name, tool, range) in command.tools {
            do {
                planned.tools[name] = try world.tool(tool)
            } catch {
                var output = "\(error)"
                while output.last?.isNewline == true { output.removeLast() }
                findings.add(
                    PlanFinding.toolFailed(name: name, command: tool, output: output), at: range)
            }
        }
    }

    // MARK: Types

    private mutating func type(_ index: Int) {
        let stage = plan.stages[index].stage
        switch stage.body {
        case .command:
            for (number, output) in plan.stages[index].outputs.enumerated() {
                if output.type == .table, output.schema == nil {
                    plan.stages[index].outputs[number].pinned = pinned(stage)?.outputs[output.port]?.schema
                }
                if let schema = plan.stages[index].outputs[number].schemaInForce {
                    types[index][output.port] = .table(schema.tableType)
                } else {
                    types[index][output.port] = StaticType(unknown: output.type)
                }
            }
        case .builtIn(_, _, let given, let with):
            guard let kind = plan.stages[index].kind else { return }
            plan.stages[index].schema = schemaInForce(index, kind, given, with)
            var inputs: [String: StaticType] = [:]
            for input in plan.stages[index].inputs {
                let type: StaticType =
                    switch input.origin {
                    case .source: StaticType(unknown: input.type)
                    case .output(let stage, let port):
                        types[stage][port] ?? StaticType(unknown: input.type)
                    }
                inputs[input.port] = type
            }
            let result = StageTyping(plan.stages[index], plan: plan).run(inputs: inputs)
            plan.stages[index].parameters = result.parameters
            plan.stages[index].needsActualTypes = !result.isComplete
            findings.add(result.findings)
            types[index] = result.outputs
        }
    }

    /// What the lock says of a stage whose schemas are to stay as they are.
    private func pinned(_ stage: Stage) -> LockFile.Block? {
        world.inferAnew.contains(stage.name) ? nil : world.lock.blocks[stage.name]
    }

    private mutating func schemaInForce(
        _ index: Int, _ kind: StageKind, _ given: JSONValue, _ with: Node?
    ) -> PlannedStage.SchemaInForce {
        let stage = plan.stages[index].stage
        if let name = kind.schemaParameter, let value = given[name] {
            return schema(value, of: stage, at: stage.place(of: name)).map { .declared($0) } ?? .none
        }
        guard let infer = kind.inferSchema else { return .none }
        if let pinned = pinned(stage)?.schema { return .pinned(pinned) }
        if kind.fetch != nil { return .pending }
        for input in plan.stages[index].inputs {
            guard case .source(let number) = input.origin else { return .pending }
            // Of a folder, the first file: known when the folder is.
            guard case .file(let path) = plan.sources[number] else { return .pending }
            do {
                return .pinned(
                    try infer(path.absolute(in: world.root), plan.stages[index].parameters))
            } catch {
                findings.add(
                    PlanFinding.cannotInfer(path: path.text, reason: "\(error)"), at: input.range)
            }
        }
        return .none
    }

    /// A Table Schema that stands in the pipeline or in a file of its own.
    private mutating func schema(_ value: JSONValue, of stage: Stage, at range: SourceRange) -> TableSchema? {
        var json = value
        var name = ""
        if let text = value.string {
            let path = ProjectPath(text)
            name = path.text
            plan.schemaFiles.append(path)
            guard let node = readSchema(path, written: text, at: range) else { return nil }
            json = JSONValue(node, keepsDigits: true)
        }
        do {
            return try TableSchema(json)
        } catch {
            findings.add(
                PlanFinding.badSchema(path: name, place: error.place, message: error.message), at: range)
            return nil
        }
    }

    private mutating func readSchema(_ path: ProjectPath, written: String, at range: SourceRange) -> Node? {
        let resolved = path.absolute(in: world.root)
        do {
            let source = SourceText(path: path.text, bytes: try Files.read(resolved))
            var problems = Diagnostics()
            let node = parseYAML(source, into: &problems)
            findings.add(problems)
            return problems.hasErrors ? nil : node
        } catch  where error.isNotFound {
            findings.add(PlanFinding.missingSource(written, resolved: resolved), at: range)
        } catch {
            findings.add(PlanFinding.unreadable("\(error)"), at: range)
        }
        return nil
    }
}

extension [Int] {
    /// - Precondition: Sorted.
    fileprivate mutating func removeRepeats() {
        var kept = 0
        for place in indices where place == 0 || self[place] != self[place - 1] {
            swapAt(kept, place)
            kept += 1
        }
        removeLast(count - kept)
    }
}
