import ContentStore
import Diagnostics
import PipelineLanguage
import Planner

/// `--locked`: the pipeline must be what the committed lock was written for,
/// and give what it gave.
extension PipelineRun {
    /// Stages whose bytes may differ from run to run, and all below them: their
    /// recipes are compared, not keys and digests.
    private var comparedByRecipe: Set<Int> {
        let loose = plan.stages.indices.filter { number in
            if case .command(let command) = plan.stages[number].stage.body {
                !command.isDeterministic
            } else {
                false
            }
        }
        return Set(plan.dependents(of: Array(loose)))
    }

    /// What is different before anything runs: keys, with all upstream outputs
    /// as the lock says. What can be keyed only from data that is not here is
    /// passed over; its outputs are compared afterwards.
    public func lockedDifferences() -> [Diagnostic] {
        let loose = comparedByRecipe
        var differences: [Diagnostic] = []
        for number in plan.topological where options.selected?.contains(number) != false {
            let name = plan.stages[number].stage.name
            guard let locked = tools.locked[name] else {
                differences.append(finding(.notLocked(stage: name), number))
                continue
            }
            summary.records[number] = locked
            let isKnown = plan.stages[number].inputs.allSatisfy { input in
                if case .output(let stage, let port) = input.origin {
                    artifact(stage, port) != nil
                } else {
                    true
                }
            }
            guard isKnown, let prepared = try? prepare(number) else { continue }
            let recipe = recipe(of: number)
            summary.recipes[number] = recipe
            let isSame =
                loose.contains(number) ? recipe == tools.lockedRecipes[name] : prepared.key == locked.key
            guard !isSame else { continue }
            let change = document(of: locked.key).flatMap { old -> String? in
                guard let new = try? prepared.action.parsedDocument() else { return nil }
                return ActionDifference(old: old, new: new).changes.first?.sentence
            }
            differences.append(finding(.lockedKeyDiffers(stage: name, change: change), number))
        }
        summary = RunSummary()
        return differences
    }

    /// What came out otherwise than locked.
    public func lockedOutputDifferences(_ summary: RunSummary) -> [Diagnostic] {
        let loose = comparedByRecipe
        var differences: [Diagnostic] = []
        for (number, record) in summary.records.sorted(by: { $0.key < $1.key }) {
            let name = plan.stages[number].stage.name
            guard !loose.contains(number), let locked = tools.locked[name] else { continue }
            for output in record.outputs {
                guard let expected = locked.outputs.first(where: { $0.port == output.port }),
                    expected.digest != output.digest
                else { continue }
                differences.append(
                    finding(
                        .lockedOutputDiffers(
                            stage: name, port: output.port, locked: expected.digest.hex,
                            found: output.digest.hex), number))
            }
        }
        return differences
    }
}
