import ArgumentParser
import Diagnostics
import Executor
import Glibc
import Planner
import Platform
import Projects

/// `sluice run`: brings a pipeline up to date.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", _superCommandName: Sluice.name,
        abstract: "Run what has changed, and take the rest from the cache.",
        usage: "sluice run [FILE] [STAGE ...] [options]",
        discussion: """
            Exits with 0 when everything is up to date and every gate holds, 1 when a stage or a gate failed, \
            2 when the pipeline or the command line is wrong, 130 when interrupted.
            """)

    @Argument(
        help: ArgumentHelp(
            "The pipeline (.yaml), and stages to run with all they need; default: all.",
            valueName: "file|stage"),
        completion: .file(extensions: ["yaml", "yml"]))
    var words: [String] = []

    @OptionGroup var pipeline: PipelineArguments

    @Option(
        name: [.customShort("j", allowingJoined: true), .long],
        help: "Cores that stages may use together. Default: all of the machine.")
    var jobs: Int?

    @Flag(name: .shortAndLong, help: "After a failure go on with what does not depend on it.")
    var keepGoing = false

    @Flag(name: [.customShort("n"), .long], help: "Say what would run, and run nothing.")
    var dryRun = false

    @Option(name: .long, parsing: .singleValue, help: "Run this stage whatever the cache holds.")
    var force: [String] = []

    @Option(
        name: .long, parsing: .singleValue,
        help: "Run this stage and what depends on it; the rest must be there.")
    var from: [String] = []

    @Option(name: .long, parsing: .singleValue, help: "Run this stage alone; what it needs must be there.")
    var only: [String] = []

    @Flag(help: "Fail unless everything is as the committed lock says.")
    var locked = false

    @Flag(help: "Never look for newer data outside the project.")
    var offline = false

    @Option(
        defaultAsFlag: "", parsing: .next,
        help: ArgumentHelp(
            "Look for newer data outside the project, for all stages or one.", valueName: "stage"))
    var refresh: String?

    @Option(
        name: .long, parsing: .singleValue,
        help: "Infer the schema of this stage's data anew, and print what is different.")
    var infer: [String] = []

    @Flag(help: "Publish over files that were edited by hand.")
    var overwrite = false

    @Flag(help: "Write the lock and publish although -S or --profile is given.")
    var writeLock = false

    @Flag(help: "Keep the folder of a failed stage, and print where it is.")
    var keepFailed = false

    @Flag(help: "Print one JSON object a line.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print nothing but findings.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "List every hit.")
    var verbose = false

    func validate() throws {
        if let jobs, jobs < 1 { throw ValidationError("-j takes a number from 1, got \(jobs)") }
        if refresh != nil, offline || locked {
            throw ValidationError(
                "--refresh looks for newer data, and \(offline ? "--offline" : "--locked") never does; leave one out"
            )
        }
    }

    func run() throws {
        try pipeline.enter()
        let words = PipelineWords((fileBehindRefresh.map { [$0] } ?? []) + self.words)
        var part: LoadedPipeline?
        if isPlain(words) {
            let start = monotonicSeconds()
            let file = try words.file ?? Project.defaultPipeline()
            switch PlanSnapshot.answer(for: file) {
            case .upToDate(let snapshot): return show(snapshot, since: start)
            case .changed(let changed): part = LoadedPipeline.load(changed, of: file)
            case nil: break
            }
        }
        let loaded = try part ?? pipeline.load(words.file, inferAnew: infer)
        var options = RunOptions(slots: jobs ?? Cores.available)
        options.looks = locked ? .asLocked : offline ? .never : .asDeclared
        options.fetches = !offline
        if let refresh {
            let stage = refresh.isEmpty || fileBehindRefresh != nil ? nil : refresh
            options.refreshed = try loaded.stagesToRefresh(stage)
            if options.refreshed.isEmpty {
                display(of: loaded.plan) { nil }.tell(
                    .notice(ProjectFinding.nothingToRefresh(stage: nil).at(nil)))
            }
        }
        var selection = Selection()
        (selection.wanted, selection.only, selection.from, selection.forced) = (
            words.stages, only, from, force
        )
        try selection.apply(to: &options, of: loaded)
        options.forced.formUnion(loaded.commandsToInfer)
        options.keepsGoing = keepGoing
        options.overwrites = overwrite
        options.keepsFailed = keepFailed
        options.publishes = pipeline.options.isPlain || writeLock
        if dryRun {
            StatusText(loaded, try loaded.newRun(options)).print(json: json, isVerbose: verbose)
            return
        }
        try loaded.checkServers(environment: ProcessEnvironment.own)
        try execute(loaded, options)
    }

    /// What `--refresh` takes may be left out, and then a file may come next.
    private var fileBehindRefresh: String? { refresh.flatMap { Project.isPipelineFile($0) ? $0 : nil } }

    private func execute(_ loaded: LoadedPipeline, _ given: RunOptions) throws {
        var options = given
        var run: PipelineRun?
        let display = display(of: loaded.plan) { run?.progress }
        if Terminal.isLive, !json, !quiet { options.tick = 0.1 }
        let pipelineRun = try loaded.newRun(options, tell: display.tell)
        run = pipelineRun
        if locked { try check(pipelineRun.lockedDifferences(), isLate: false) }
        let summary = try pipelineRun.run()
        if locked { try check(pipelineRun.lockedOutputDifferences(summary), isLate: true) }
        var lockBytes = loaded.lockBytes
        // A schema inferred anew may be pinned although no byte is another.
        if options.publishes, !locked, !infer.isEmpty || !loaded.isLocked(pipelineRun, summary) {
            lockBytes = try loaded.writeLock(after: pipelineRun, summary)
            loaded.remember(summary)
        }
        display.end(summary)
        if !infer.isEmpty {
            let lock = loaded.lock(after: pipelineRun, summary)
            Terminal.message(loaded.inferredDifferences(lock).map { $0 + "\n" }.joined())
        }
        if isSnapshotWorthy(summary, options), !loaded.plan.fetches, let lockBytes {
            let text = StageText(loaded.plan, paint: Paint(isOn: false))
            let closing = ClosingText(plan: loaded.plan, summary: summary, paint: Paint(isOn: false))
            let stages = loaded.plan.size <= 40 ? Array(loaded.plan.stages.indices) : []
            loaded.saveSnapshot(
                of: pipelineRun, summary, lockBytes: lockBytes,
                listing: stages.map { text.ended($0, .hit, summary.records[$0]) },
                closing: closing.metrics + closing.published)
        }
        AtExit.leave(loaded, pipelineRun, summary)
        if summary.wasInterrupted { throw ExitCode(130) }
        if summary.failed > 0 { throw ExitCode(1) }
    }

    private func check(_ differences: [Diagnostic], isLate: Bool) throws {
        guard !differences.isEmpty else { return }
        for difference in differences { Terminal.finding(difference) }
        throw ExitCode(isLate ? 1 : 2)
    }

    private func display(of plan: Plan, records: @escaping () -> RunSummary?) -> any RunDisplay {
        if json { return JSONDisplay(plan, records: records) }
        if Terminal.isLive, !quiet {
            return LiveDisplay(plan, color: Terminal.hasColor, isVerbose: verbose, records: records)
        }
        return LineDisplay(
            plan, color: Terminal.hasColor, isQuiet: quiet, isVerbose: verbose, records: records)
    }

    // MARK: The snapshot

    /// Whether nothing on the command line asks for more than "bring it up to date".
    private func isPlain(_ words: PipelineWords) -> Bool {
        pipeline.options.isPlain && words.stages.isEmpty && force.isEmpty && from.isEmpty && only.isEmpty
            && infer.isEmpty && refresh == nil && !dryRun && !locked && !json && !verbose
    }

    private func isSnapshotWorthy(_ summary: RunSummary, _ options: RunOptions) -> Bool {
        options.publishes && options.selected == nil && !locked && summary.failed == 0 && summary.skipped == 0
            && !summary.wasInterrupted
    }

    /// Says what the last run said.
    private func show(_ snapshot: PlanSnapshot, since start: Double) {
        if quiet { return }
        let paint = Paint(isOn: Terminal.hasColor)
        var text = snapshot.listing.map { paint($0, .faint) + "\n" }.joined()
        text += snapshot.closing.map { $0 + "\n" }.joined()
        var summary = RunSummary(leftOut: snapshot.stages)
        summary.seconds = monotonicSeconds() - start
        Terminal.message(text + ClosingText.counts(summary, paint) + "\n")
    }
}

/// Values that live until the process ends, so that nobody waits for them to
/// be taken apart.
private enum AtExit {
    nonisolated(unsafe) private static var values: [Any] = []

    static func leave(_ values: Any...) { self.values += values }
}
