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
        if case .pending = planned.schema, let infer = planned.kind?.inferSchema,
            let input = planned.inputs.first
        {
            schema = try infer(try path(of: input), parameters)
        }
        if let schema { schemas[number] = schema }
        if planned.needsActualTypes {
            let typing = StageTyping(planned, plan: plan).run(
                inputs: try actualTypes(of: planned), schema: schema)
            guard !typing.findings.hasErrors else { throw DiagnosticError(typing.findings) }
            parameters = typing.parameters
        }
        parametersInForce[number] = parameters
        sourceStates.reserveCapacity(sourceStates.count + planned.inputs.count)
        for input in planned.inputs {
            if case .source(let source) = input.origin { try hash(source) }
        }
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
        sourceStates[source] = try sources.digest(of: plan.sources[source])
    }

    func artifact(_ stage: Int, _ port: String) -> ActionRecord.Output? {
        summary.records[stage]?.outputs.first { $0.port == port }
    }

    /// The file behind an input that a built-in reads in place.
    func path(of input: PlannedInput) throws -> String {
        switch input.origin {
        case .source(let number): return plan.sources[number].path.absolute(in: workspace.root)
        case .output(let stage, let port):
            guard let artifact = artifact(stage, port) else { preconditionFailure("an input is not there") }
            return store.path(of: artifact.digest)
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
