import ArgumentParser
import Executor
import Projects

/// `sluice status`: what a run would do.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", _superCommandName: Sluice.name,
        abstract: "Say of each stage whether it is up to date.",
        usage: "sluice status [FILE] [STAGE ...] [options]",
        discussion: "'maybe' is a stage behind one that runs: it may be cut off when the same bytes come out."
    )

    @Argument(
        help: ArgumentHelp("The pipeline, and stages.", valueName: "file|stage"), completion: .stages)
    var words: [String] = []

    @OptionGroup var pipeline: PipelineArguments

    @Flag(help: "Exit with 1 when anything is stale.")
    var exitCode = false

    @Flag(help: "Print one JSON object a line.")
    var json = false

    @Flag(name: .shortAndLong, help: "List every hit.")
    var verbose = false

    func run() throws {
        try pipeline.enter()
        let words = PipelineWords(words)
        let loaded = try pipeline.load(words.file)
        var options = RunOptions(slots: 1)
        var selection = Selection()
        selection.wanted = words.stages
        try selection.apply(to: &options, of: loaded)
        let text = StatusText(loaded, try loaded.newRun(options))
        text.print(json: json, isVerbose: verbose)
        if exitCode, !text.preview.isFresh { throw ExitCode(1) }
    }
}
