import DataFrames
import Estimators
import TableTypes

/// A step of cleaning while it learns of all rows.
protocol CleanLearner: AnyObject {
    /// Takes more rows, in order.
    func take(_ rows: CleanedRows) throws(StageLibraryFinding)

    /// All rows have passed.
    ///
    /// - Returns: The step with what was learned; nil if they are to pass once more.
    func endPass() throws(StageLibraryFinding) -> CleanStep?
}

/// Learns what to fill in, where something is missing.
final class MissingLearner: CleanLearner {
    private let step: ImputeStep
    private let column: String
    private let learner: any FeatureLearner<Imputing>
    private let asNumber: Bool
    private var isMissing = false

    init(_ step: ImputeStep, _ column: String, _ learner: any FeatureLearner<Imputing>, asNumber: Bool) {
        self.step = step
        self.column = column
        self.learner = learner
        self.asNumber = asNumber
    }

    func take(_ rows: CleanedRows) throws(StageLibraryFinding) {
        let column = try rows.column(column)
        isMissing = isMissing || (0..<column.count).contains { CleanStep.isNull(column, $0) }
        try learner.take([column])
    }

    func endPass() throws(StageLibraryFinding) -> CleanStep? {
        guard isMissing else { return .fill(step, column: column, .nothing(asNumber: asNumber)) }
        return try learner.endPass().map { .fill(step, column: column, .value($0)) }
    }
}

/// Learns the fences of columns.
final class FencesLearner: CleanLearner {
    private let rule: CleanSteps.OutlierRule
    private let columns: [String]
    private var learners: [OutliersLearner]
    private var fences: [Outliers??]

    init(_ rule: CleanSteps.OutlierRule, _ columns: [String], _ scope: LearningScope) {
        self.rule = rule
        self.columns = columns
        learners = columns.map { _ in OutliersLearner(factor: rule.factor, scope) }
        fences = columns.map { _ in nil }
    }

    func take(_ rows: CleanedRows) throws(StageLibraryFinding) {
        for (place, name) in columns.enumerated() where fences[place] == nil {
            learners[place].take(try rows.column(name).numbers ?? [])
        }
    }

    func endPass() -> CleanStep? {
        for place in columns.indices where fences[place] == nil { fences[place] = learners[place].endPass() }
        let known = fences.compactMap { $0 }
        return known.count == columns.count ? .outliers(rule, columns: columns, fences: known) : nil
    }
}
