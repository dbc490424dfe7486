import ArgumentParser

/// `sluice licenses`: what the binary is made of, for whoever has the binary alone.
struct Licenses: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "licenses", _superCommandName: Sluice.name,
        abstract: "Print the licences of what this program contains.")

    func run() { Terminal.data(thirdPartyNotices) }
}
