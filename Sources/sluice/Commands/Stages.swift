import ArgumentParser
import CanonicalJSON
import Diagnostics
import PipelineLanguage
import Projects
import StageLibrary

/// `sluice stages`: what can stand behind `uses:`.
struct Stages: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stages", _superCommandName: Sluice.name,
        abstract: "List the kinds of built-in stages, or explain one.",
        discussion: "Example: sluice stages split.rows")

    @Argument(
        help: ArgumentHelp("A kind to explain, such as split.rows.", valueName: "kind"),
        completion: .list(StageLibrary.catalog.names))
    var kind: String?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    @Option(
        name: .customShort("C"),
        help: ArgumentHelp("Change to this folder first; nothing here depends on it.", valueName: "dir"),
        completion: .directory)
    var directory: String?

    func run() throws {
        try FolderArguments.enter(directory)
        let catalog = StageLibrary.catalog
        guard let kind else {
            return Terminal.data(
                json
                    ? catalog.kinds.map { KindText($0).json.canonicalText + "\n" }.joined()
                    : KindText.list(catalog, bold: { Paint(isOn: Terminal.hasDataColor)($0, .bold) }))
        }
        guard let found = catalog[kind] else {
            throw DiagnosticError(CommandFinding.unknownKind(kind, known: catalog.names))
        }
        Terminal.data(json ? KindText(found).json.canonicalText + "\n" : found.page)
    }
}
