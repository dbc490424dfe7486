import CanonicalJSON
import ContentStore
import Diagnostics
import Glibc
import PipelineLanguage
import Planner
import Platform
import Processes

/// What becomes of a stage that is executed: its attempts, each in an empty
/// folder, and how they end.
extension PipelineRun {
    /// One attempt, from an empty folder.
    func launch(_ execution: StageExecution) throws {
        if keeper == nil {
            try Interrupts.install(exitingAt: 3)
            keeper = try Keeper(executable: tools.executable)
        }
        schedule.takeCores(of: execution.index)
        execution.attempt += 1
        (execution.error, execution.errorPort) = (nil, nil)
        execution.facts = [:]
        execution.beginFetch(at: FetchMemory.now)
        try Files.remove(execution.folder)
        let launcher = StageLauncher(run: self, execution: execution)
        try keeper!.spawn(try launcher.first())
    }

    func report(_ id: Int, _ line: [UInt8]) {
        guard let execution = running[id], let report = WorkerReport.line(line) else { return }
        switch report {
        case .fact(let port, let name, let value): execution.facts[port, default: [:]][name] = value
        case .progress(let fraction, let detail): tell(.progress(id, fraction, detail))
        case .fetched(let result): execution.tellFetched(result)
        case .error(let error, let port): (execution.error, execution.errorPort) = (error, port)
        }
    }

    func ended(_ id: Int, _ outcome: ProcessOutcome) throws {
        guard let execution = running[id] else { return }
        if outcome.leftBehind > 0, case .exited = outcome.ending {
            let name = execution.planned.stage.name
            tell(.notice(finding(.leftBehind(stage: name, count: outcome.leftBehind), id)))
        }
        if case .cancelled = outcome.ending { return stopped(execution) }
        do {
            if let problem = failure(of: execution, outcome) {
                // What it stumbled over may be that somebody wrote to what it read: rows cut short, or a mapped page gone.
                if execution.fetch == nil {
                    try OutputCollection(run: self, execution: execution).checkSources()
                }
                throw problem
            }
            if let next = try StageLauncher(run: self, execution: execution).next() {
                if summary.wasInterrupted { return stopped(execution) }
                try keeper!.spawn(next)
                return
            }
            if let fetch = execution.fetch { return try finishFetch(fetch, of: execution) }
            startNext(besides: execution)
            if hold?.isLost == true { throw StoreFinding.lostLease }
            let collected = try OutputCollection(run: self, execution: execution).record()
            proven.formUnion(collected.outputs.map(\.digest))
            let record = try keep(collected, of: execution)
            keepLog(of: execution, under: record.key)
            execution.aside?.finish()
            // Not noted, they still are what was to be put there.
            for file in execution.putInProject { try? publisher.notePut(file.digest, at: file.path) }
            running[id] = nil
            finish(id, record, .ran(seconds: monotonicSeconds() - execution.started))
            folder?.discard(execution.folder, bytes: inputBytes(of: execution.planned))
        } catch let error as SourceChanged where replanned.insert(id).inserted {
            // What it read is not what it was keyed by: once more, from the start.
            tell(.notice(finding(.sourceChanged(path: error.path, isRetried: true), id)))
            putBack(execution)
            forgetSources(of: id)
            running[id] = nil
            begin(id)
        } catch let error {
            retryOrFail(execution, diagnostics(error, id))
        }
    }

    /// Starts what may take the place of a stage whose processes are gone,
    /// before its outputs are looked at: the cores need not wait for that.
    private func startNext(besides execution: StageExecution) {
        schedule.freeCores(of: execution.index)
        while let next = schedule.start() { begin(next) }
    }

    private func retryOrFail(_ execution: StageExecution, _ problems: [Diagnostic]) {
        var problems = problems
        for problem in spoiledInputs(of: execution)
        where !problems.contains(where: { $0.message == problem.message }) { problems.append(problem) }
        if execution.attempt <= execution.planned.stage.retries, !summary.wasInterrupted {
            tell(.retrying(execution.index, attempt: execution.attempt, problems[0]))
            putBack(execution)
            do {
                return try launch(execution)
            } catch {
                problems += diagnostics(error, execution.index)
            }
        }
        // A command that could not write could not say so in its log either.
        if let free = Files.freeBytes(store.root), free < 1 << 20 {
            problems[0].notes.append(
                .init("disk", "\(byteSize(free)) left where '\(store.root)' lies"))
        }
        if let folder = putAway(execution) { problems[0].notes.append(.init("folder", folder)) }
        fail(execution.index, problems)
    }

    /// The run was interrupted: nothing is wrong with the stage.
    func stopped(_ execution: StageExecution) {
        for problem in spoiledInputs(of: execution) { tell(.notice(problem)) }
        let folder = putAway(execution)
        schedule.fail(execution.index)
        end(execution.index, .stopped(folder: folder))
    }

    /// What a stage without a result has spoiled leaves the store too.
    private func spoiledInputs(of execution: StageExecution) -> [Diagnostic] {
        do {
            try OutputCollection(run: self, execution: execution).checkLinks()
            return []
        } catch {
            return diagnostics(error, execution.index)
        }
    }

    /// Leaves all as if the stage had never run, but for its log.
    ///
    /// - Returns: Its folder, if that is to be kept.
    @discardableResult
    func putAway(_ execution: StageExecution) -> String? {
        putBack(execution)
        keepLog(of: execution, under: execution.key)
        running[execution.index] = nil
        if options.keepsFailed {
            folder?.keep()
            return execution.folder
        }
        folder?.discard(execution.folder, bytes: inputBytes(of: execution.planned))
        return nil
    }

    /// What lay in the project before the stage wrote there lies there again.
    func putBack(_ execution: StageExecution) {
        for file in execution.aside?.restore() ?? [] {
            tell(.notice(finding(.notPutBack(file), execution.index)))
        }
        execution.aside = nil
    }

    /// Of what was copied for a command.
    private func inputBytes(of planned: PlannedStage) -> Int64 {
        planned.inputs.reduce(0) { sum, input in
            switch input.origin {
            case .source(let source): sum + (sourceStates[source]?.size ?? 0)
            case .output(let stage, let port): sum + (artifact(stage, port)?.size ?? 0)
            }
        }
    }

    func keepLog(of execution: StageExecution, under key: Digest) {
        let target = StageLog.path(key, in: workspace)
        guard let slash = target.lastIndex(of: "/") else { return }
        try? Files.makeDirectories(String(target[..<slash]))
        do throws(SystemError) {
            try Files.rename(execution.log, to: target)
        } catch  where error.errno == EXDEV {
            // The store lies on another file system than the checkout.
            if let bytes = try? Files.read(execution.log) { try? Files.replace(target, with: bytes) }
        } catch {
            // A stage that printed nothing has no log.
        }
    }
}
