import ArgumentParser
import Processes

/// The command: arguments in, text out, no logic of its own.
@main
struct Sluice: ParsableCommand {
    static let version = "0.1.0-dev"

    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "From a data set to a served, monitored, retrained model, in reviewed YAML.",
        version: version,
        subcommands: [Check.self, Schema.self, KeeperCommand.self])

    /// Every run starts a keeper first, so that one does not wait for the
    /// command line to be taken apart.
    static func main() {
        if CommandLine.arguments.dropFirst().first == "keeper" { KeeperMain.run() }
        main(nil)
    }
}
