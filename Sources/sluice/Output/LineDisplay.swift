import Diagnostics
import Executor
import Planner

/// Shows a run while it goes on.
protocol RunDisplay: AnyObject {
    func tell(_ event: RunEvent)
    /// - Parameter summary: The records of stages that have ended are in it.
    func end(_ summary: RunSummary)
}

/// One plain line an event: for a pipe, a log, a build server.
final class LineDisplay: RunDisplay {
    private let plan: Plan
    private let text: StageText
    private let paint: Paint
    private let isQuiet: Bool
    /// Hits are listed one by one only where people would read them.
    private let listsHits: Bool
    /// Looks a record up while the run goes on.
    private let records: () -> RunSummary?

    init(
        _ plan: Plan, color: Bool, isQuiet: Bool, isVerbose: Bool, records: @escaping () -> RunSummary?
    ) {
        self.plan = plan
        paint = Paint(isOn: color)
        text = StageText(plan, paint: paint)
        self.isQuiet = isQuiet
        listsHits = isVerbose || plan.size <= 40
        self.records = records
    }

    func tell(_ event: RunEvent) {
        switch event {
        case .ended(let number, let result): ended(number, result)
        case .notice(let diagnostic): Terminal.finding(diagnostic, color: paint.isOn)
        case .interrupted(let count):
            Terminal.message(
                count == 1
                    ? "stopping: running stages may finish for 10 s; again to kill them\n" : "killing\n")
        case .waiting(let number) where !isQuiet:
            Terminal.message("… \(text.padded(number))  another run is at it, waiting for its result\n")
        case .retrying(let number, let attempt, let diagnostic):
            Terminal.message(
                "↻ \(text.padded(number))  attempt \(attempt) failed, trying again: \(diagnostic.message)\n")
        case .started, .progress, .waiting, .published, .judged, .tick: break
        }
    }

    private func ended(_ number: Int, _ result: StageResult) {
        if case .failed(let diagnostic) = result {
            Terminal.finding(diagnostic, color: paint.isOn)
            return
        }
        if isQuiet { return }
        if case .hit = result, !listsHits { return }
        Terminal.message(text.ended(number, result, records()?.records[number]) + "\n")
    }

    func end(_ summary: RunSummary) {
        if isQuiet { return }
        let closing = ClosingText(plan: plan, summary: summary, paint: paint)
        let lines = closing.metrics + closing.published + [closing.counts]
        Terminal.message(lines.joined(separator: "\n") + "\n")
    }
}
