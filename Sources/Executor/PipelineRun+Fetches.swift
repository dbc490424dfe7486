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
    var previous: LockFile.Snapshot?
    /// What the lock says it must give.
    let expected: Digest?
    /// Outlives a fetch that fails.
    let partial: String
    /// When its worker was started.
    var launched = 0.0
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
    /// What a stage's external source is now; nil for a stage that fetches
    /// nothing, and before it has.
    public func snapshot(of stage: Int) -> LockFile.Snapshot? {
        externalSource(of: stage).flatMap { snapshots[$0.number] }
    }

    private func externalSource(of stage: Int) -> (number: Int, source: ExternalSource)? {
        plan.source(fetchedBy: stage).flatMap { source in
            plan.sources.firstIndex(of: .external(source)).map { ($0, source) }
        }
    }

    private func looksAsDeclared(_ stage: Int) -> Bool {
        options.looks == .asDeclared && options.mayRun?.contains(stage) != false
    }

    /// Settles which snapshot a stage goes by.
    ///
    /// - Returns: Whether a fetch comes first; the stage is begun again behind it.
    func looks(for stage: Int) throws -> Bool {
        guard let (number, source) = externalSource(of: stage) else { return false }
        if sourceStates[number] == nil {
            if let snapshot = try standing(source, for: stage) {
                take(snapshot, as: number)
            } else if looksAsDeclared(stage) {
                try fetch(source, number, for: stage, expecting: nil)
                return true
            } else {
                throw NotFetched(source: source)
            }
        }
        // The schema is read off the snapshot itself.
        guard case .pending = plan.stages[stage].schema else { return false }
        return try fetchesMissing(for: stage)
    }

    /// Sees that the bytes of a stage's snapshot are here.
    ///
    /// - Returns: Whether a fetch comes first, under `--locked` of the very bytes that the lock names.
    func fetchesMissing(for stage: Int) throws -> Bool {
        guard let (number, source) = externalSource(of: stage), let snapshot = snapshots[number],
            try !isHere(snapshot, source)
        else { return false }
        guard options.fetches, options.mayRun?.contains(stage) != false else {
            throw NotFetched(source: source)
        }
        let expected = options.looks == .asLocked ? snapshot.digest : nil
        try fetch(source, number, for: stage, expecting: expected)
        return true
    }

    /// The snapshot of a source that is not to be looked at now.
    private func standing(_ source: ExternalSource, for stage: Int) throws -> LockFile.Snapshot? {
        guard looksAsDeclared(stage) else { return known(source) }
        let now = FetchMemory.now
        func remembered(since time: Double) throws -> LockFile.Snapshot? {
            guard let entry = fetchMemory[source.identity], entry.looked >= time, entry.looked <= now,
                try isHere(entry.snapshot, source)
            else { return nil }
            return entry.snapshot
        }
        // Another stage, or another run, may have looked since this one began.
        if let snapshot = try remembered(since: started) { return snapshot }
        guard !options.refreshed.contains(stage) else { return nil }
        switch plan.stages[stage].refresh {
        case .always: return nil
        case .never: return known(source)
        case .after(let seconds): return try remembered(since: now - seconds)
        }
    }

    /// What the lock pins for the stage, else what was fetched last; nil when there is neither.
    private func known(_ source: ExternalSource) -> LockFile.Snapshot? {
        let locked = tools.lockedSnapshots[source.stage].flatMap { $0.source == source.identity ? $0 : nil }
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
        let isPinned = plan.index(of: source.stage).map { plan.stages[$0].refresh == .never } ?? false
        let latest =
            options.looks == .asDeclared && !isPinned ? fetchMemory[source.identity]?.snapshot : nil
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
            folder: "\(try runFolder())/\(stage)-fetch", lock: lock, started: monotonicSeconds(),
            parameters: plan.stages[stage].parameters, schema: nil)
        try start(execution)
    }

    /// A fetch ended well: its snapshot goes into the store, and the stage is begun with it.
    func finishFetch(_ attempt: FetchAttempt, of execution: StageExecution) throws {
        let stage = execution.index
        let snapshot = try taken(attempt, of: execution)
        try? Files.remove(attempt.partial)
        if let expected = attempt.expected, snapshot.digest != expected {
            // Once more would not help.
            let problem = ExecutionFinding.movedOn(
                stage: attempt.source.stage, locked: expected.hex, found: snapshot.digest.hex)
            putAway(execution)
            return fail(stage, [finding(problem, stage)])
        }
        try fetchMemory.note(snapshot, looked: attempt.launched)
        take(snapshot, as: attempt.number)
        if snapshot.digest != attempt.previous?.digest { summary.fetched += 1 }
        if summary.wasInterrupted { return stopped(execution) }
        keepLog(of: execution, under: execution.key)
        running[stage] = nil
        folder?.discard(execution.folder, bytes: 0)
        if !options.keepsGoing, let cause = summary.firstFailed { return end(stage, .skipped(cause: cause)) }
        begin(stage)
    }

    private func taken(_ attempt: FetchAttempt, of execution: StageExecution) throws -> LockFile.Snapshot {
        let stage = plan.stages[execution.index].stage
        switch attempt.result {
        case .unchanged:
            guard let previous = attempt.previous else { break }
            return previous
        case .fetched(let validator):
            let path = execution.snapshotPath
            guard let status = try Files.status(path, followLinks: false),
                status.kind == (attempt.source.isFolder ? .directory : .file)
            else { break }
            return LockFile.Snapshot(
                source: attempt.source.identity,
                digest: attempt.source.isFolder
                    ? try adoptFolder(path, of: execution) : try store.adopt(path).digest,
                validator: validator)
        case nil: break
        }
        throw DiagnosticErrorMaker.make(.noSnapshot(stage: stage.name), stage)
    }

    /// Takes a folder into the store. What of it are names of blobs, because they are as they were, is seen to be what
    /// it is called by: a damaged blob must not pass for new data.
    private func adoptFolder(_ folder: String, of execution: StageExecution) throws -> Digest {
        var blobs: [UInt64: Digest] = [:]
        if let previous = execution.fetch?.previous, let manifest = try store.manifest(previous.digest) {
            for case .file(let digest, _, _) in manifest.entries.map(\.content) {
                if let status = try Files.status(store.path(of: digest)) { blobs[status.inode] = digest }
            }
        }
        return try store.adoptFolder(folder) { path, digest in
            if let status = try Files.status(path), let expected = blobs[status.inode], expected != digest {
                throw StoreFinding.damagedBlob(digest: expected.hex)
            }
        }.digest
    }
}
