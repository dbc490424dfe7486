import TensorKernels

/// Measures of a classifier. Labels are class indices; scores and
/// probabilities are finite. Undefined ratios (0 / 0) are 0, as in scikit-learn.
public enum Metrics {
    /// counts[true][predicted]
    public static func confusion(_ truth: [Int], _ predicted: [Int], classes: Int) -> [[Int]] {
        precondition(truth.count == predicted.count, "\(truth.count) labels, \(predicted.count) predictions")
        var counts = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
        for (actual, guess) in zip(truth, predicted) { counts[actual][guess] += 1 }
        return counts
    }

    public static func accuracy(_ truth: [Int], _ predicted: [Int]) -> Double {
        precondition(truth.count == predicted.count, "\(truth.count) labels, \(predicted.count) predictions")
        return ratio(zip(truth, predicted).count { $0 == $1 }, truth.count)
    }

    /// Precision, recall and F1 of one class.
    public static func scores(
        of label: Int, in confusion: [[Int]]
    ) -> (
        precision: Double, recall: Double, f1: Double
    ) {
        let hits = confusion[label][label]
        let predicted = confusion.reduce(0) { $0 + $1[label] }
        let actual = confusion[label].reduce(0, +)
        return (ratio(hits, predicted), ratio(hits, actual), ratio(2 * hits, predicted + actual))
    }

    /// The unweighted mean over all classes.
    public static func macroScores(_ confusion: [[Int]]) -> (precision: Double, recall: Double, f1: Double) {
        var sums = (precision: 0.0, recall: 0.0, f1: 0.0)
        for label in confusion.indices {
            let one = scores(of: label, in: confusion)
            sums.precision += one.precision
            sums.recall += one.recall
            sums.f1 += one.f1
        }
        let count = Double(confusion.count)
        return (sums.precision / count, sums.recall / count, sums.f1 / count)
    }

    /// The mean over all classes, each by its rows (scikit-learn's "weighted").
    public static func weightedScores(
        _ confusion: [[Int]]
    ) -> (
        precision: Double, recall: Double, f1: Double
    ) {
        var sums = (precision: 0.0, recall: 0.0, f1: 0.0)
        var count = 0
        for label in confusion.indices {
            let one = scores(of: label, in: confusion)
            let rows = confusion[label].reduce(0, +)
            sums.precision += one.precision * Double(rows)
            sums.recall += one.recall * Double(rows)
            sums.f1 += one.f1 * Double(rows)
            count += rows
        }
        guard count > 0 else { return (0, 0, 0) }
        return (sums.precision / Double(count), sums.recall / Double(count), sums.f1 / Double(count))
    }

    /// The class of the largest probability of each row, the first of equals.
    /// `probabilities` is N x classes.
    public static func decisions(_ probabilities: [Double], classes: Int) -> [Int] {
        precondition(
            classes > 0 && probabilities.count % classes == 0,
            "\(probabilities.count) probabilities of \(classes) classes")
        return stride(from: 0, to: probabilities.count, by: classes).map { start in
            var best = 0
            for label in 1..<classes where probabilities[start + label] > probabilities[start + best] {
                best = label
            }
            return best
        }
    }

    /// The unweighted mean over all classes of the area under the ROC curve of
    /// that class against the rest. Nil if a class is absent or alone.
    public static func macroAUC(_ truth: [Int], _ probabilities: [Double], classes: Int) -> Double? {
        precondition(
            probabilities.count == truth.count * classes,
            "\(truth.count) labels, \(probabilities.count) probabilities of \(classes) classes")
        var sum = 0.0
        for label in 0..<classes {
            let scores = truth.indices.map { probabilities[$0 * classes + label] }
            guard let area = auc(truth.map { $0 == label }, scores) else { return nil }
            sum += area
        }
        return sum / Double(classes)
    }

    /// Mean over the rows of the sum over the classes of (p - y)^2, in [0, 2].
    ///
    /// Source: Brier, "Verification of forecasts expressed in terms of
    /// probability", 1950.
    public static func brier(_ truth: [Int], _ probabilities: [Double], classes: Int) -> Double {
        precondition(
            probabilities.count == truth.count * classes,
            "\(truth.count) labels, \(probabilities.count) probabilities of \(classes) classes")
        var sum = 0.0
        for (row, actual) in truth.enumerated() {
            for label in 0..<classes {
                let error = probabilities[row * classes + label] - (actual == label ? 1 : 0)
                sum += error * error
            }
        }
        return sum / Double(truth.count)
    }

    /// The area under the ROC curve; a tie counts one half. Nil if a class is
    /// absent. Exact: counted in integers.
    public static func auc(_ isPositive: [Bool], _ scores: [Double]) -> Double? {
        var doubled = 0
        var (positives, negatives) = (0, 0)
        for group in groups(isPositive, scores) {
            doubled += group.negatives * (2 * positives + group.positives)
            positives += group.positives
            negatives += group.negatives
        }
        guard positives > 0, negatives > 0 else { return nil }
        return Double(doubled) / Double(2 * positives * negatives)
    }

    /// Points (false positive rate, true positive rate, threshold) by falling
    /// threshold, one a distinct score, after (0, 0, inf). Empty if a class is absent.
    public static func rocCurve(_ isPositive: [Bool], _ scores: [Double]) -> [ROCPoint] {
        let positives = isPositive.count { $0 }
        let negatives = isPositive.count - positives
        guard positives > 0, negatives > 0 else { return [] }
        var points = [ROCPoint(falsePositiveRate: 0, truePositiveRate: 0, threshold: .infinity)]
        var (hits, alarms) = (0, 0)
        for group in groups(isPositive, scores) {
            hits += group.positives
            alarms += group.negatives
            points.append(
                ROCPoint(
                    falsePositiveRate: ratio(alarms, negatives), truePositiveRate: ratio(hits, positives),
                    threshold: group.score))
        }
        return points
    }

    /// Mean of -log p(truth), p kept within [2^-52, 1 - 2^-52] as scikit-learn
    /// does for doubles. `probabilities` is N x classes.
    public static func logLoss(_ truth: [Int], _ probabilities: [Double], classes: Int) -> Double {
        var sum = 0.0
        for (row, label) in truth.enumerated() {
            let p = probabilities[row * classes + label]
            let floor = Double.ulpOfOne
            sum -= Elementary.log(p < floor ? floor : p > 1 - floor ? 1 - floor : p)
        }
        return sum / Double(truth.count)
    }

    /// Mean of (p - y)^2 for the positive class.
    public static func brier(_ isPositive: [Bool], _ probabilities: [Double]) -> Double {
        var sum = 0.0
        for (actual, p) in zip(isPositive, probabilities) {
            let error = p - (actual ? 1 : 0)
            sum += error * error
        }
        return sum / Double(isPositive.count)
    }

    /// Equal-width bins of [0, 1], empty ones left out.
    public static func calibration(
        _ isPositive: [Bool], _ probabilities: [Double], bins: Int = 10
    ) -> [CalibrationBin] {
        var sums = [Double](repeating: 0, count: bins)
        var counts = [Int](repeating: 0, count: bins)
        var hits = counts
        for (actual, p) in zip(isPositive, probabilities) {
            let bin = Swift.min(Int(p * Double(bins)), bins - 1)
            sums[bin] += p
            counts[bin] += 1
            if actual { hits[bin] += 1 }
        }
        return (0..<bins).filter { counts[$0] > 0 }.map {
            CalibrationBin(
                meanProbability: sums[$0] / Double(counts[$0]), fractionPositive: ratio(hits[$0], counts[$0]),
                count: counts[$0])
        }
    }

    private static func ratio(_ a: Int, _ b: Int) -> Double { b == 0 ? 0 : Double(a) / Double(b) }

    /// Rows of equal score, by falling score.
    private static func groups(
        _ isPositive: [Bool], _ scores: [Double]
    ) -> [(score: Double, positives: Int, negatives: Int)] {
        precondition(isPositive.count == scores.count, "\(isPositive.count) labels, \(scores.count) scores")
        var out: [(score: Double, positives: Int, negatives: Int)] = []
        for row in scores.indices.sorted(by: { (-scores[$0], $0) < (-scores[$1], $1) }) {
            if out.last?.score != scores[row] { out.append((scores[row], 0, 0)) }
            if isPositive[row] {
                out[out.count - 1].positives += 1
            } else {
                out[out.count - 1].negatives += 1
            }
        }
        return out
    }
}

public struct ROCPoint: Sendable, Equatable {
    public var falsePositiveRate: Double
    public var truePositiveRate: Double
    public var threshold: Double
}

public struct CalibrationBin: Sendable, Equatable {
    public var meanProbability: Double
    public var fractionPositive: Double
    public var count: Int

    public init(meanProbability: Double, fractionPositive: Double, count: Int) {
        self.meanProbability = meanProbability
        self.fractionPositive = fractionPositive
        self.count = count
    }
}
