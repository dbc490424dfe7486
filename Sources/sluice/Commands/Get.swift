import ArgumentParser
import Diagnostics
import PipelineLanguage
import Projects

/// `sluice get`: an artifact as a file outside the store.
struct Get: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", _superCommandName: Sluice.name,
        abstract: "Copy what a stage has made out of the store.",
        usage: "sluice get [FILE] STAGE.PORT[@REV] [options]",
        discussion: """
            The copy is checked against its digest. @REV takes what the lock of that git revision names. \
            Examples: sluice get split.train --as csv
                      sluice get report.metrics@HEAD~1 -o before.json
            """)

    @Argument(
        help: ArgumentHelp("The pipeline, and an output of a stage.", valueName: "file|stage.port"),
        completion: .stages)
    var words: [String] = []

    @OptionGroup var pipeline: PipelineArguments

    @Option(
        name: .shortAndLong, help: "Where to write it. Default: by its own name, in the working directory.",
        completion: .file())
    var output: String?

    @Option(
        name: .customLong("as"),
        help: "Write a table as csv, jsonl, arrow or parquet. Default: by the suffix of -o.",
        completion: .list(LoadedPipeline.tableForms))
    var form: String?

    @Flag(help: "Write over what is there.")
    var force = false

    func run() throws {
        let (loaded, name) = try pipeline.load(words, naming: .output, for: "get")
        let artifact = try loaded.artifact(named: name)
        if artifact.state == .stale {
            Terminal.finding(CommandFinding.stale(stage: artifact.stage).at(nil))
        }
        let path = try Terminal.orFinding {
            try loaded.export(artifact, to: output, as: form, overwrites: force)
        }
        Terminal.data(path + "\n")
    }
}
