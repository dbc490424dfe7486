import CanonicalJSON
import PipelineLanguage
import Planner
import TableTypes

/// The schema that a stage's table is held to, else what is known of the table that is stored.
public struct ShownSchema {
    public let schema: TableSchema
    private let origin: String

    /// The schema in force; nil where there is none, as of what a stage makes out of other tables.
    public init?(inForce loaded: LoadedPipeline, _ stage: Int, _ output: PlannedOutput) {
        let planned = loaded.plan.stages[stage]
        let name = "\(planned.stage.name).\(output.port)"
        if let declared = output.schema {
            (schema, origin) = (declared, "The schema of \(name), as the pipeline declares it.")
        } else if let pinned = output.pinned {
            (schema, origin) = (pinned, "The schema of \(name), inferred and pinned in the lock.")
        } else if output.port == planned.outputs.first?.port, let own = planned.schema.schema {
            let isDeclared = planned.schema == .declared(own)
            schema = own
            origin =
                "The schema of \(name), "
                + (isDeclared ? "as the pipeline declares it." : "inferred and pinned in the lock.")
        } else {
            return nil
        }
    }

    /// - Throws: `DiagnosticError` for what is no table.
    public init(stored view: ArtifactView) throws {
        schema = try view.schema()
        origin = "What is known of \(view.artifact.name) as it is stored."
    }

    public func text(asJSON isJSON: Bool) -> String {
        if isJSON { return schema.json.prettyText }
        var text = SchemaText(schema)
        text.head = [origin]
        return text.text
    }
}
