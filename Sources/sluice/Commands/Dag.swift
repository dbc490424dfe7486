import ArgumentParser
import CanonicalJSON
import Platform
import Projects

/// `sluice dag`: the graph of a pipeline, drawn.
struct Dag: ParsableCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument { case tree, dot, mermaid, json, svg }

    static let configuration = CommandConfiguration(
        commandName: "dag", _superCommandName: Sluice.name,
        abstract: "Draw who needs what of whom.",
        discussion: """
            The tree has every stage once, below the deepest stage it needs; others it needs are named \
            behind it. Example: sluice dag --format svg -o pipeline.svg
            """)

    @Argument(
        help: "The pipeline. Default: that of sluice.yaml, or the only file in pipelines/.",
        completion: .pipelines)
    var file: String?

    @OptionGroup var pipeline: PipelineArguments

    @Option(help: "How to draw it: tree, dot, mermaid, json or svg.")
    var format: Format = .tree

    @Flag(help: "Draw the files and folders that stages read, too.")
    var sources = false

    @Option(name: .shortAndLong, help: "Write to this file.", completion: .file())
    var output: String?

    func run() throws {
        try pipeline.enter()
        let loaded = try pipeline.load(file)
        let graph = PipelineGraph(loaded.plan, name: loaded.stem, withSources: sources)
        let text =
            switch format {
            case .tree: tree(graph)
            case .dot: graph.dot
            case .mermaid: graph.mermaid
            case .json: graph.json.canonicalText + "\n"
            case .svg: graph.svg
            }
        guard let output else { return Terminal.data(text) }
        try Terminal.orFinding { try Files.replace(output, with: Array(text.utf8)) }
    }

    private func tree(_ graph: PipelineGraph) -> String {
        let paint = Paint(isOn: output == nil && Terminal.hasDataColor)
        return GraphTree(graph).text { paint($0, .faint) }
    }
}
