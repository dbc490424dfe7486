import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import TableTypes
import TensorKernels

/// A trained classifier with all it needs to answer from a raw table: the
/// transform its training went through, its classes, and its weights. What
/// `train.model` writes as a model folder and every later stage reads.
public struct TrainedModel: Sendable, Equatable {
    enum Estimator: Sendable, Equatable {
        case logistic(LogisticRegression)
        case mlp(MultilayerPerceptron)
    }

    let estimator: Estimator
    /// How it was trained: the parameters of the estimator, defaults included.
    public let parameters: JSONValue
    public let transform: FittedTransform
    public let target: String
    public let targetType: ColumnType
    /// Ascending; a probability's place is its class's place here.
    public let classes: [String]
    /// Training rows of each class.
    public let classCounts: [Int]
    /// Nil where no random number was drawn.
    public let seed: UInt64?
    /// Mean over the training rows: of the last epoch kept, else of the optimum.
    public let trainingLoss: Double

    /// Columns a table must have to be answered, with the types of training.
    public var inputs: TableType { transform.inputType }
    public var trainingRows: Int { classCounts.reduce(0, +) }

    /// `logistic` or `mlp`, as `train.model` names it.
    public var estimatorName: String {
        switch estimator {
        case .logistic: "logistic"
        case .mlp: "mlp"
        }
    }

    /// The largest magnitude of a feature that the estimator's arithmetic holds.
    static func limit(isFloat: Bool) -> Double {
        isFloat ? Double(Float.greatestFiniteMagnitude) : .greatestFiniteMagnitude
    }

    /// Class probabilities: rows x classes, row after row. A row's answer does
    /// not depend on other rows, threads or the kernels' level.
    ///
    /// - Throws: `StageError`: an input is missing, of another type, without a
    ///   value that no step fills, or has a level that was not there when
    ///   fitting, under `unknown: error`; or values so large that no answer is finite.
    public func predict(
        _ frame: DataFrame, threads: Int = 1, level: KernelLevel = .current
    ) throws -> [Double] {
        let answers = try raw(frame, threads, level)
        // What is finite alone may not be in a sum of products.
        if let bad = answers.firstIndex(where: { !$0.isFinite }) {
            throw StageError(ModelFinding.noAnswer(row: bad / classes.count + 1))
        }
        return answers
    }

    private func raw(_ frame: DataFrame, _ threads: Int, _ level: KernelLevel) throws -> [Double] {
        switch estimator {
        case .logistic(let model): return model.probabilities(try transform.finiteMatrix(frame))
        case .mlp(let model):
            let x = try transform.finiteMatrix(frame, limit: Self.limit(isFloat: true))
            if x.isEmpty { return [] }
            return try model.predictions(
                x.map { Float($0) }, columns: model.inputs, level: level, threads: threads
            ).map { Double($0) }
        }
    }
}
