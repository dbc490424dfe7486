import CanonicalJSON
import ContentStore
import Diagnostics
import PipelineLanguage
import Planner
import TableTypes

/// What decides a stage's key, and what is known under it.
extension PipelineRun {
    struct Prepared {
        var action: Action
        var key: Digest
        var parameters: JSONValue
        var schema: TableSchema?
    }

    /// Everything that decides the key, now that all inputs are there.
    func prepare(_ number: Int) throws -> Prepared {
        let planned = plan.stages[number]
        var parameters = planned.parameters
        var schema = planned.schema.schema
        sourceStates.reserveCapacity(sourceStates.count + planned.inputs.count)
        for input in planned.inputs {
            if case .source(let source) = input.origin { try hash(source) }
        }
        if case .pending = planned.schema, let kind = planned.kind, let infer = kind.inferSchema,
            let input = planned.inputToInferFrom
        {
            let given = kind.forRun(parameters)
            if takesFiles(of: input, planned) {
                guard let first = try files(of: input).first else {
                    throw DiagnosticErrorMaker.make(.noFiles(input.port), planned.stage)
                }
                schema = try infer(first.path, given)
            } else {
                schema = try infer(try path(of: input), given)
            }
        }
        if let schema { schemas[number] = schema }
        if planned.needsActualTypes {
            let typing = StageTyping(planned, plan: plan).run(
                inputs: try actualTypes(of: planned), schema: schema)
            guard !typing.findings.hasErrors else { throw DiagnosticError(typing.findings) }
            parameters = typing.parameters
        }
        parametersInForce[number] = parameters
        let action = maker.action(for: planned, schema: schema, parameters: parameters) { input in
            switch input.origin {
            case .source(let source):
                let state = sourceStates[source]!
                return InputDigest(digest: state.digest, isExecutable: state.isExecutable)
            case .output(let stage, let port):
                return InputDigest(digest: artifact(stage, port)!.digest)
            }
        }
        return Prepared(action: action, key: action.key, parameters: parameters, schema: schema)
    }

    func hash(_ source: Int) throws {
        guard sourceStates[source] == nil else { return }
        if case .external(let external) = plan.sources[source] {
            try takeKnown(external, as: source)
        } else {
            sourceStates[source] = try sources.digest(of: plan.sources[source])
        }
    }

    func artifact(_ stage: Int, _ port: String) -> ActionRecord.Output? {
        summary.records[stage]?.outputs.first { $0.port == port }
    }

    /// The file behind an input that a built-in reads in place.
    func path(of input: PlannedInput) throws -> String {
        switch input.origin {
        case .source(let number):
            if let path = plan.sources[number].path { return path.absolute(in: workspace.root) }
            guard let snapshot = snapshots[number] else { preconditionFailure("a source was not fetched") }
            return store.path(of: snapshot.digest)
        case .output(let stage, let port):
            guard let artifact = artifact(stage, port) else { preconditionFailure("an input is not there") }
            return store.path(of: artifact.digest)
        }
    }

    /// Whether the files of a folder go into a port, and not the folder.
    func takesFiles(of input: PlannedInput, _ planned: PlannedStage) -> Bool {
        input.type == .folder && planned.kind?.inputs.first { $0.name == input.port }?.takesSeveral == true
    }

    /// The files of a folder, in the order of their paths' bytes, each where it lies.
    func files(of input: PlannedInput) throws -> [(name: String, path: String, blob: Digest?)] {
        var folder: String?
        let manifest: FolderManifest?
        switch input.origin {
        case .output(let stage, let port):
            manifest = try artifact(stage, port).flatMap { try store.manifest($0.digest) }
        case .source(let number):
            folder = plan.sources[number].path?.absolute(in: workspace.root)
            manifest = try source(number).manifest
        }
        return (manifest?.entries ?? []).compactMap { entry in
            guard case .file(let digest, _, _) = entry.content else { return nil }
            if let folder { return (entry.path, folder + "/" + entry.path, nil) }
            return (entry.path, store.path(of: digest), digest)
        }
    }

    func actualTypes(of planned: PlannedStage) throws -> [String: StaticType] {
        var result: [String: StaticType] = [:]
        for input in planned.inputs where input.type == .table {
            result[input.port] = .table(try tools.tableType(try path(of: input)))
        }
        for input in planned.inputs where input.type != .table {
            result[input.port] = StaticType(unknown: input.type)
        }
        return result
    }

    // MARK: Recipes

    /// Made anew from what is planned, whatever the lock says.
    func recipe(of number: Int) -> Digest {
        let planned = plan.stages[number]
        let parameters = parametersInForce[number] ?? planned.parameters
        return maker.action(
            for: planned, schema: schemas[number], inferred: inferred[number] ?? [:], parameters: parameters
        ) { input in
            switch input.origin {
            case .source(let source):
                let state = sourceStates[source]!
                return InputDigest(digest: state.digest, isExecutable: state.isExecutable)
            case .output(let stage, let port):
                let upstream = summary.recipes[stage] ?? summary.records[stage]!.key
                return InputDigest(digest: ActionMaker.recipe(of: upstream, port: port))
            }
        }.onAnyMachine.key
    }

    /// The recipe the lock has, where it cannot have become another one: the
    /// key is the locked one, and so is everything upstream.
    func lockedRecipe(of number: Int) -> Digest? {
        let planned = plan.stages[number]
        guard let recipe = tools.lockedRecipes[number], let key = summary.records[number]?.key,
            tools.locked[number]?.key == key
        else { return nil }
        for input in planned.inputs {
            guard case .output(let stage, _) = input.origin else { continue }
            guard let upstream = summary.recipes[stage],
                upstream == tools.lockedRecipes[stage]
            else { return nil }
        }
        return recipe
    }
}
