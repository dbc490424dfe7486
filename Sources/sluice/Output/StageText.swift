import CanonicalJSON
import Charts
import ContentStore
import Diagnostics
import Executor
import PipelineLanguage
import Planner

/// How a stage and what became of it read on one line.
struct StageText {
    let plan: Plan
    let paint: Paint
    private let nameWidth: Int

    init(_ plan: Plan, paint: Paint) {
        self.plan = plan
        self.paint = paint
        nameWidth = min(32, plan.stages.map { Paint.columns($0.stage.name) }.max() ?? 0)
    }

    func name(_ number: Int) -> String { plan.stages[number].stage.name }
    func padded(_ number: Int) -> String { Paint.padded(name(number), to: nameWidth) }

    /// `✓ clean   0.12 s  1,000 rows`
    func ended(_ number: Int, _ result: StageResult, _ record: ActionRecord?) -> String {
        switch result {
        case .hit:
            return paint("· \(padded(number))  hit\(tail(number, record))", .faint)
        case .ran(let seconds):
            return paint("✓", .green) + " \(padded(number))  \(Self.duration(seconds))"
                + paint(tail(number, record), .faint)
        case .failed(let diagnostic):
            return paint("✗ \(padded(number))  \(diagnostic.message)", .red)
        case .stopped(let folder):
            let kept = folder.map { ", its folder is \($0)" } ?? ""
            return paint("- \(padded(number))  stopped: the run was interrupted\(kept)", .yellow)
        case .skipped(let cause):
            let reason = cause.map { "needs '\(name($0))'" } ?? "the run was interrupted"
            return paint("- \(padded(number))  skipped: \(reason)", .yellow)
        }
    }

    private func tail(_ number: Int, _ record: ActionRecord?) -> String {
        let facts = facts(number, record)
        return facts.isEmpty ? "" : "  " + facts
    }

    /// What people want to know at a glance: rows of each table, and how many of them a split found in another too.
    private func facts(_ number: Int, _ record: ActionRecord?) -> String {
        // A table beside another kind of main output is not what people ask for.
        guard let record, plan.stages[number].outputs.first?.type == .table else { return "" }
        let tables = plan.stages[number].outputs.filter { $0.type == .table }
        return tables.compactMap { output -> String? in
            guard let rows = record.facts[output.port]?["rows"]?.integer else { return nil }
            // A table nobody put anything in is no news.
            guard rows > 0 || tables.first == output else { return nil }
            let repeated = record.facts[output.port]?["repeated"]?.integer.map {
                " (\(NumberText.count(Int($0))) repeated)"
            }
            let text = "\(NumberText.count(Int(rows))) row\(rows == 1 ? "" : "s")\(repeated ?? "")"
            return tables.count == 1
                || tables.first == output && tables.count == 2 && isQuiet(tables[1], record)
                ? text : "\(output.port) \(text)"
        }.joined(separator: ", ")
    }

    private func isQuiet(_ output: PlannedOutput, _ record: ActionRecord) -> Bool {
        record.facts[output.port]?["rows"]?.integer ?? 0 == 0
    }

    /// `0.04 s`, `12.3 s`, `3 min 05 s`.
    static func duration(_ seconds: Double) -> String {
        if seconds < 10 { return NumberText.fixed(seconds, 2) + " s" }
        if seconds < 60 { return NumberText.fixed(seconds, 1) + " s" }
        let whole = Int(seconds)
        let rest = whole % 60
        if whole < 3600 { return "\(whole / 60) min \(rest < 10 ? "0" : "")\(rest) s" }
        let minutes = whole / 60 % 60
        return "\(whole / 3600) h \(minutes < 10 ? "0" : "")\(minutes) min"
    }
}
