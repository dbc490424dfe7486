import ArgumentParser

/// The command: arguments in, text out, no logic of its own.
@main
struct Sluice: ParsableCommand {
    static let version = "0.1.0-dev"

    static let configuration = CommandConfiguration(
        commandName: "sluice",
        abstract: "From a data set to a served, monitored, retrained model, in reviewed YAML.",
        version: version,
        subcommands: [Check.self, Schema.self])
}
