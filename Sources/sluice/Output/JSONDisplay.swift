import CanonicalJSON
import ContentStore
import Diagnostics
import Executor
import PipelineLanguage
import Planner

/// One JSON object a line on standard output, each with `event`; the last one
/// is the summary.
final class JSONDisplay: RunDisplay {
    private let plan: Plan
    private let records: () -> RunSummary?

    init(_ plan: Plan, records: @escaping () -> RunSummary?) {
        self.plan = plan
        self.records = records
    }

    func tell(_ event: RunEvent) {
        switch event {
        case .started(let number): say("started", number)
        case .progress(let number, let fraction, let detail):
            say("progress", number, ["fraction": .number(fraction), "detail": .string(detail)])
        case .waiting(let number): say("waiting", number)
        case .retrying(let number, let attempt, let diagnostic):
            say(
                "retrying", number,
                ["attempt": .integer(Int64(attempt)), "message": .string(diagnostic.message)])
        case .ended(let number, let result): ended(number, result)
        case .published(let number, let port, let path):
            say("published", number, ["port": .string(port), "path": .string(path)])
        case .judged(let number, let gate, let value, let passes):
            say(
                "gate", number,
                [
                    "metric": .string(gate.gate.metric),
                    "bound": .string("\(gate.gate.relation.rawValue) \(gate.gate.bound)"),
                    "value": value.map(JSONValue.number) ?? .null, "passed": .boolean(passes),
                ])
        case .notice(let diagnostic): Terminal.data(Self.finding(diagnostic).canonicalText + "\n")
        case .interrupted(let count): say("interrupted", nil, ["count": .integer(Int64(count))])
        case .tick: break
        }
    }

    private func ended(_ number: Int, _ result: StageResult) {
        var more: [String: JSONValue] = [:]
        switch result {
        case .hit: more["result"] = "hit"
        case .ran(let seconds):
            more["result"] = "ran"
            more["seconds"] = .number(seconds)
        case .failed(let diagnostic):
            more["result"] = "failed"
            Terminal.data(Self.finding(diagnostic).canonicalText + "\n")
        case .stopped(let folder):
            more["result"] = "stopped"
            more["folder"] = folder.map(JSONValue.string)
        case .skipped(let cause):
            more["result"] = "skipped"
            more["cause"] = cause.map { .string(plan.stages[$0].stage.name) }
        }
        if let record = records()?.records[number] {
            more["key"] = .string(record.key.hex)
            more["facts"] = record.facts
        }
        say("ended", number, more)
    }

    func end(_ summary: RunSummary) {
        say(
            "summary", nil,
            [
                "stages": .integer(Int64(summary.stages)), "hits": .integer(Int64(summary.hits)),
                "ran": .integer(Int64(summary.ran)), "failed": .integer(Int64(summary.failed)),
                "stopped": .integer(Int64(summary.stopped)), "skipped": .integer(Int64(summary.skipped)),
                "seconds": .number(summary.seconds),
                "interrupted": .boolean(summary.wasInterrupted),
            ])
    }

    private func say(_ event: String, _ number: Int?, _ more: [String: JSONValue] = [:]) {
        var object = more
        object["event"] = .string(event)
        if let number { object["stage"] = .string(plan.stages[number].stage.name) }
        Terminal.data(JSONValue.object(object).canonicalText + "\n")
    }

    /// A finding as `check --json` and `run --json` print it.
    static func finding(_ finding: Diagnostic) -> JSONValue {
        var object: JSONValue = [
            "event": "finding", "severity": .string(finding.severity.rawValue), "code": .string(finding.code),
            "message": .string(finding.message),
        ]
        if let range = finding.range {
            object["file"] = .string(range.source.path)
        }
        if let range = finding.range, range.source.lead == nil {
            object["line"] = .integer(Int64(range.start.line))
            object["column"] = .integer(Int64(range.start.column))
        }
        if let fix = finding.fix { object["fix"] = .string(fix) }
        for note in finding.notes { object[note.label] = .string(note.text) }
        return object
    }
}
