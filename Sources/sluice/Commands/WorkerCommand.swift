import ArgumentParser
import Executor
import Glibc
import PipelineLanguage
import StageLibrary

/// The process of one built-in stage, started by a run's keeper.
struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Runs the stages of one document.", shouldDisplay: false)

    @Argument var document: String

    func run() throws { Self.run(document) }

    static func run(_ document: String) -> Never {
        Glibc.exit(Worker.run(document) { StageLibrary.catalog[$0] ?? StageLibrary.conversions[$0] })
    }
}
