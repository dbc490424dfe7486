import CanonicalJSON
import ContentStore
import Diagnostics
import Glibc
import PipelineLanguage
import Planner
import Platform
import Processes
import TableTypes

/// One run of a plan: looks up what was done before, executes the rest,
/// records, publishes, judges. Used once, by one thread.
public final class PipelineRun {
    let plan: Plan
    let workspace: Workspace
    let options: RunOptions
    let tools: RunTools
    let tell: (RunEvent) -> Void
    private(set) var store: BlobStore
    /// Of the checkout's own folder, which may lie elsewhere than the store.
    public let checkoutLocks: any Locks
    /// From before the run reads anything of the store until it is over: no
    /// collection comes between a look and what is made of it. (What was looked
    /// at before, of stages that are settled, the lock keeps.)
    let hold: StoreGuard?
    var index: ActionIndex
    var sources: SourceDigests
    var sourceStates: [Int: SourceDigests.Source] = [:]
    var publisher: Publisher
    let maker: ActionMaker
    var schedule: Schedule
    var summary = RunSummary()
    var running: [Int: StageExecution] = [:]
    /// Stages whose action another run executes.
    var waiting: [Int] = []
    private var toldWaiting: Set<Int> = []
    /// A stage that fetches first is started once.
    private var toldStarted: Set<Int> = []
    /// Blobs whose bytes were read, and found right, in this run.
    var proven: Set<Digest> = []
    /// Stages that were begun anew because a source changed while being read.
    var replanned: Set<Int> = []
    var types: [Int: [String: StaticType]] = [:]
    public internal(set) var schemas: [Int: TableSchema] = [:]
    /// Schemas of commands' tables, by port, where none was in force.
    public internal(set) var inferred: [Int: [String: TableSchema]] = [:]
    /// Of external sources, by number.
    var snapshots: [Int: LockFile.Snapshot] = [:]
    let fetchMemory: FetchMemory
    /// When the run began: a later look at an external source is as good as its own.
    let started = FetchMemory.now
    /// Selectors expanded, where columns became known only during the run.
    var parametersInForce: [Int: JSONValue] = [:]
    var folder: RunFolder?
    var keeper: Keeper?
    /// Folders in the project that a PATH names.
    private var programFolders: [String: [String]] = [:]

    /// - Throws: `SystemError` when the store cannot be opened.
    public init(
        _ plan: Plan, in workspace: Workspace, options: RunOptions, tools: RunTools,
        tell: @escaping (RunEvent) -> Void
    ) throws {
        self.plan = plan
        self.workspace = workspace
        self.options = options
        self.tools = tools
        self.tell = tell
        store = try BlobStore(root: workspace.store)
        try Files.makeDirectories(workspace.local)
        checkoutLocks =
            workspace.local == workspace.store ? store.locks : LockChoice.locks(of: workspace.local)
        if let notice = store.locks.notice ?? checkoutLocks.notice { tell(.notice(notice.at(nil))) }
        hold = try StoreGuard(.run, of: store) { tell(.notice(StoreFinding.collected.at(nil))) }
        // A store that cannot be written was settled by whoever can.
        for digest in (try? BootRecord(of: store).settle()) ?? [] {
            tell(.notice(ExecutionFinding.lostBlob(digest: digest.hex).at(nil)))
        }
        index = try ActionIndex(root: workspace.store, locks: store.locks)
        sources = try SourceDigests(workspace)
        fetchMemory = FetchMemory(workspace)
        publisher = Publisher(workspace, store: store, locks: checkoutLocks)
        maker = ActionMaker(build: tools.build)
        summary = RunSummary(stages: plan.stages.count, leftOut: plan.leftOut.count)
        let slots = options.slots
        schedule = Schedule(
            dependencies: plan.dependencies,
            cores: plan.stages.map { $0.stage.resources.cores ?? ($0.kind?.area == "train" ? slots : 1) },
            slots: slots, keepsGoing: options.keepsGoing)
    }

    /// What has come of it so far.
    public var progress: RunSummary { summary }

    /// The stamp a source or published file had when it was last hashed.
    public func stamp(of path: String) -> FileStamp? { sources.stamp(of: path) }

    /// A source folder as it was when it was last hashed.
    public func folder(of source: Plan.Source) -> HashedFolder? { sources.folders[source] }

    /// Runs to the end; findings about stages come as events.
    public func run() throws -> RunSummary {
        let start = monotonicSeconds()
        let tell = tell
        let kept = ProjectOutputs.recover(in: workspace.local + "/intents", locks: checkoutLocks) { file in
            tell(.notice(StoreFinding.watched(file: file).at(nil)))
        }
        for file in kept { tell(.notice(ExecutionFinding.notPutBack(file).at(nil))) }
        RunFolder.sweep(store)
        if let selected = options.selected { schedule.keep(only: selected) }
        while !schedule.isOver {
            try step()
        }
        try? sources.save()
        keeper?.stop()
        folder?.remove()
        if summary.ran > 0 || summary.fetched > 0 { try? BootRecord(of: store).syncIfDue() }
        if summary.ran > 0 || summary.fetched > 0 || summary.published > 0 {
            let digests =
                summary.records.values.flatMap(\.outputs).map(\.digest) + snapshots.values.map(\.digest)
            try? Checkouts(of: store).note(Set(digests).union(tools.leftOut), of: workspace.root)
        }
        summary.seconds = monotonicSeconds() - start
        return summary
    }

    private func step() throws {
        while let next = schedule.start() { begin(next) }
        retryWaiting()
        guard !running.isEmpty || !waiting.isEmpty else { return }
        guard let keeper else {
            usleep(20_000)
            return
        }
        guard let event = try keeper.nextEvent(timeout: waiting.isEmpty ? options.tick : 0.05) else {
            tell(.tick)
            return
        }
        switch event {
        case .report(let id, let line): report(id, line)
        case .ended(let id, let outcome): try ended(id, outcome)
        case .interrupted(let count): interrupted(count)
        }
    }

    private func interrupted(_ count: Int) {
        summary.wasInterrupted = true
        tell(.interrupted(count: count))
        for stage in waiting { end(stage, .skipped(cause: nil)) }
        waiting = []
        schedule.stop()
        for id in running.keys { keeper?.cancel(id, count == 1 ? .gently : .now) }
        noteSkipped()
    }

    // MARK: Beginning

    /// Looks the stage's action up, and starts it where nothing is known.
    func begin(_ number: Int) {
        do {
            if tools.settled.contains(number) { return try settle(number) }
            if try looks(for: number) { return }
            let prepared = try prepare(number)
            if let found = try lookUp(prepared, number) {
                finish(number, found)
            } else if options.mayRun?.contains(number) != false {
                if try fetchesMissing(for: number) { return }
                try execute(number, prepared)
            } else {
                fail(number, [finding(.notUpToDate(stage: plan.stages[number].stage.name), number)])
            }
        } catch let error as SourceChanged where replanned.insert(number).inserted {
            // It was hashed early in the run and edited since: hashed anew.
            forgetSources(of: number)
            tell(.notice(finding(.sourceChanged(path: error.path, isRetried: true), number)))
            begin(number)
        } catch {
            fail(number, diagnostics(error, number))
        }
    }

    func forgetSources(of number: Int) {
        for input in plan.stages[number].inputs {
            if case .source(let source) = input.origin, plan.sources[source].path != nil {
                sourceStates[source] = nil
            }
        }
    }

    /// What a source holds, as this run has seen it first.
    func source(_ number: Int) throws -> SourceDigests.Source {
        try hash(number)
        return sourceStates[number]!
    }

    // MARK: Execution

    private func execute(_ number: Int, _ prepared: Prepared) throws {
        guard let lock = try ActionLock(prepared.key, in: store) else { return wait(number) }
        // Whoever held the lock before has recorded its result by now.
        try index.refresh()
        if let found = try lookUp(prepared, number) {
            finish(number, found)
            return
        }
        let execution = StageExecution(
            index: number, planned: plan.stages[number], work: .action(prepared.action), key: prepared.key,
            folder: "\(try runFolder())/\(number)", lock: lock, started: monotonicSeconds(),
            parameters: prepared.parameters, schema: prepared.schema)
        try start(execution)
    }

    /// Another run, or another stage of this one, is at what the stage needs.
    func wait(_ number: Int) {
        if toldWaiting.insert(number).inserted { tell(.waiting(number)) }
        waiting.append(number)
    }

    func start(_ execution: StageExecution) throws {
        let number = execution.index
        running[number] = execution
        if toldStarted.insert(number).inserted { tell(.started(number)) }
        do {
            try launch(execution)
        } catch {
            running[number] = nil
            putBack(execution)
            throw error
        }
    }

    /// The run's own folder in the store's `tmp`, made when first needed.
    func runFolder() throws(SystemError) -> String {
        if let folder { return folder.path }
        let made = try RunFolder(in: store)
        folder = made
        // What a kill leaves half-written goes with the folder.
        store.scratch = made.path
        return made.path
    }

    /// Sees that a blob which a stage reads where it lies is what it is called
    /// by; one that this run made or proved before is not read again.
    ///
    /// - Throws: `StoreFinding.damagedBlob`.
    func prove(_ artifact: ActionRecord.Output) throws {
        if !artifact.isFolder { try prove(artifact.digest) }
    }

    func prove(_ digest: Digest) throws {
        guard !proven.contains(digest) else { return }
        let path = store.path(of: digest)
        guard Files.exists(path), try Digest.ofFile(path).digest == digest else {
            throw StoreFinding.damagedBlob(digest: digest.hex)
        }
        proven.insert(digest)
    }

    /// Whether large inputs can be bound. What `--keep-failed` keeps is to be
    /// whole, and a bind leaves an empty file.
    private(set) lazy var canBind =
        !options.keepsFailed && ((try? runFolder()).map { Confinement.canBind(in: $0) } ?? false)

    /// How a hermetic command is kept from what it does not declare.
    func confinement(path: String) throws -> Confinement {
        let root = workspace.root
        let folders = programFolders[path] ?? Confinement.programFolders(path, below: root)
        programFolders[path] = folders
        return Confinement(hiddenRoot: root, readable: [try runFolder()] + folders)
    }

    /// Another run's action may have ended.
    private func retryWaiting() {
        let stages = waiting
        waiting = []
        for number in stages { begin(number) }
    }

    // MARK: Ending

    /// Ends a stage by what was done before.
    private func finish(_ number: Int, _ found: Found) {
        inferred[number] = found.inferred
        // Not noted, it is found by the lock, or the way it was found now.
        if found.isNew { try? index.append(found.record, document: found.action.document) }
        finish(number, found.record, .hit)
    }

    func finish(_ number: Int, _ record: ActionRecord, _ result: StageResult) {
        summary.records[number] = record
        summary.recipes[number] = lockedRecipe(of: number) ?? recipe(of: number)
        do {
            let problems = try publish(number, record) + judge(number, record)
            if problems.isEmpty {
                schedule.finish(number)
                end(number, result)
            } else {
                fail(number, problems)
            }
        } catch {
            fail(number, diagnostics(error, number))
        }
    }

    func fail(_ number: Int, _ problems: [Diagnostic]) {
        for problem in problems.dropFirst() { tell(.notice(problem)) }
        schedule.fail(number)
        end(number, .failed(problems[0]))
        if !options.keepsGoing {
            for stage in waiting { end(stage, .skipped(cause: number)) }
            waiting = []
        }
        noteSkipped()
    }

    func end(_ number: Int, _ result: StageResult) {
        if case .skipped = result { schedule.skip(number) }
        summary.results[number] = result
        tell(.ended(number, result))
    }

    private func noteSkipped() {
        for (number, state) in schedule.states.enumerated() where summary.results[number] == nil {
            if options.selected?.contains(number) == false { continue }
            if case .skipped(let cause) = state { end(number, .skipped(cause: cause)) }
        }
    }

}
