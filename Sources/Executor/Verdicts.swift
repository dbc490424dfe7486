import CanonicalJSON
import ContentStore
import Diagnostics
import PipelineLanguage
import Planner

/// What follows when a stage's outputs are there, hit or not: they are
/// published, and then its gates are judged.
extension PipelineRun {
    func publish(_ number: Int, _ record: ActionRecord) throws -> [Diagnostic] {
        guard options.publishes else { return [] }
        let stage = plan.stages[number].stage
        var problems: [Diagnostic] = []
        for publication in publications(of: number) {
            guard let output = record.outputs.first(where: { $0.port == publication.port }) else { continue }
            let absolute = publication.path.absolute(in: workspace.root)
            let outcome = try publisher.publish(
                output, at: publication.path.text, absolute: absolute, overwrites: options.overwrites,
                scratch: { "\(try runFolder())/publish-\(number)" },
                present: { try sources.published($0, $1) })
            switch outcome {
            case .unchanged: break
            case .written:
                summary.published += 1
                tell(.published(number, port: publication.port, path: publication.path.text))
            case .editedByHand:
                problems.append(
                    ExecutionFinding.editedByHand(path: publication.path.text, stage: stage.name)
                        .at(publication.range))
            }
        }
        if problems.isEmpty { summary.inPlace.insert(number) }
        return problems
    }

    /// Declared ones, and for a project stage its outputs where it wrote them.
    func publications(of number: Int) -> [Stage.Publication] {
        let planned = plan.stages[number]
        var result = planned.stage.publish
        if case .command(let command) = planned.stage.body, command.runsInProject {
            // A table is stored in another form than the command wrote it.
            for output in command.outputs where output.form != .table {
                result.append(
                    Stage.Publication(
                        port: output.name, path: ProjectPath(output.path), range: output.range))
            }
        }
        return result
    }

    func judge(_ number: Int, _ record: ActionRecord) -> [Diagnostic] {
        let planned = plan.stages[number]
        var problems: [Diagnostic] = []
        for gate in planned.gates {
            let metrics = record.facts[gate.port]?.object ?? [:]
            let value = metrics[gate.gate.metric]?.number
            let passes = value.map(gate.gate.passes) ?? false
            tell(.judged(number, gate, value: value, passes: passes))
            guard !passes else { continue }
            let bound = "\(gate.gate.relation.rawValue) \(JSONValue.number(gate.gate.bound).canonicalText)"
            problems.append(
                finding(
                    value.map {
                        .gateFailed(
                            stage: planned.stage.name, metric: gate.gate.metric, value: $0, bound: bound)
                    }
                        ?? .gateWithoutMetric(
                            stage: planned.stage.name, metric: gate.gate.metric, known: metrics.keys.sorted()),
                    number))
        }
        return problems
    }
}
