import CanonicalJSON
import Diagnostics
import PipelineLanguage
import TableTypes

/// Static types of one built-in stage: columns looked up, selectors expanded,
/// the kind's own check run. Used once when planning and, where an input's
/// columns are known only from data, once more before the stage starts.
public struct StageTyping {
    public struct Result: Sendable {
        public var parameters: JSONValue
        /// By output port.
        public var outputs: [String: StaticType]
        public var findings: Diagnostics
        /// Whether nothing is left that only the data can tell.
        public var isComplete: Bool
    }

    private let planned: PlannedStage
    private let plan: Plan

    public init(_ planned: PlannedStage, plan: Plan) {
        self.planned = planned
        self.plan = plan
    }

    /// - Parameters:
    ///   - inputs: Static types by input port.
    ///   - schema: The schema in force, where it was inferred since planning.
    /// - Precondition: The stage is a built-in one.
    public func run(inputs: [String: StaticType], schema: TableSchema? = nil) -> Result {
        guard let kind = planned.kind, case .builtIn(_, _, _, let with) = planned.stage.body else {
            preconditionFailure("a command has no static types of its own")
        }
        var tables: [String: TableType] = [:]
        for (port, type) in inputs {
            switch type {
            case .table(let table): tables[port] = table
            case .list(let members):
                if case .table(let table)? = members.first { tables[port] = table }
            default: break
            }
        }
        var expansion = ColumnExpansion(
            kind: kind, tables: tables, names: names, fallback: planned.stage.range)
        let parameters = expansion.expand(planned.parameters, with: with)
        var check = StageCheck(
            parameters: parameters, inputs: inputs, schema: schema ?? planned.schema.schema,
            places: places, names: names, with: with, stage: planned.stage.range)
        var findings = expansion.findings
        // A kind judges values that are what they say they are.
        if !findings.hasErrors {
            kind.check(&check)
            findings.add(check.findings)
        }
        var outputs: [String: StaticType] = [:]
        for output in kind.outputs {
            outputs[output.name] = check.outputs[output.name] ?? StaticType(unknown: output.type)
        }
        return Result(
            parameters: parameters, outputs: outputs, findings: findings, isComplete: expansion.isComplete)
    }

    /// Where the first of what goes into each port is written.
    private var places: [String: SourceRange] {
        Dictionary(planned.inputs.map { ($0.port, $0.range) }, uniquingKeysWith: { first, _ in first })
    }

    /// What messages call what goes into each port.
    private var names: [String: String] {
        var names: [String: String] = [:]
        for input in planned.inputs {
            switch input.origin {
            case .source(let number): names[input.port] = plan.sources[number].name
            case .output(let stage, let port): names[input.port] = plan.outputName(stage, port)
            }
        }
        return names
    }
}

extension Plan {
    /// `STAGE` for a stage's main output, else `STAGE.PORT`. A part of a table
    /// is always named: of `split`, nobody sees which part is meant.
    public func outputName(_ stage: Int, _ port: String) -> String {
        let name = stages[stage].stage.name
        let isPart = stages[stage].kind?.outputs.contains { $0.name == port && $0.isPart } == true
        return stages[stage].outputs.first?.port == port && !isPart ? name : "\(name).\(port)"
    }
}
