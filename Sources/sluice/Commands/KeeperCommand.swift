import ArgumentParser
import Processes

/// The keeper's process, started by a run. `Sluice.main` goes straight to it;
/// it stands here so that the command line has no words that nobody declares.
struct KeeperCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keeper", abstract: "Starts and ends the processes of a run.", shouldDisplay: false)

    func run() { KeeperMain.run() }
}
