import ArgumentParser
import CanonicalJSON
import Diagnostics
import PipelineLanguage
import Platform
import StageLibrary

/// `sluice check`: every finding of a pipeline at once, nothing run.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a pipeline and print every finding, without running anything.",
        discussion: "Exits with 0 when it may run (warnings do not count) and with 2 when not.")

    @Argument(help: "The pipeline. Default: the only file in pipelines/.")
    var file: String?

    @Flag(help: "Print one JSON object a line.")
    var json = false

    func run() throws {
        var findings = Diagnostics()
        let stages = check(&findings)
        if json {
            printJSON(findings, stages: stages)
        } else {
            Terminal.message(DiagnosticRenderer(color: Terminal.hasColor).render(findings))
            Terminal.message(summary(findings, stages: stages))
        }
        if findings.hasErrors { throw ExitCode(2) }
    }

    /// The number of stages understood.
    private func check(_ findings: inout Diagnostics) -> Int {
        do {
            let path = try file ?? ProjectRoot.containing(".").onlyPipeline()
            let source = SourceText(path: path, bytes: try Files.read(path))
            let pipeline = PipelineReader(catalog: StageLibrary.catalog).read(source, into: &findings)
            return pipeline?.stages.count ?? 0
        } catch let error as DiagnosticError {
            findings.add(error.diagnostics)
        } catch {
            findings.add(CommandFinding.unreadable("\(error)"), at: nil)
        }
        return 0
    }

    private func summary(_ findings: Diagnostics, stages: Int) -> String {
        func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
        let sorted = findings.sorted
        let errors = sorted.count { $0.severity == .error }
        let warnings = sorted.count { $0.severity == .warning }
        if errors == 0, warnings == 0 { return "\(count(stages, "stage")), no findings\n" }
        return "\(count(errors, "error")), \(count(warnings, "warning"))\n"
    }

    private func printJSON(_ findings: Diagnostics, stages: Int) {
        let sorted = findings.sorted
        for finding in sorted {
            var object: JSONValue = [
                "event": "finding", "severity": .string(finding.severity.rawValue),
                "code": .string(finding.code),
                "message": .string(finding.message),
            ]
            if let range = finding.range {
                object["file"] = .string(range.source.path)
                object["line"] = .integer(Int64(range.start.line))
                object["column"] = .integer(Int64(range.start.column))
            }
            if let fix = finding.fix { object["fix"] = .string(fix) }
            for note in finding.notes { object[note.label] = .string(note.text) }
            Terminal.data(object.canonicalText + "\n")
        }
        let errors = Int64(sorted.count { $0.severity == .error })
        let summary: JSONValue = [
            "event": "summary", "stages": .integer(Int64(stages)), "errors": .integer(errors),
        ]
        Terminal.data(summary.canonicalText + "\n")
    }
}
