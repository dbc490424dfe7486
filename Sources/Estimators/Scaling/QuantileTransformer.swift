/// Puts a column's values where their ranks are: to [0, 1] evenly, or to the normal distribution.
///
/// Meaning: scikit-learn's QuantileTransformer, but that all values are learned from (`subsample=None`); theirs takes
/// 10,000 of them at random. NaN is missing and stays.
public struct QuantileTransformer: Sendable, Equatable {
    public enum Output: String, Sendable, CaseIterable { case uniform, normal }

    public static let quantilesRange = OptionRange.whole("quantiles", from: 1, to: 1 << 16)

    /// Ascending; at equal distances in probability from 0 to 1.
    public let quantiles: [Double]
    public let output: Output
    /// The probability of each quantile.
    private let places: [Double]

    /// - Throws: `architecture` unless there are quantiles, all finite, none below the one before.
    public init(quantiles: [Double], output: Output) throws(EstimatorError) {
        guard !quantiles.isEmpty, quantiles.allSatisfy({ $0.isFinite }),
            zip(quantiles, quantiles.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw .architecture(key: "quantiles", expected: "numbers, none below the one before") }
        self.quantiles = quantiles
        self.output = output
        places = Self.places(quantiles.count)
    }

    /// - Parameter count: How many quantiles are kept; of fewer rows as many as there are rows, missing ones among them.
    /// - Throws: `noRows` if no value is present; `notFinite` if one is infinite.
    /// - Complexity: O(values) for few quantiles.
    public init(
        fitting column: [Double], quantiles count: Int = 1000, output: Output = .uniform
    ) throws(EstimatorError) {
        try Self.quantilesRange.check(count)
        try refuseInfinite(column, columns: 1)
        let probabilities = Self.probabilities(max(1, min(count, column.count)))
        guard let found = Quantiles.linear(column, probabilities) else { throw .noRows }
        try self.init(found: found, output: output)
    }

    /// Of quantiles that rounding may have put out of order.
    init(found: [Double], output: Output) throws(EstimatorError) {
        guard found.allSatisfy({ $0.isFinite }) else { throw .tooLarge }
        var quantiles = found
        for index in quantiles.indices.dropFirst() where quantiles[index] < quantiles[index - 1] {
            quantiles[index] = quantiles[index - 1]
        }
        try self.init(quantiles: quantiles, output: output)
    }

    /// By way of percents, whose rounding is scikit-learn's.
    static func probabilities(_ count: Int) -> [Double] { places(count).map { $0 * 100 / 100 } }

    /// Equal distances from 0 to 1; 0 where there is one.
    private static func places(_ count: Int) -> [Double] {
        guard count > 1 else { return [0] }
        let step = 1 / Double(count - 1)
        return (0..<count).map { $0 == count - 1 ? 1 : Double($0) * step }
    }

    /// - Complexity: O(values x log quantiles).
    public func callAsFunction(_ column: [Double]) -> [Double] { column.map(place) }

    /// Near the ends of the normal distribution this much is the end itself.
    private static let reach = 1e-7
    private static let lowestNormal = NormalDistribution.quantile(reach - reach.ulp)
    private static let highestNormal = NormalDistribution.quantile(1 - (reach - reach.ulp))

    private func place(_ value: Double) -> Double {
        if value.isNaN { return value }
        let (lowest, highest) = (quantiles[0], quantiles[quantiles.count - 1])
        let isLowest = output == .normal ? value - Self.reach < lowest : value == lowest
        let isHighest = output == .normal ? value + Self.reach > highest : value == highest
        // The lower end counts where both are one.
        let share = isLowest ? 0 : isHighest ? 1 : interpolated(value)
        guard output == .normal else { return share }
        return min(max(NormalDistribution.quantile(share), Self.lowestNormal), Self.highestNormal)
    }

    /// Where quantiles are equal, halfway between the first one's and the last one's place.
    private func interpolated(_ value: Double) -> Double {
        let next = SortedSearch.countUpTo(value, quantiles)
        if next > 0, quantiles[next - 1] == value {
            return 0.5 * (places[next - 1] + places[SortedSearch.countBelow(value, quantiles)])
        }
        let low = next - 1
        if low < 0 { return 0 }
        if next == quantiles.count { return places[low] }
        let rise = (places[next] - places[low]) / (quantiles[next] - quantiles[low])
        let fromBelow = rise * (value - quantiles[low]) + places[low]
        let fromAbove = rise * (value - quantiles[next]) + places[next]
        return 0.5 * (fromBelow + fromAbove)
    }
}
