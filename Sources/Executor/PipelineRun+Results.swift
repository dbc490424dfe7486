import CanonicalJSON
import ContentStore
import Diagnostics
import PipelineLanguage
import Planner
import TableTypes

/// What was done before under a key, and what is kept of what was done now.
extension PipelineRun {
    /// What was done before under a key.
    struct Found {
        var action: Action
        /// Under the action's key.
        var record: ActionRecord
        /// Of a command's tables, by port, where nothing was pinned.
        var inferred: [String: TableSchema] = [:]
        /// Whether the action index has no record under that key yet.
        var isNew = false
    }

    /// A record whose blobs are all there.
    ///
    /// A command whose tables have no schema yet has a key without one until it
    /// ends. What it gave belongs as well to the key that holds the inferred
    /// schemas, which is the one every later run makes from the lock, and the
    /// one it is found under here.
    func lookUp(_ prepared: Prepared, _ number: Int) throws -> Found? {
        guard plan.stages[number].stage.isCached, !options.forced.contains(number),
            let record = try completeRecord(of: prepared.key, number)
        else { return nil }
        // One that does not tell what was inferred is of no use to the lock.
        guard let inferred = inferredSchemas(number, record) else { return nil }
        return try found(prepared.action, record, inferred, number)
    }

    /// Of a command's tables that have none in force, by port.
    ///
    /// - Returns: Nil when the record does not tell all of them.
    func inferredSchemas(_ number: Int, _ record: ActionRecord) -> [String: TableSchema]? {
        let planned = plan.stages[number]
        var schemas: [String: TableSchema] = [:]
        for output in planned.outputs where output.isInferred(by: planned) {
            guard let json = record.facts[output.port]?["schema"], let schema = try? TableSchema(json) else {
                return nil
            }
            schemas[output.port] = schema
        }
        return schemas
    }

    /// A result under the key that holds what was inferred. What stands under
    /// that key already stays: the first result of a key is the one.
    func found(
        _ action: Action, _ record: ActionRecord, _ inferred: [String: TableSchema], _ number: Int
    ) throws -> Found {
        guard !inferred.isEmpty else { return Found(action: action, record: record) }
        var found = Found(
            action: ActionMaker.action(action, holding: inferred), record: record, inferred: inferred)
        found.record.key = found.action.key
        if plan.stages[number].stage.isCached, !options.forced.contains(number),
            let standing = try completeRecord(of: found.record.key, number)
        {
            found.record = standing
        } else {
            found.isNew = true
        }
        return found
    }

    private func completeRecord(of key: Digest, _ number: Int) throws -> ActionRecord? {
        let locked = tools.locked[number].flatMap { $0.key == key ? $0 : nil }
        guard let locked, try isComplete(locked) else {
            guard let record = index[key], try isComplete(record) else { return nil }
            return record
        }
        return fullRecord(of: locked)
    }

    /// A record of the lock with all facts: the index may know more of them.
    func fullRecord(of locked: ActionRecord) -> ActionRecord {
        if index.holds(locked) { return locked }
        return index[locked.key].flatMap { $0.outputs == locked.outputs ? $0 : nil } ?? locked
    }

    func isComplete(_ record: ActionRecord) throws -> Bool {
        for output in record.outputs {
            let isThere =
                output.isFolder
                ? try store.containsFolder(output.digest)
                : try store.contains(output.digest, size: output.size)
            if !isThere { return false }
        }
        return true
    }

    /// Ends a stage that is known to be a hit, down to the files it published.
    func settle(_ number: Int) throws {
        guard let locked = tools.locked[number], let recipe = tools.lockedRecipes[number] else {
            preconditionFailure("stage \(number) is settled and not in the lock")
        }
        summary.records[number] = fullRecord(of: locked)
        summary.recipes[number] = recipe
        if options.publishes { summary.inPlace.insert(number) }
        schedule.finish(number)
        end(number, .hit)
    }

    // MARK: New results

    /// Records what a stage gave, under its key and under the one that holds
    /// the schemas inferred from it.
    ///
    /// - Returns: The result that stands.
    func keep(_ record: ActionRecord, of execution: StageExecution) throws -> ActionRecord {
        let number = execution.index
        let inferred = inferredSchemas(number, record) ?? [:]
        let found = try found(execution.action, record, inferred, number)
        compareWithFirst(record, under: found.record.key, execution)
        try index.append(record, document: execution.action.document)
        if found.isNew { try index.append(found.record, document: found.action.document) }
        self.inferred[number] = inferred
        return found.record
    }

    /// The first result of a key stands for all that was built on it; another
    /// one, had because the first is gone or by force, is worth a word.
    private func compareWithFirst(_ record: ActionRecord, under key: Digest, _ execution: StageExecution) {
        let stage = execution.planned.stage
        if case .command(let command) = stage.body, !command.isDeterministic { return }
        let locked = tools.locked[execution.index].flatMap { $0.key == key ? $0 : nil }
        // Without the schemas it was inferred by, it may hold another pin.
        let unpinned = index[record.key].flatMap { inferredSchemas(execution.index, $0) == nil ? nil : $0 }
        guard stage.isCached, let first = index[key] ?? locked ?? unpinned else { return }
        for (old, new) in zip(first.outputs, record.outputs) where old.digest != new.digest {
            tell(.notice(finding(.notDeterministic(stage: stage.name, port: new.port), execution.index)))
        }
    }
}
