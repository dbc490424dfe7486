import Estimators
import Testing

@Suite struct MetricsTests {
    @Test func tiedScoresCountOneHalf() {
        #expect(Metrics.auc([true, false], [0.5, 0.5]) == 0.5)
        // Pairs: 0.8 beats both, 0.4 ties with one and beats none.
        #expect(Metrics.auc([true, true, false, false], [0.8, 0.4, 0.4, 0.6]) == 0.625)
        #expect(Metrics.auc([true, true], [0.1, 0.2]) == nil)
    }

    @Test func theCurveHasOnePointADistinctScore() {
        let points = Metrics.rocCurve([true, true, false, false], [0.8, 0.4, 0.4, 0.6])
        #expect(
            points.map { [$0.falsePositiveRate, $0.truePositiveRate, $0.threshold] } == [
                [0, 0, .infinity], [0, 0.5, 0.8], [0.5, 0.5, 0.6], [1, 1, 0.4],
            ])
    }

    @Test func scoresFollowFromTheConfusionMatrix() {
        let confusion = Metrics.confusion([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 0, 1], classes: 3)
        #expect(confusion == [[2, 1, 0], [1, 1, 0], [0, 1, 0]])
        let first = Metrics.scores(of: 0, in: confusion)
        #expect((first.precision, first.recall, first.f1) == (2.0 / 3, 2.0 / 3, 2.0 / 3))
        let macro = Metrics.macroScores(confusion)
        #expect(macro.precision == (2.0 / 3 + 1.0 / 3 + 0) / 3)
        #expect(macro.recall == (2.0 / 3 + 0.5 + 0) / 3)
        #expect(Metrics.accuracy([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 0, 1]) == 0.5)
    }

    @Test func calibrationBinsHoldMeanAndFraction() {
        let bins = Metrics.calibration([false, true, true], [0.25, 0.75, 1], bins: 2)
        #expect(
            bins == [
                CalibrationBin(meanProbability: 0.25, fractionPositive: 0, count: 1),
                CalibrationBin(meanProbability: 0.875, fractionPositive: 1, count: 2),
            ])
    }

    @Test func preparationKeepsWhatFittingSaw() {
        #expect(MedianImputer(fitting: [3, .nan, 1, 2, .nan, 10])?([.nan, 5]) == [2.5, 5])
        #expect(MedianImputer(fitting: [.nan]) == nil)
        #expect(StandardScaler(fitting: [1, 3])([1, 2, 3]) == [-1, 0, 1])
        #expect(StandardScaler(fitting: [4, 4])([5]) == [1])
        #expect(
            OneHotEncoder(fitting: ["b", "a", nil])(["a", "new", nil, "b"]) == [[1, 0, 0, 0], [0, 0, 0, 1]])
    }

    @Test func whatCannotBeFittedIsSaid() {
        func message(_ x: [Double], _ labels: [Int], classes: Int = 2) -> String {
            do {
                _ = try LogisticRegression(fitting: x, columns: 1, labels: labels, classes: classes)
                return "fitted"
            } catch { return "\(error)" }
        }
        #expect(message([1], [0, 1]) == "a matrix of 2 rows and 1 columns needs 2 values; got 1")
        #expect(message([1, 2], [0, 2]) == "row 1 has label 2; labels must be in [0, 2)")
        #expect(message([1, 2], [0, 0]) == "no row has label 1")
        #expect(message([1, .nan], [0, 1]) == "the value in row 1, column 0 is not finite")
        #expect(message([1, 2], [0, 1]) == "fitted")
    }
}
