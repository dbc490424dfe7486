/// What a series of equally spaced values is like, in a few numbers. Missing values (NaN) are left out, their places
/// kept.
public struct SeriesSummary: Sendable, Equatable {
    public static let lagRange = OptionRange.whole("lag", from: 1, to: 1 << 24)
    public static let quantileRange = OptionRange.number("quantile", from: 0, to: 1)

    /// Values that are present.
    public let count: Int
    public let mean: Double
    /// Of the population.
    public let deviation: Double
    public let minimum: Double
    public let maximum: Double
    public let median: Double
    public let quantiles: [Double]
    /// Of the straight line of least squares over the places; 0 for one value.
    public let slope: Double
    /// The mean of the squares.
    public let energy: Double
    /// How often a value above 0 follows one that is not, or the other way round.
    public let zeroCrossings: Int
    /// One a lag: the mean product of deviations from the mean of values that far apart, divided by the variance; NaN
    /// where nothing varies or no two values are that far apart.
    public let autocorrelations: [Double]

    /// Nil if no value is present.
    ///
    /// - Throws: `notFinite` for an infinite value; `tooLarge`; an option out of its range.
    /// - Complexity: O(values x lags).
    public init?(
        of values: [Double], quantiles: [Double] = [0.25, 0.75], lags: [Int] = [1]
    ) throws(EstimatorError) {
        for quantile in quantiles { try Self.quantileRange.check(quantile) }
        for lag in lags { try Self.lagRange.check(lag) }
        try refuseInfinite(values, columns: 1)
        guard let found = Quantiles.linear(values, [0, 0.5, 1] + quantiles) else { return nil }
        let places = values.indices.filter { !values[$0].isNaN }
        let total = Double(places.count)
        let mean = places.reduce(0) { $0 + values[$1] } / total
        let variance = places.reduce(0) { $0 + (values[$1] - mean) * (values[$1] - mean) } / total
        let squares = places.reduce(0) { $0 + values[$1] * values[$1] }
        guard variance.isFinite, squares.isFinite else { throw .tooLarge }
        let middle = places.reduce(0) { $0 + Double($1) } / total
        let (above, below) = places.reduce((0.0, 0.0)) { sums, place in
            let step = Double(place) - middle
            return (sums.0 + step * (values[place] - mean), sums.1 + step * step)
        }
        let isConstant = found[0] == found[2]
        count = places.count
        self.mean = isConstant ? found[0] : mean
        deviation = isConstant ? 0 : variance.squareRoot()
        (minimum, median, maximum) = (found[0], found[1], found[2])
        self.quantiles = Array(found.dropFirst(3))
        slope = isConstant || below == 0 ? 0 : above / below
        energy = squares / total
        zeroCrossings = zip(places, places.dropFirst()).count { (values[$0] > 0) != (values[$1] > 0) }
        autocorrelations = lags.map { lag in
            guard !isConstant, lag < values.count else { return .nan }
            var (sum, pairs) = (0.0, 0.0)
            for place in 0..<values.count - lag where !values[place].isNaN && !values[place + lag].isNaN {
                sum += (values[place] - mean) * (values[place + lag] - mean)
                pairs += 1
            }
            return pairs == 0 ? .nan : sum / pairs / variance
        }
    }
}
