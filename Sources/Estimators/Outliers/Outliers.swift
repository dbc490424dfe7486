/// Quantiles by linear interpolation between order statistics.
///
/// Source: Hyndman and Fan, "Sample quantiles in statistical packages", 1996,
/// type 7; interpolated in numpy's order of operations, so the bits are its.
public enum Quantiles {
    /// One value a probability; nil if no value is present. NaN counts as null.
    ///
    /// - Complexity: O(values + probabilities).
    /// - Precondition: probabilities lie in [0, 1].
    public static func linear(_ values: [Double], _ probabilities: [Double]) -> [Double]? {
        let present = OrderStatistics.present(in: values)
        guard !present.isEmpty else { return nil }
        let ranks = ranks(of: present.count, probabilities)
        let found = present.withUnsafeBufferPointer { OrderStatistics.select($0, ranks: ranks) }
        return linear(between: found, of: present.count, probabilities)
    }

    /// The places of the values that `linear(between:of:_:)` needs, two a probability.
    static func ranks(of count: Int, _ probabilities: [Double]) -> [Int] {
        probabilities.flatMap { probability in
            precondition(probability >= 0 && probability <= 1, "\(probability) is no probability")
            let place = Int(Double(count - 1) * probability)
            return [place, min(place + 1, count - 1)]
        }
    }

    /// - Parameter found: The values at `ranks` of so many values.
    static func linear(between found: [Double], of count: Int, _ probabilities: [Double]) -> [Double] {
        probabilities.indices.map { number in
            let (low, high) = (found[2 * number], found[2 * number + 1])
            // Infinite neighbours that are equal have no difference.
            if low == high { return low }
            let place = Double(count - 1) * probabilities[number]
            let t = place - Double(Int(place))
            return t >= 0.5 ? high - (high - low) * (1 - t) : low + (high - low) * t
        }
    }
}

/// The fences of Tukey's rule: a value is an outlier below
/// `q1 - factor (q3 - q1)` or above `q3 + factor (q3 - q1)`.
///
/// Source: Tukey, "Exploratory Data Analysis", 1977.
public struct Outliers: Sendable, Equatable {
    public let firstQuartile: Double
    public let thirdQuartile: Double
    public let lower: Double
    public let upper: Double

    /// Nil if no value is present or a quartile is infinite. NaN counts as null.
    ///
    /// - Precondition: `factor` is finite and not negative.
    public init?(iqrOf values: [Double], factor: Double = 1.5) {
        guard let quartiles = Quantiles.linear(values, Self.quartiles) else { return nil }
        self.init(quartiles: quartiles, factor: factor)
    }

    static let quartiles = [0.25, 0.75]

    init?(quartiles: [Double], factor: Double) {
        precondition(factor >= 0 && factor.isFinite, "factor \(factor) gives no fence")
        guard quartiles[0].isFinite, quartiles[1].isFinite else { return nil }
        let reach = factor * (quartiles[1] - quartiles[0])
        firstQuartile = quartiles[0]
        thirdQuartile = quartiles[1]
        lower = quartiles[0] - reach
        upper = quartiles[1] + reach
    }

    /// True where a value lies outside the fences; a null (NaN) is no outlier.
    public func flags(_ values: [Double]) -> [Bool] { values.map { $0 < lower || $0 > upper } }
}
