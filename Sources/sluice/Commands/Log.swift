import ArgumentParser
import Diagnostics
import Executor
import PipelineLanguage
import Planner
import Platform
import Projects

/// `sluice log`: what a stage printed when it last ran.
struct Log: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", _superCommandName: Sluice.name,
        abstract: "Print what a stage wrote to its console, the original one for a hit.",
        usage: "sluice log [FILE] STAGE")

    @Argument(
        help: ArgumentHelp("The pipeline, and a stage.", valueName: "file|stage"), completion: .stages)
    var words: [String] = []

    @OptionGroup var pipeline: PipelineArguments

    func run() throws {
        let (loaded, stage) = try pipeline.load(words, naming: .stage, for: "log")
        let number = try loaded.number(of: stage)
        let run = try loaded.newRun(RunOptions(slots: 1))
        let preview = run.preview()
        let action = preview.actions[number]?.key ?? run.actionAsLocked(number)?.key
        // What a fetch had to say comes before what the stage made of it.
        let logs = [loaded.plan.source(fetchedBy: number)?.identity, action].compactMap { $0 }
            .compactMap { try? Files.read(StageLog.path($0, in: loaded.project.workspace)) }
        let bytes = logs.reduce([], +)
        guard !logs.isEmpty else {
            throw DiagnosticError(CommandFinding.noLog(stage: loaded.plan.stages[number].stage.name))
        }
        Terminal.data(String(decoding: bytes, as: UTF8.self))
    }
}
