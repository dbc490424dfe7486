import DataFrames
import Estimators
import PipelineLanguage

/// `duplicates`: of rows that are equal, or have one key, one stays.
struct DuplicatesStep: CleanStep {
    /// The key; nil is the whole row.
    let key: [String]?
    let keepsLast: Bool
    private let distinct: DistinctRows

    init(key: [String]? = nil, keepsLast: Bool = false) {
        self.key = key
        self.keepsLast = keepsLast
        distinct = DistinctRows(key: key)
    }

    private var rule: String {
        key.map { "duplicates: by \($0.joined(separator: ", ")), keep \(keepsLast ? "last" : "first")" }
            ?? "duplicates: drop"
    }

    var unlearned: [String] { keepsLast && !distinct.areKnown ? key ?? [] : [] }
    var columns: [String]? { distinct.areKnown ? [] : key }
    var leavesRowsOut: Bool { true }

    func check(_ check: inout CleanCheck) {}

    func learner(
        _ shape: CleanedRows, _ scope: LearningScope, _ run: StageRun
    ) throws -> (any CleanLearner)? {
        for name in key ?? [] { _ = try shape.column(name) }
        return keepsLast && !distinct.areKnown ? Learner(step: self) : nil
    }

    private final class Learner: CleanLearner {
        private let step: DuplicatesStep
        init(step: DuplicatesStep) { self.step = step }
        func take(_ rows: CleanedRows) throws { try step.distinct.take(rows, keepsLast: true) }
        func endPass() -> (any CleanStep)? {
            step.distinct.end()
            return step
        }
    }

    func apply(to rows: inout CleanedRows, _ changes: ChangeLog?) throws {
        let kept = try distinct.kept(rows)
        if let changes {
            let isKept = Set(kept)
            for row in 0..<rows.frame.count where !isKept.contains(row) {
                changes.append(rows.numbers[row], rule: rule)
            }
        }
        rows.keep(kept)
    }

    func endPass() { distinct.end() }
}
