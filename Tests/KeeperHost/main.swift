import Glibc
import Processes

// Stands for the runner's binary in the tests of `Processes`:
// `keeper` is the keeper's side; `hold FOLDER COMMAND` runs one command in the
// folder and cancels it on signals as a run does; `ignore FOLDER COMMAND`
// leaves signals to `Interrupts` alone.

func say(_ line: String) {
    var line = line + "\n"
    line.withUTF8 { _ = write(1, $0.baseAddress, $0.count) }
}

let arguments = CommandLine.arguments
guard arguments.count == 4 else { KeeperMain.run() }
try Interrupts.install(exitingAt: 3)
let keeper = try Keeper(executable: "/proc/self/exe")
try keeper.spawn(
    ProcessRequest(
        id: 1, arguments: ["/bin/sh", "-c", arguments[3]],
        environment: ["PATH": "/usr/bin:/bin", "TMPDIR": arguments[2] + "/tmp"],
        workingDirectory: arguments[2], logPath: arguments[2] + "/log"))
say("handed over")
events: while let event = try keeper.nextEvent(timeout: 60) {
    switch event {
    case .interrupted(let count):
        say("interrupted \(count)")
        if arguments[1] == "hold" { keeper.cancel(1, count == 1 ? .gently : .now) }
    case .report: break
    case .ended(_, let outcome):
        say("ended \(outcome.ending)")
        break events
    }
}
keeper.stop()
