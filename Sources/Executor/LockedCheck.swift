import ContentStore
import Diagnostics
import PipelineLanguage
import Planner

/// `--locked`: the pipeline must be what the committed lock was written for,
/// and give what it gave.
extension PipelineRun {
    /// Stages whose bytes may differ from run to run, and all below them: their
    /// recipes are compared, not keys and digests. So are commands that were
    /// locked on another machine (docs/decisions/0005-locks-on-other-machines.md).
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

    /// Whether a command's block was written where the system, the processor or
    /// a tool was another one: the same recipe, and yet another key.
    private func wasLockedElsewhere(_ number: Int, key: Digest, recipe: Digest) -> Bool {
        guard case .command = plan.stages[number].stage.body else { return false }
        return tools.lockedRecipes[number] == recipe && tools.locked[number]?.key != key
    }

    /// What is different before anything runs: keys, with all upstream outputs
    /// as the lock says. What can be keyed only from data that is not here is
    /// passed over; its outputs are compared afterwards.
    public func lockedDifferences() -> [Diagnostic] {
        var loose = comparedByRecipe
        var differences: [Diagnostic] = []
        for number in plan.topological where options.selected?.contains(number) != false {
            let name = plan.stages[number].stage.name
            guard let locked = tools.locked[number] else {
                differences.append(finding(.notLocked(stage: name), number))
                continue
            }
            summary.records[number] = locked
            summary.recipes[number] = tools.lockedRecipes[number]
            let isKnown = plan.stages[number].inputs.allSatisfy { input in
                if case .output(let stage, let port) = input.origin {
                    artifact(stage, port) != nil
                } else {
                    true
                }
            }
            guard isKnown else { continue }
            let prepared: Prepared
            do {
                prepared = try prepare(number)
            } catch is NotFetched {
                differences.append(finding(.lockedKeyDiffers(stage: name, change: "what it fetches"), number))
                continue
            } catch {
                continue
            }
            let recipe = recipe(of: number)
            summary.recipes[number] = recipe
            if wasLockedElsewhere(number, key: prepared.key, recipe: recipe) {
                loose.formUnion(plan.dependents(of: [number]))
            }
            let isSame =
                loose.contains(number) ? recipe == tools.lockedRecipes[number] : prepared.key == locked.key
            guard !isSame else { continue }
            let change = document(of: locked.key).flatMap { old -> String? in
                guard let new = try? prepared.action.parsedDocument() else { return nil }
                return ActionDifference(old: old, new: new, kind: plan.stages[number].kind)
                    .changes.first?.sentence
            }
            differences.append(finding(.lockedKeyDiffers(stage: name, change: change), number))
        }
        summary = RunSummary()
        return differences
    }

    /// What came out otherwise than locked.
    public func lockedOutputDifferences(_ summary: RunSummary) -> [Diagnostic] {
        let elsewhere = summary.records.filter { number, record in
            summary.recipes[number].map { wasLockedElsewhere(number, key: record.key, recipe: $0) } == true
        }
        let loose = comparedByRecipe.union(plan.dependents(of: elsewhere.keys.sorted()))
        var differences: [Diagnostic] = []
        for (number, record) in summary.records.sorted(by: { $0.key < $1.key }) {
            let name = plan.stages[number].stage.name
            guard !loose.contains(number), let locked = tools.locked[number] else { continue }
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
