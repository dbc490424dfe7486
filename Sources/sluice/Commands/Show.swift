import ArgumentParser
import CanonicalJSON
import Diagnostics
import Projects

/// `sluice show`: what an artifact holds.
struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", _superCommandName: Sluice.name,
        abstract: "Show what a stage has made: rows of a table, metrics, a model's layers.",
        usage: "sluice show [FILE] STAGE[.PORT] [options]",
        discussion: """
            A stage named alone shows its main output. One that is not up to date shows what it made last, \
            and says so. Example: sluice show split.train -n 20
            """)

    @Argument(
        help: ArgumentHelp("The pipeline, and an output of a stage.", valueName: "file|stage.port"),
        completion: .stages)
    var words: [String] = []

    @OptionGroup var pipeline: PipelineArguments

    @Option(name: .customShort("n"), help: "Rows of a table, lines of a file, entries of a folder.")
    var rows = 10

    @Flag(help: "Print the Table Schema in force of a table, roles with it, as YAML, or JSON with --json.")
    var schema = false

    @Flag(help: "Print a table's rows, or the metrics, as JSON, one object a line.")
    var json = false

    func run() throws {
        let (loaded, name) = try pipeline.load(words, naming: .output, for: "show")
        guard rows >= 0 else { throw DiagnosticError(ArtifactFinding.rows(rows)) }
        let (number, output) = try loaded.output(named: name)
        if schema, let shown = ShownSchema(inForce: loaded, number, output) {
            return Terminal.data(shown.text(asJSON: json))
        }
        let artifact = try loaded.artifact(number, output)
        if artifact.state == .stale {
            Terminal.finding(CommandFinding.stale(stage: artifact.stage).at(nil))
        }
        let view = try ArtifactView(artifact, of: loaded, rows: rows)
        if schema {
            Terminal.data(try ShownSchema(stored: view).text(asJSON: json))
        } else if json {
            Terminal.data(String(decoding: try view.jsonLines(), as: UTF8.self))
        } else {
            let paint = Paint(isOn: Terminal.hasDataColor)
            Terminal.data(try view.text(width: Terminal.dataWidth) { paint($0, .faint) })
        }
    }
}
