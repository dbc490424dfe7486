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
        try Options.lowerRange.check(options.lower)
        try Options.upperRange.check(options.upper)
        guard options.lower < options.upper else {
            throw .option("lower", value: "\(options.lower)", expected: "below upper, \(options.upper)")
        }
        let tails = [options.lower, options.upper].map(NormalDistribution.quantile)
        if options.hasUnitVariance, !tails.allSatisfy(\.isFinite) {
            throw .option("hasUnitVariance", value: "true", expected: "false where the range reaches 0 or 1")
        }
        guard let found = Quantiles.linear(column, [0.5, options.lower, options.upper]) else { throw .noRows }
        guard found.allSatisfy(\.isFinite) else {
            guard let row = column.firstIndex(where: { $0.isInfinite }) else { throw .tooLarge }
            throw .notFinite(row: row, column: 0)
        }
        center = options.centers ? found[0] : 0
        var range = found[2] - found[1]
        // Rounding can leave a range where there is none (scikit-learn, `_handle_zeros_in_scale`).
        if range < 10 * .ulpOfOne { range = 1 }
        guard range.isFinite else { throw .tooLarge }
        if options.hasUnitVariance { range /= tails[1] - tails[0] }
        scale = options.scales ? range : 1
    }

    public func callAsFunction(_ column: [Double]) -> [Double] { column.map { ($0 - center) / scale } }
}
