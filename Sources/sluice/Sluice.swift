import ArgumentParser
import Diagnostics
import Glibc
import Platform
import Processes

/// The command: arguments in, text out, no logic of its own.
///
/// Every command states its name. Derived from its type, it would cost each
/// start a search through all conformances, a fifth of its time.
@main
struct Sluice: ParsableCommand {
    static let name = "sluice"
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "From a data set to a served, monitored, retrained model, in reviewed YAML.",
        version: version,
        subcommands: [
            Init.self, Check.self, Run.self, Status.self, Why.self, Dag.self, Show.self, Get.self,
            Log.self, Stages.self, Schema.self, Store.self, DoctorCommand.self,
            Licenses.self,
            KeeperCommand.self,
            WorkerCommand.self,
        ])

    /// A command that is named first is taken apart without the others and, where
    /// it has a `_superCommandName`, without a look for what only the root knows.
    /// What it refuses is told from the root's view, whose
    /// words people know.
    private static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
        if arguments.count > 1,
            let type = configuration.subcommands.first(where: { $0._commandName == arguments[1] }),
            let command = try? type.parseAsRoot(Array(arguments.dropFirst(2))),
            Swift.type(of: command) == type
        {
            return command
        }
        return try parseAsRoot()
    }

    /// The processes of a run do not wait for the command line to be taken
    /// apart; a finding thrown by a command is printed like any other.
    static func main() {
        let arguments = CommandLine.arguments
        if arguments.count == 2, arguments[1] == "keeper" { KeeperMain.run() }
        if arguments.count == 3, arguments[1] == "worker" { WorkerCommand.run(arguments[2]) }
        do {
            var command = try parsed(arguments)
            try command.run()
            // The system takes the memory back faster than it is handed back
            // piece by piece: a plan of a thousand stages is 100,000 pieces.
            Glibc.exit(0)
        } catch let error as DiagnosticError {
            Terminal.findings(error.diagnostics)
            Glibc.exit(2)
        } catch let error as SystemError {
            Terminal.message("error: \(error)\n")
            Glibc.exit(1)
        } catch  where exitCode(for: error) == .validationFailure {
            // A wrong command line is 2 here, not the 64 of sysexits.h.
            Terminal.message(CommandLineText.finding(fullMessage(for: error)))
            Glibc.exit(2)
        } catch {
            exit(withError: error)
        }
    }
}
