import CanonicalJSON
import Charts
import ContentStore
import Executor
import PipelineLanguage
import Planner

/// What stands below a run: metrics, what was published, the counts.
struct ClosingText {
    let plan: Plan
    let summary: RunSummary
    let paint: Paint

    /// A line for each stage with metrics: the gated ones and the common ones first.
    var metrics: [String] {
        var lines: [String] = []
        for (number, planned) in plan.stages.enumerated() {
            guard let record = summary.records[number] else { continue }
            for output in planned.outputs where output.type == .metrics {
                let values = (record.facts[output.port]?.object ?? [:]).compactMapValues(\.number)
                guard !values.isEmpty else { continue }
                let gated = planned.gates.filter { $0.port == output.port }.map(\.gate.metric)
                let shown = values.keys.sorted { (rank($0, gated), $0) < (rank($1, gated), $1) }.prefix(8)
                let text = shown.map { "\($0) \(Self.number(values[$0]!))" }.joined(separator: "  ")
                let more = values.count > shown.count ? "  …" : ""
                lines.append("  \(paint(planned.stage.name, .bold))  \(text)\(more)")
            }
        }
        return lines.isEmpty ? [] : ["metrics"] + lines
    }

    private func rank(_ name: String, _ gated: [String]) -> Int { gated.contains(name) ? 0 : 1 }

    /// Where the published outputs lie.
    var published: [String] {
        var lines: [String] = []
        var leftOut = plan.leftOut[...]
        func passLeftOut(before place: Int) {
            while let next = leftOut.first, next.place <= place {
                lines += next.published.map { "  " + $0 }
                leftOut.removeFirst()
            }
        }
        for (number, planned) in plan.stages.enumerated() {
            passLeftOut(before: number)
            guard summary.inPlace.contains(number) else { continue }
            lines += planned.stage.publish.map { "  " + $0.path.text }
        }
        passLeftOut(before: plan.stages.count)
        guard !lines.isEmpty else { return [] }
        let limit = 12
        let more = lines.count > limit ? ["  … and \(lines.count - limit) more"] : []
        return ["published"] + lines.prefix(limit) + more
    }

    /// `7 stages: 5 hits, 2 ran in 1.20 s`
    var counts: String { Self.counts(summary, paint) }

    static func counts(_ summary: RunSummary, _ paint: Paint) -> String {
        var parts: [String] = []
        func add(_ count: Int, _ one: String, _ many: String, _ tone: Paint.Tone? = nil) {
            guard count > 0 else { return }
            let text = "\(NumberText.count(count)) \(count == 1 ? one : many)"
            parts.append(tone.map { paint(text, $0) } ?? text)
        }
        add(summary.hits, "hit", "hits")
        add(summary.ran, "ran", "ran", .green)
        add(summary.failed, "failed", "failed", .red)
        add(summary.stopped, "stopped", "stopped", .yellow)
        add(summary.skipped, "skipped", "skipped", .yellow)
        let total = summary.stages
        let stages = "\(NumberText.count(total)) stage\(total == 1 ? "" : "s")"
        let what = parts.isEmpty ? "nothing to do" : parts.joined(separator: ", ")
        return "\(stages): \(what) in \(StageText.duration(summary.seconds))"
    }

    static func number(_ value: Double) -> String {
        value == value.rounded() ? NumberText.shortest(value) : NumberText.fixed(value, 4)
    }
}
