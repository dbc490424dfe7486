import ArgumentParser
import Executor
import Projects

/// `sluice why`: the reason of a hit or a miss.
struct Why: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", _superCommandName: Sluice.name,
        abstract:
            "Say why a stage is a hit or would run: what changed, from what to what, and which stage brought it.",
        usage: "sluice why [FILE] STAGE")

    @Argument(
        help: ArgumentHelp("The pipeline, and a stage.", valueName: "file|stage"), completion: .stages)
    var words: [String] = []

    @OptionGroup var pipeline: PipelineArguments

    func run() throws {
        let (loaded, stage) = try pipeline.load(words, naming: .stage, for: "why")
        let number = try loaded.number(of: stage)
        let explanation = loaded.explain(number, with: try loaded.newRun(RunOptions(slots: 1)))
        Terminal.data(ExplanationText(explanation).text)
    }
}
