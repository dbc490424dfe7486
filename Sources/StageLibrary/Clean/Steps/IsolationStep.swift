import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes

/// `outliers`, method: isolation_forest: rows that random cuts of several columns set apart early.
struct IsolationStep: CleanStep {
    static let operation = "outliers by isolation_forest"
    static let name = "isolation_forest"

    let action: CleanAction
    let names: [String]
    let path: [String]
    private let options: IsolationForest.Options
    private var found: Found?

    /// Outliers, by their numbers in the table.
    private struct Found {
        var threshold = 0.0
        var scores: [Int: Double] = [:]
    }

    /// - Parameter rule: Of `outliers`.
    /// - Returns: Nil for what is not of the declared form.
    init?(_ rule: JSONValue, _ action: CleanAction, _ names: [String], path: [String]) {
        self.action = action
        self.names = names
        self.path = path
        var options = IsolationForest.Options()
        if let trees = rule["trees"]?.integer { options.trees = Int(trees) }
        if let sample = rule["sample"]?.integer { options.sample = Int(sample) }
        if let seed = rule["seed"]?.integer { options.seed = UInt64(clamping: seed) }
        if let share = rule["contamination"]?.number { options.threshold = .contamination(share) }
        self.options = options
    }

    var unlearned: [String] { found == nil ? names : [] }
    var columns: [String]? { names }
    var leavesRowsOut: Bool { true }

    func check(_ check: inout CleanCheck) {
        check.require(names, FencesStep.takes, Self.operation, at: path)
        if !action.isOfRows {
            check.report(.rowsNotValues(method: Self.name, action: action.rawValue), at: path + ["action"])
        }
        if action == .quarantine { check.setAside(at: path) }
    }

    func learner(
        _ shape: CleanedRows, _ scope: LearningScope, _ run: StageRun
    ) throws -> (any CleanLearner)? {
        guard found == nil else { return nil }
        for name in names {
            try CleanCheck.require(
                Column(name, try shape.column(name).type), FencesStep.takes, Self.operation)
        }
        return Learner(
            self,
            try HeldRows(
                names, scope, copies: 2, run, Self.operation,
                advice: "write method: iqr, which holds no rows"), threads: run.threads)
    }

    private final class Learner: CleanLearner {
        private var step: IsolationStep
        private var rows: HeldRows
        private let threads: Int

        init(_ step: IsolationStep, _ rows: HeldRows, threads: Int) {
            self.step = step
            self.rows = rows
            self.threads = threads
        }

        func take(_ rows: CleanedRows) throws { try self.rows.take(rows) }

        func endPass() throws -> (any CleanStep)? {
            var found = Found()
            if !rows.numbers.isEmpty, !rows.columns.isEmpty {
                do throws(EstimatorError) {
                    let forest = try IsolationForest(
                        fitting: rows.values, columns: rows.columns.count, step.options, threads: threads)
                    found.threshold = forest.threshold
                    let scores = try forest.scores(rows.values, threads: threads)
                    for (row, score) in scores.enumerated() where score > forest.threshold {
                        found.scores[rows.numbers[row]] = score
                    }
                } catch {
                    throw rows.refused(error, IsolationStep.operation)
                }
            }
            step.found = found
            return step
        }
    }

    func apply(to rows: inout CleanedRows, _ changes: ChangeLog?) throws {
        let found = found ?? Found()
        let reasons = rows.numbers.map { number in
            found.scores[number].map { ["the row's score \($0) lies above \(found.threshold)"] } ?? []
        }
        try rows.takeOut(reasons, action, "outliers: \(Self.name), \(action.rawValue)", changes)
    }
}
