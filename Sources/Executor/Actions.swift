import CanonicalJSON
import ContentStore
import PipelineLanguage
import Planner
import TableTypes

/// What goes into a port, once it is there.
struct InputDigest {
    var digest: Digest
    var isExecutable = false
}

/// Makes the action of a planned stage when all digests it reads are known.
struct ActionMaker {
    /// `1.2.0+abc1234-dirty` of a program that is not a clean release.
    let build: String?

    /// - Parameters:
    ///   - schema: The schema in force where it was inferred since planning.
    ///   - inferred: Schemas of a command's tables, by port, inferred from what it wrote.
    ///   - parameters: Replace the plan's where columns were looked up since.
    func action(
        for planned: PlannedStage, schema: TableSchema? = nil, inferred: [String: TableSchema] = [:],
        parameters: JSONValue? = nil, digest: (PlannedInput) -> InputDigest
    ) -> Action {
        let inputs = planned.inputs.map { input in
            let given = digest(input)
            return Action.Input(
                port: input.port, type: input.type.description, digest: given.digest,
                basename: input.basename,
                isExecutable: given.isExecutable, form: input.form?.rawValue)
        }
        let outputs = planned.outputs.map { output in
            Action.Output(port: output.port, type: output.type.description, path: output.path)
        }
        switch planned.stage.body {
        case .builtIn(let name, _, _, _):
            let kind = planned.kind
            return Action(
                body: .builtIn(
                    Action.BuiltInBody(
                        kind: name, version: kind?.version ?? 0,
                        libraries: (kind?.libraries ?? [:]).mapValues { "\($0)" },
                        parameters: kind?.keyed(parameters ?? planned.parameters) ?? .object([:]))),
                inputs: inputs, outputs: outputs, schema: (schema ?? planned.schema.schema)?.json,
                seed: planned.seed, build: build)
        case .command(let command):
            var schemas = inferred
            for output in planned.outputs {
                if let schema = output.schemaInForce { schemas[output.port] = schema }
            }
            let action = Action(
                body: .command(
                    Action.CommandBody(
                        text: command.script.keyText, shell: command.shell.rawValue,
                        workingDirectory: command.runsInProject ? "project" : nil,
                        environment: planned.environment, tools: planned.tools, platform: Self.platform)),
                inputs: inputs, outputs: outputs, seed: planned.seed)
            return Self.action(action, holding: schemas)
        }
    }

    /// A command's action with schemas of its tables, by port, beside those it has.
    static func action(_ action: Action, holding schemas: [String: TableSchema]) -> Action {
        guard !schemas.isEmpty else { return action }
        var action = action
        action.schema = .object((action.schema?.object ?? [:]).merging(schemas.mapValues(\.json)) { $1 })
        return action
    }

    /// The digest that stands for an upstream artifact in a recipe.
    static func recipe(of stage: Digest, port: String) -> Digest {
        Digest.of(Array("\(stage.hex).\(port)".utf8))
    }

    #if arch(x86_64)
    static let platform = "linux-x86_64"
    #else
    static let platform = "linux-arm64"
    #endif
}
