import ArgumentParser
import CanonicalJSON
import Projects

/// `sluice doctor`: what there is on this machine.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", _superCommandName: Sluice.name,
        abstract: "Say whether all that sluice needs is there, and what could be better.",
        discussion: "Exits with 1 when something that is needed is broken. Example: sluice doctor -C project")

    @Option(
        name: .customShort("C"), help: ArgumentHelp("Change to this folder first.", valueName: "dir"),
        completion: .directory)
    var directory: String?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() throws {
        try FolderArguments.enter(directory)
        let doctor = Doctor(version: Sluice.version)
        if json { printJSON(doctor) } else { printLines(doctor) }
        if !doctor.isHealthy { throw ExitCode(1) }
    }

    private func printLines(_ doctor: Doctor) {
        let paint = Paint(isOn: Terminal.hasDataColor)
        let width = doctor.lines.map { Paint.columns($0.name) }.max() ?? 0
        for line in doctor.lines {
            let mark =
                switch line.verdict {
                case .ok: paint("✓", .green)
                case .warning: paint("!", .yellow)
                case .broken: paint("✗", .red)
                }
            Terminal.data("\(mark) \(Paint.padded(line.name, to: width))  \(line.text)\n")
            if let advice = line.advice {
                Terminal.data("  \(Paint.padded("", to: width))  \(paint("fix:", .bold)) \(advice)\n")
            }
        }
    }

    private func printJSON(_ doctor: Doctor) {
        for line in doctor.lines {
            var object: JSONValue = [
                "event": "check", "name": .string(line.name), "verdict": .string(line.verdict.rawValue),
                "text": .string(line.text),
            ]
            object["fix"] = line.advice.map(JSONValue.string)
            Terminal.data(object.canonicalText + "\n")
        }
        let summary: JSONValue = ["event": "summary", "healthy": .boolean(doctor.isHealthy)]
        Terminal.data(summary.canonicalText + "\n")
    }
}
