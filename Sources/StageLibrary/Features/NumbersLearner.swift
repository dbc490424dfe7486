import DataFrames
import Estimators

/// A step that learns of the numbers of one column by an estimator's learner.
final class NumbersLearner<Learner: NumberLearner, Fitted: FittedStep>: FeatureLearner {
    private var learner: Learner
    private let column: String
    private let operation: String
    private let make: (Learner.Learned) throws(EstimatorError) -> Fitted

    /// - Parameter make: Of what was learned; `tooLarge` where it is beyond all numbers.
    init(
        _ learner: Learner, _ column: String, _ operation: String,
        make: @escaping (Learner.Learned) throws(EstimatorError) -> Fitted
    ) {
        self.learner = learner
        self.column = column
        self.operation = operation
        self.make = make
    }

    func take(_ columns: [DataColumn]) { learner.take(columns[0].numbers ?? []) }

    func endPass() throws(StageLibraryFinding) -> Fitted? {
        guard learner.count > 0 else { throw .columnWithoutValues(column: column, operation: operation) }
        guard let learned = learner.endPass() else { return nil }
        do {
            return try make(learned)
        } catch {
            switch error {
            case .noRows: throw .columnWithoutValues(column: column, operation: operation)
            case .tooLarge, .notFinite: throw .infiniteColumn(column: column, operation: operation)
            default: throw .notLearned(column: column, operation: operation, problem: error.description)
            }
        }
    }
}
