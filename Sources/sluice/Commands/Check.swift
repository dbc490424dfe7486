import ArgumentParser
import CanonicalJSON
import Diagnostics
import Planner
import Projects

/// `sluice check`: every finding of a pipeline at once, nothing run.
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", _superCommandName: Sluice.name,
        abstract: "Check a pipeline and print every finding, without running anything.",
        discussion: "Exits with 0 when it may run (warnings do not count) and with 2 when not.")

    @Argument(
        help: "The pipeline. Default: that of sluice.yaml, or the only file in pipelines/.",
        completion: .pipelines)
    var file: String?

    @OptionGroup var pipeline: PipelineArguments

    @Flag(help: "Print one JSON object a line.")
    var json = false

    @Flag(name: .shortAndLong, help: "Also print what selectors stand for and what only the data can tell.")
    var verbose = false

    func run() throws {
        try pipeline.enter()
        var findings = Diagnostics()
        let loaded = LoadedPipeline.load(
            try file ?? Project.defaultPipeline(), pipeline.options, into: &findings)
        if json {
            for finding in findings.sorted {
                Terminal.data(JSONDisplay.finding(finding).canonicalText + "\n")
            }
            let errors = findings.sorted.count { $0.severity == .error }
            let summary: JSONValue = [
                "event": "summary", "stages": .integer(Int64(loaded?.plan.stages.count ?? 0)),
                "errors": .integer(Int64(errors)),
            ]
            Terminal.data(summary.canonicalText + "\n")
        } else {
            Terminal.findings(findings)
            if verbose, let loaded { Terminal.data(ExpansionText(loaded.plan).text) }
            Terminal.message(summary(findings, stages: loaded?.plan.stages.count))
        }
        if findings.hasErrors { throw ExitCode(2) }
    }

    private func summary(_ findings: Diagnostics, stages: Int?) -> String {
        func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
        let errors = findings.sorted.count { $0.severity == .error }
        let warnings = findings.sorted.count { $0.severity == .warning }
        if errors == 0, warnings == 0 { return "\(count(stages ?? 0, "stage")), no findings\n" }
        return "\(count(errors, "error")), \(count(warnings, "warning"))\n"
    }
}
