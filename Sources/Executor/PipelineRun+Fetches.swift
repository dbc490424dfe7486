import CanonicalJSON
import ContentStore
import Diagnostics
import PipelineLanguage
import Planner
import Platform

/// One fetch of an external source, on its way.
struct FetchAttempt {
    /// By number in the plan.
    let number: Int
    let source: ExternalSource
    /// What an earlier fetch gave, whose blobs are here.
    let previous: LockFile.Snapshot?
    /// What the lock says it must give.
    let expected: Digest?
    /// Outlives a fetch that fails.
    let partial: String
    /// What the worker has told.
    var result: FetchResult?
}

/// An external source that was never fetched, where nothing may be fetched now.
struct NotFetched: Error {
    var source: ExternalSource
}

/// External sources: which snapshot of one a run goes by, and when it looks for
/// a newer one (docs: semantics, sources).
extension PipelineRun {
    /// What a stage's external source is now; nil for a stage that fetches nothing, and before it has.
    public func snapshot(of stage: Int) -> LockFile.Snapshot? {
        externalSources(of: stage).first.flatMap { snapshots[$0.number] }
    }

    private struct Use {
        var number: Int
        var source: ExternalSource
    }

    private func externalSources(of stage: Int) -> [Use] {
        plan.stages[stage].inputs.compactMap { input in
            guard case .source(let number) = input.origin, case .external(let source) = plan.sources[number]
            else { return nil }
            return Use(number: number, source: source)
        }
    }

    /// Settles which snapshots a stage goes by.
    ///
    /// - Returns: Whether a fetch comes first; the stage is begun again behind it.
    func looks(for stage: Int) throws -> Bool {
        for use in externalSources(of: stage) where sourceStates[use.number] == nil {
            if let snapshot = standing(use.source, for: stage) {
                take(snapshot, as: use.number)
            } else if options.looks == .asDeclared {
                try fetch(use.source, use.number, for: stage, expecting: nil)
                return true
            } else {
                throw NotFetched(source: use.source)
            }
        }
        // The schema is read off the snapshot itself.
        guard case .pending = plan.stages[stage].schema else { return false }
        return try fetchesMissing(for: stage)
    }

    /// Sees that the bytes of a stage's snapshots are here.
    ///
    /// - Returns: Whether a fetch of what the lock names comes first.
    func fetchesMissing(for stage: Int) throws -> Bool {
        for use in externalSources(of: stage) {
            guard let snapshot = snapshots[use.number], try !isHere(snapshot, use.source) else { continue }
            if options.looks == .never { throw NotFetched(source: use.source) }
            let expected = options.looks == .asLocked ? snapshot.digest : nil
            try fetch(use.source, use.number, for: stage, expecting: expected)
            return true
        }
        return false
    }

    /// The snapshot of a source that is not to be looked at now.
    private func standing(_ source: ExternalSource, for stage: Int) -> LockFile.Snapshot? {
        guard options.looks == .asDeclared else { return known(source) }
        let remembered = fetchMemory[source.identity]
        if let remembered, remembered.looked >= started, (try? isHere(remembered.snapshot, source)) == true {
            return remembered.snapshot
        }
        guard !options.refreshed.contains(stage) else { return nil }
        switch plan.stages[stage].refresh {
        case .always: return nil
        case .never: return known(source).flatMap { (try? isHere($0, source)) == true ? $0 : nil }
        case .after(let seconds):
            guard let remembered, (0..<seconds).contains(FetchMemory.now - remembered.looked),
                (try? isHere(remembered.snapshot, source)) == true
            else { return nil }
            return remembered.snapshot
        }
    }

    /// What the lock pins, else what was fetched last; nil when there is neither.
    private func known(_ source: ExternalSource) -> LockFile.Snapshot? {
        let locked = tools.lockedSnapshots.first { $0.source == source.identity }
        return options.looks == .asLocked ? locked : locked ?? fetchMemory[source.identity]?.snapshot
    }

    private func isHere(_ snapshot: LockFile.Snapshot, _ source: ExternalSource) throws -> Bool {
        source.isFolder
            ? try store.containsFolder(snapshot.digest) : try store.contains(snapshot.digest, size: nil)
    }

    private func take(_ snapshot: LockFile.Snapshot, as number: Int) {
        snapshots[number] = snapshot
        sourceStates[number] = SourceDigests.Source(digest: snapshot.digest, size: 0, isExecutable: false)
    }

    /// What is known of a source without a look at it, for what only forecasts.
    ///
    /// - Throws: `NotFetched`.
    func takeKnown(_ source: ExternalSource, as number: Int) throws {
        let latest = options.looks == .asDeclared ? fetchMemory[source.identity]?.snapshot : nil
        guard let snapshot = latest ?? known(source) else { throw NotFetched(source: source) }
        take(snapshot, as: number)
    }

    // MARK: Fetching

    private func fetch(
        _ source: ExternalSource, _ number: Int, for stage: Int, expecting expected: Digest?
    ) throws {
        guard let lock = try ActionLock(source.identity, in: store) else { return wait(stage) }
        let previous = try [fetchMemory[source.identity]?.snapshot, known(source)].compactMap { $0 }
            .first { try isHere($0, source) }
        let attempt = FetchAttempt(
            number: number, source: source, previous: previous, expected: expected,
            partial: "\(store.root)/tmp/fetch-\(source.identity.hex.prefix(32))")
        let execution = StageExecution(
            index: stage, planned: plan.stages[stage], work: .fetch(attempt), key: source.identity,
            folder: "\(try runFolder())/\(stage)", lock: lock, started: monotonicSeconds(),
            parameters: plan.stages[stage].parameters, schema: nil)
        try start(execution)
    }

    /// A fetch ended well: its snapshot goes into the store, and the stage is begun with it.
    func finishFetch(_ attempt: FetchAttempt, of execution: StageExecution) throws {
        let stage = execution.index
        let snapshot: LockFile.Snapshot
        switch attempt.result {
        case .unchanged:
            guard let previous = attempt.previous else { preconditionFailure("unchanged since nothing") }
            snapshot = previous
        case .fetched(let validator):
            let path = execution.snapshotPath
            let digest =
                attempt.source.isFolder ? try store.adoptFolder(path).digest : try store.adopt(path).digest
            snapshot = LockFile.Snapshot(
                source: attempt.source.identity, digest: digest, validator: validator)
            proven.insert(digest)
        case nil:
            throw DiagnosticErrorMaker.make(.system("the fetch told no result"), plan.stages[stage].stage)
        }
        if let expected = attempt.expected, snapshot.digest != expected {
            throw DiagnosticErrorMaker.make(
                .movedOn(
                    stage: plan.stages[stage].stage.name, locked: expected.hex, found: snapshot.digest.hex),
                plan.stages[stage].stage)
        }
        try fetchMemory.note(snapshot)
        try? Files.remove(attempt.partial)
        take(snapshot, as: attempt.number)
        summary.fetched += 1
        schedule.freeCores(of: stage)
        running[stage] = nil
        folder?.discard(execution.folder, bytes: 0)
        begin(stage)
    }
}
