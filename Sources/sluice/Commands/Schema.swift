import ArgumentParser
import CanonicalJSON
import PipelineLanguage
import StageLibrary

/// `sluice schema`: schemas made from what the program itself knows.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print a schema.", subcommands: [PipelineFile.self, SchemaInfer.self])

    struct PipelineFile: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pipeline", abstract: "Print the JSON Schema (2020-12) of pipeline files.")

        func run() {
            Terminal.data(PipelineSchema(StageLibrary.catalog).json.prettyText)
        }
    }
}
