/// Keeps the columns that vary enough.
///
/// Meaning: scikit-learn's VarianceThreshold: the population's variance of what is present; for a threshold of 0, also a
/// range of 0 is no variance, whatever rounding makes of it.
public struct VarianceThreshold: Sendable, Equatable {
    public static let thresholdRange = OptionRange.number("threshold", from: 0)

    /// Of each column; NaN where no value is present.
    public let variances: [Double]
    public let threshold: Double

    /// Places of the columns whose variance is above the threshold.
    public var kept: [Int] { variances.indices.filter { variances[$0] > threshold } }

    public init(variances: [Double], threshold: Double) {
        self.variances = variances
        self.threshold = threshold
    }

    /// - Parameter columns: One list of values a column; NaN is missing.
    /// - Throws: `notFinite` for an infinite value, with its row and column.
    /// - Complexity: O(values).
    public init(fitting columns: [[Double]], threshold: Double = 0) throws(EstimatorError) {
        try Self.thresholdRange.check(threshold)
        var variances: [Double] = []
        for (place, column) in columns.enumerated() {
            if let row = column.firstIndex(where: \.isInfinite) { throw .notFinite(row: row, column: place) }
            let present = OrderStatistics.present(in: column)
            guard let least = present.min(), let most = present.max() else {
                variances.append(.nan)
                continue
            }
            let count = Double(present.count)
            let mean = present.reduce(0, +) / count
            let variance = present.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
            variances.append(threshold == 0 ? min(variance, most - least) : variance)
        }
        self.init(variances: variances, threshold: threshold)
    }
}
