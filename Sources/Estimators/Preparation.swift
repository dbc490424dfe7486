/// Fills missing values with the median of the present ones.
public struct MedianImputer: Sendable, Equatable {
    public let median: Double

    /// Nil if no value is present. NaN is missing. An even count gives the middle pair's mean.
    ///
    /// - Complexity: O(values).
    public init?(fitting column: [Double]) {
        let present = OrderStatistics.present(in: column)
        guard !present.isEmpty else { return nil }
        let middle = present.count / 2
        let pair = present.withUnsafeBufferPointer {
            OrderStatistics.select($0, ranks: [(present.count - 1) / 2, middle])
        }
        median = present.count % 2 == 1 ? pair[1] : (pair[0] + pair[1]) / 2
    }

    public func callAsFunction(_ column: [Double]) -> [Double] { column.map { $0.isNaN ? median : $0 } }
}

/// (x - mean) / deviation with the population's deviation; a column that is
/// constant but for rounding is only centred (scikit-learn's StandardScaler,
/// `_is_constant_feature`).
public struct StandardScaler: Sendable, Equatable {
    public let mean: Double
    public let deviation: Double

    public init(fitting column: [Double]) {
        precondition(!column.isEmpty, "a column without rows has no mean")
        let mean = column.reduce(0, +) / Double(column.count)
        let squares = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let variance = squares / Double(column.count)
        // Rounding of the mean gives equal values a variance above zero.
        let reach = Double(column.count) * mean * Double.ulpOfOne
        let isConstant = variance <= Double(column.count) * Double.ulpOfOne * variance + reach * reach
        self.mean = mean
        deviation = isConstant ? 1 : variance.squareRoot()
    }

    public func callAsFunction(_ column: [Double]) -> [Double] { column.map { ($0 - mean) / deviation } }
}

/// One column a level, levels in the order of their UTF-8 bytes; a level not
/// seen when fitting, and a missing value, gives zeros.
public struct OneHotEncoder: Sendable, Equatable {
    public let levels: [String]

    public init(fitting column: [String?]) {
        levels = Set(column.compactMap { $0 }).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// One column of zeros and ones a level.
    public func callAsFunction(_ column: [String?]) -> [[Double]] {
        levels.map { level in column.map { $0 == level ? 1 : 0 } }
    }
}
