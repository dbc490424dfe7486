/// (x - median) / (a range of quantiles), which a few wild values do not move.
///
/// Meaning: scikit-learn's RobustScaler. A range of zero divides by 1; NaN is missing and stays.
public struct RobustScaler: Sendable, Equatable {
    public struct Options: Sendable, Equatable {
        /// Probabilities between which the range lies, the lower first; in percent in scikit-learn.
        public var lower = 0.25
        public var upper = 0.75
        /// Subtract the median.
        public var centers = true
        /// Divide by the range.
        public var scales = true
        /// The range in units of the normal distribution's, so that normal values get deviation 1.
        public var hasUnitVariance = false

        public init() {}

        public static let lowerRange = OptionRange.number("lower", from: 0, to: 1)
        public static let upperRange = OptionRange.number("upper", from: 0, to: 1)

        /// The median's and the range's.
        var probabilities: [Double] { [0.5, lower, upper] }

        /// How far the same quantiles of the normal distribution are apart.
        var normalRange: Double { NormalDistribution.quantile(upper) - NormalDistribution.quantile(lower) }

        func check() throws(EstimatorError) {
            try Self.lowerRange.check(lower)
            try Self.upperRange.check(upper)
            guard lower < upper else {
                throw .option("lower", value: "\(lower)", expected: "below upper, \(upper)")
            }
            if hasUnitVariance, !normalRange.isFinite {
                throw .option(
                    "hasUnitVariance", value: "true", expected: "false where the range reaches 0 or 1")
            }
        }
    }

    /// 0 where nothing is subtracted.
    public let center: Double
    /// 1 where nothing is divided by.
    public let scale: Double

    /// - Throws: `architecture` unless both are finite and the scale is above 0.
    public init(center: Double, scale: Double) throws(EstimatorError) {
        guard center.isFinite else { throw .architecture(key: "center", expected: "a number") }
        guard scale.isFinite, scale > 0 else {
            throw .architecture(key: "scale", expected: "a number above 0")
        }
        self.center = center
        self.scale = scale
    }

    /// - Throws: `noRows` if no value is present; `notFinite` if a quantile is infinite; `tooLarge`; options out of their range.
    /// - Complexity: O(values).
    public init(fitting column: [Double], _ options: Options = Options()) throws(EstimatorError) {
        try options.check()
        guard let found = Quantiles.linear(column, options.probabilities) else { throw .noRows }
        guard found.allSatisfy({ $0.isFinite }) else {
            guard let row = column.firstIndex(where: { $0.isInfinite }) else { throw .tooLarge }
            throw .notFinite(row: row, column: 0)
        }
        try self.init(quantiles: found, options)
    }

    /// - Parameter quantiles: At the options' probabilities.
    init(quantiles: [Double], _ options: Options) throws(EstimatorError) {
        guard quantiles.allSatisfy({ $0.isFinite }) else { throw .tooLarge }
        var range = quantiles[2] - quantiles[1]
        // Rounding can leave a range where there is none (scikit-learn, `_handle_zeros_in_scale`).
        if range < 10 * .ulpOfOne { range = 1 }
        guard range.isFinite else { throw .tooLarge }
        if options.hasUnitVariance { range /= options.normalRange }
        center = options.centers ? quantiles[0] : 0
        scale = options.scales ? range : 1
    }

    public func callAsFunction(_ column: [Double]) -> [Double] { column.map { ($0 - center) / scale } }
}
