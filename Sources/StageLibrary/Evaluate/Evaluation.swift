import CanonicalJSON
import Estimators
import PipelineLanguage

/// Answers of a model beside the truth, and what they are worth.
struct Evaluation {
    /// With two classes the one that counts as positive, and from which
    /// probability on a row is taken for it.
    struct Binary {
        var positive: Int
        var threshold: Double
    }

    let classes: [String]
    /// Nil with more than two classes.
    let binary: Binary?
    /// The class of each row.
    let truth: [Int]
    /// Rows x classes.
    let probabilities: [Double]
    /// The class each row is taken for.
    let predicted: [Int]
    /// `[actual][predicted]`
    let confusion: [[Int]]
    let accuracy: Double
    /// Of the positive class; with more than two the mean over the classes.
    let precision, recall, f1: Double
    /// With more than two classes the mean of each against the rest. Nil when
    /// a class has no test row.
    let auc: Double?
    let logLoss, brier: Double

    /// - Precondition: At least one row; `binary` just when there are two classes.
    init(classes: [String], binary: Binary?, truth: [Int], probabilities: [Double]) {
        precondition(!truth.isEmpty && (binary != nil) == (classes.count == 2), "no evaluation of this")
        self.classes = classes
        self.binary = binary
        self.truth = truth
        self.probabilities = probabilities
        let count = classes.count
        if let binary {
            let scores = Self.scores(probabilities, of: binary.positive, count)
            predicted = scores.map { $0 >= binary.threshold ? binary.positive : 1 - binary.positive }
            let isPositive = truth.map { $0 == binary.positive }
            auc = Metrics.auc(isPositive, scores)
            brier = Metrics.brier(isPositive, scores)
        } else {
            predicted = Metrics.decisions(probabilities, classes: count)
            auc = Metrics.macroAUC(truth, probabilities, classes: count)
            brier = Metrics.brier(truth, probabilities, classes: count)
        }
        confusion = Metrics.confusion(truth, predicted, classes: count)
        accuracy = Metrics.accuracy(truth, predicted)
        let scores =
            binary.map { [confusion] in Metrics.scores(of: $0.positive, in: confusion) }
            ?? Metrics.macroScores(confusion)
        (precision, recall, f1) = (scores.precision, scores.recall, scores.f1)
        logLoss = Metrics.logLoss(truth, probabilities, classes: count)
    }

    /// The probability of one class, row by row.
    func scores(of label: Int) -> [Double] { Self.scores(probabilities, of: label, classes.count) }

    func isTrue(_ label: Int) -> [Bool] { truth.map { $0 == label } }

    private static func scores(_ probabilities: [Double], of label: Int, _ classes: Int) -> [Double] {
        stride(from: label, to: probabilities.count, by: classes).map { probabilities[$0] }
    }

    /// Rows of each class.
    var classCounts: [Int] { confusion.map { $0.reduce(0, +) } }

    static let metricNames = ["accuracy", "auc", "brier", "f1", "log_loss", "n", "precision", "recall"]

    /// By `metricNames`; one that has no value is left out.
    var metrics: JSONValue {
        var metrics: JSONValue = [
            "accuracy": .number(accuracy), "brier": .number(brier), "f1": .number(f1),
            "log_loss": .number(logLoss), "n": .integer(Int64(truth.count)), "precision": .number(precision),
            "recall": .number(recall),
        ]
        metrics["auc"] = auc.map(JSONValue.number)
        return metrics
    }
}
