import CanonicalJSON
import ContentStore
import Executor
import Glibc
import PipelineLanguage
import Planner
import Platform
import TableTypes

extension LoadedPipeline {
    /// What the lock says of each stage's outputs, as records. A block that
    /// names other outputs than the pipeline declares says nothing.
    public var lockedRecords: [ActionRecord?] {
        plan.stages.map { planned in
            guard let block = lock.blocks[planned.stage.name],
                block.outputs.count == planned.outputs.count
            else { return nil }
            let outputs = planned.outputs.compactMap { output in
                block.outputs[output.port].map {
                    ActionRecord.Output(
                        port: output.port, type: output.type.description, digest: $0.digest, size: $0.size)
                }
            }
            guard outputs.count == planned.outputs.count else { return nil }
            var facts: [String: JSONValue] = [:]
            for entry in block.outputs.entries where !entry.output.facts.isEmpty {
                facts[entry.port] = .object(entry.output.facts)
            }
            return ActionRecord(key: block.key, outputs: outputs, facts: .object(facts))
        }
    }

    /// The lock after a run: stages that succeeded have new blocks, failed and
    /// unselected ones keep theirs, those no longer in the pipeline are gone.
    ///
    /// - Parameter present: The lock that lies there now, if it may have changed
    ///   since the pipeline was loaded.
    public func lock(after run: PipelineRun, _ summary: RunSummary, onto present: LockFile? = nil) -> LockFile
    {
        let lock = present ?? self.lock
        // What the plan leaves out keeps its block.
        var blocks = plan.leftOut.isEmpty ? [:] : lock.blocks
        blocks.reserveCapacity(plan.size)
        for (number, planned) in plan.stages.enumerated() {
            let name = planned.stage.name
            guard let record = summary.records[number], let recipe = summary.recipes[number],
                succeeded(summary.results[number]), !settled.contains(number)
            else {
                blocks[name] = lock.blocks[name]
                continue
            }
            var outputs: LockFile.Outputs = [:]
            for output in record.outputs {
                var facts = record.facts[output.port]?.object ?? [:]
                // Of a table it is no metric but what was inferred, and pinned below.
                if output.type == PortType.table.description { facts["schema"] = nil }
                let pinned = planned.outputs.first { $0.port == output.port }?.pinned
                outputs[output.port] = LockFile.Output(
                    digest: output.digest, size: output.size, facts: facts,
                    schema: pinned ?? run.inferred[number]?[output.port])
            }
            blocks[name] = LockFile.Block(
                key: record.key, recipe: recipe, outputs: outputs,
                schema: pinned(planned, run.schemas[number]), snapshot: run.snapshot(of: number))
        }
        return LockFile(blocks)
    }

    /// A stage whose gate or publication failed keeps the block it had.
    private func succeeded(_ result: StageResult?) -> Bool {
        switch result {
        case .hit, .ran: true
        case .failed, .stopped, .skipped, nil: false
        }
    }

    /// Whether the lock says already what a run came to.
    public func isLocked(_ run: PipelineRun, _ summary: RunSummary) -> Bool {
        guard lock.blocks.count == plan.size, summary.records.count == plan.stages.count else {
            return false
        }
        return summary.records.allSatisfy { number, record in
            guard succeeded(summary.results[number]) else { return true }
            guard let block = lock.blocks[plan.stages[number].stage.name] else { return false }
            return block.key == record.key && block.recipe == summary.recipes[number]
                && block.snapshot == run.snapshot(of: number)
                && record.outputs.allSatisfy { block.outputs[$0.port]?.digest == $0.digest }
        }
    }

    private func pinned(_ planned: PlannedStage, _ inForce: TableSchema?) -> TableSchema? {
        switch planned.schema {
        case .pinned(let schema): schema
        case .pending: inForce
        case .declared, .none: nil
        }
    }

    /// Writes the lock after a run where it differs from the one that is there.
    /// Runs that end at once take turns, and keep what the other has written.
    ///
    /// - Returns: The lock's bytes; nil when another run wrote there besides.
    public func writeLock(after run: PipelineRun, _ summary: RunSummary) throws(SystemError) -> [UInt8]? {
        let turn = try run.checkoutLocks.turn(at: project.workspace.local + "/lock-turn")
        defer { turn.release() }
        let present = Files.exists(lockPath) ? try Files.read(lockPath) : nil
        var onto = lock
        var isOursAlone = true
        if let present, lockBytes.map(present.isSame(as:)) != true {
            // Of a newer version, it came while this ran, and is not ours to write.
            guard let lock = LockFile(bytes: present) else { return nil }
            onto = lock
            isOursAlone = false
        }
        let bytes = lock(after: run, summary, onto: onto).bytes
        if present?.isSame(as: bytes) != true { try Files.replace(lockPath, with: bytes) }
        return isOursAlone ? bytes : nil
    }
}
