/// A value is an outlier that lies further from the mean than so many standard deviations of the population (the
/// z-score rule).
public struct DeviationRule: Sendable, Equatable {
    public static let thresholdRange = OptionRange.number("threshold", from: 0, excludesLowest: true)

    public let mean: Double
    /// Zero where all values are equal: then nothing is an outlier but what differs from them.
    public let deviation: Double
    public let lower: Double
    public let upper: Double

    /// - Throws: `tooLarge` if a number is not finite; a threshold out of its range.
    public init(mean: Double, deviation: Double, threshold: Double = 3) throws(EstimatorError) {
        try Self.thresholdRange.check(threshold)
        guard mean.isFinite, deviation.isFinite, deviation >= 0 else { throw .tooLarge }
        self.mean = mean
        self.deviation = deviation
        lower = mean - threshold * deviation
        upper = mean + threshold * deviation
    }

    /// - Throws: `noRows` if no value is present; `notFinite` if one is infinite; `tooLarge`.
    /// - Complexity: O(values).
    public init(fitting column: [Double], threshold: Double = 3) throws(EstimatorError) {
        try refuseInfinite(column, columns: 1)
        var learner = try DeviationLearner(threshold: threshold)
        for _ in 0..<2 {
            learner.take(column)
            guard learner.count > 0 else { throw .noRows }
            if let learned = learner.endPass() {
                self = try learned.get()
                return
            }
        }
        preconditionFailure("two passes are enough")
    }

    /// True where a value lies outside; a null (NaN) is no outlier.
    public func flags(_ values: [Double]) -> [Bool] { values.map { $0 < lower || $0 > upper } }
}
