import CanonicalJSON
import Diagnostics
import PipelineLanguage
import Planner
import TableTypes

/// `run --infer STAGE`: schemas that the lock pins are inferred once more.
extension LoadedPipeline {
    /// The stages that words name: one, all members of a matrix, or what a glob matches.
    static func stagesToInfer(
        _ words: [String], _ pipeline: Pipeline, into findings: inout Diagnostics
    ) -> Set<String> {
        let names = pipeline.stages.map(\.name)
        var chosen: Set<String> = []
        for word in words {
            let found = names.filter { $0 == word || $0.hasPrefix(word + "@") || Glob.matches(word, $0) }
            if found.isEmpty { findings.add(ProjectFinding.unknownStage(word, known: names), at: nil) }
            chosen.formUnion(found)
        }
        return chosen
    }

    /// A stage whose schema is declared, or that has none, infers nothing.
    static func checkInferred(_ names: Set<String>, _ plan: Plan, into findings: inout Diagnostics) {
        for planned in plan.stages where names.contains(planned.stage.name) && !infers(planned) {
            findings.add(ProjectFinding.nothingToInfer(stage: planned.stage.name), at: planned.stage.range)
        }
    }

    private static func infers(_ planned: PlannedStage) -> Bool {
        switch planned.schema {
        case .pinned, .pending: true
        case .declared: false
        case .none: planned.kind == nil && planned.outputs.contains { $0.type == .table && $0.schema == nil }
        }
    }

    /// Commands among the stages to infer: their tables are typed when they
    /// end, so they must run.
    public var commandsToInfer: Set<Int> {
        Set(
            plan.stages.indices.filter {
                plan.stages[$0].kind == nil && inferredAnew.contains(plan.stages[$0].stage.name)
            })
    }

    /// What is different in the schemas that were inferred anew, a line a
    /// field and property, below the stage's name.
    ///
    /// - Parameter after: The lock as the run leaves it.
    public func inferredDifferences(_ after: LockFile) -> [String] {
        plan.stages.filter { inferredAnew.contains($0.stage.name) }.flatMap { planned -> [String] in
            let name = planned.stage.name
            let (old, new) = (lock.blocks[name], after.blocks[name])
            var lines = differences(old?.schema, planned.schema.schema ?? new?.schema)
            for output in planned.outputs where output.type == .table && planned.kind == nil {
                lines += differences(old?.outputs[output.port]?.schema, new?.outputs[output.port]?.schema)
            }
            if lines.isEmpty { return ["\(name): the schema is as it was"] }
            return ["\(name): inferred anew"] + lines.map { "  " + $0 }
        }
    }

    private func differences(_ old: TableSchema?, _ new: TableSchema?) -> [String] {
        guard let new else { return [] }
        guard let old else { return ["nothing was pinned before"] }
        func fields(_ schema: TableSchema) -> [String: TableSchema.Field] {
            Dictionary(schema.fields.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        }
        let (before, after) = (fields(old), fields(new))
        var lines: [String] = []
        for field in old.fields {
            guard let now = after[field.name] else {
                lines.append("\(field.name): \(field.type.rawValue) -> gone")
                continue
            }
            if field.type != now.type {
                lines.append("\(field.name): \(field.type.rawValue) -> \(now.type.rawValue)")
            } else if field != now {
                lines.append(
                    "\(field.name): \(Self.text(field, among: old)) -> \(Self.text(now, among: new))")
            }
        }
        for field in new.fields where before[field.name] == nil {
            lines.append("\(field.name): not there -> \(field.type.rawValue)")
        }
        if lines.isEmpty, old.fields.map(\.name) != new.fields.map(\.name) {
            lines.append("the order of the fields")
        }
        if old.missingValues != new.missingValues {
            lines.append(
                "missingValues: \(JSONValue.strings(old.missingValues).canonicalText) -> "
                    + JSONValue.strings(new.missingValues).canonicalText)
        }
        return lines
    }

    /// A field with all it says, for what is not a change of type.
    private static func text(_ field: TableSchema.Field, among schema: TableSchema) -> String {
        let index = schema.fields.firstIndex(of: field) ?? 0
        return schema.json["fields"]?.array.map { $0[index].canonicalText } ?? ""
    }
}
