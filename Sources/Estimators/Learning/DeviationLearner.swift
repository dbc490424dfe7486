/// Learns a `DeviationRule` in two passes: the mean and the range, and the squares of what is left of each value.
public struct DeviationLearner: NumberLearner {
    private let threshold: Double
    private var means = MeanLearner()
    private var ranges = RangeLearner()
    /// After the first pass.
    private var mean: Double?
    private var squares = 0.0

    /// - Throws: A threshold out of its range.
    public init(threshold: Double = 3) throws(EstimatorError) {
        try DeviationRule.thresholdRange.check(threshold)
        self.threshold = threshold
    }

    public var count: Int { means.count }

    public mutating func take(_ values: [Double]) {
        guard let mean else {
            means.take(values)
            ranges.take(values)
            return
        }
        var squares = squares
        for value in values where !value.isNaN { squares += (value - mean) * (value - mean) }
        self.squares = squares
    }

    /// - Returns: `tooLarge` in it where a value is infinite, or all are too far apart.
    public mutating func endPass() -> Result<DeviationRule, EstimatorError>? {
        guard let mean else {
            guard let found = means.endPass(), let range = ranges.endPass() else { return nil }
            // Rounding of the mean gives equal values a deviation above zero.
            mean = range.least == range.greatest ? range.least : found
            return nil
        }
        let deviation = (squares / Double(count)).squareRoot()
        return Result { () throws(EstimatorError) in
            try DeviationRule(mean: mean, deviation: deviation, threshold: threshold)
        }
    }
}
