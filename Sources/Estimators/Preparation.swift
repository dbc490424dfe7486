/// Fills missing values with the median of the present ones.
public struct MedianImputer: Sendable, Equatable {
    public let median: Double

    /// Nil if no value is present. NaN is missing. An even count gives the middle pair's mean.
    ///
    /// - Complexity: O(values).
    public init?(fitting column: [Double]) {
        var learner = MedianLearner(LearningScope(rows: column.count, most: .max))
        learner.take(column)
        guard learner.count > 0, let median = learner.endPass() else { return nil }
        self.median = median
    }

    public func callAsFunction(_ column: [Double]) -> [Double] { column.map { $0.isNaN ? median : $0 } }
}

/// (x - mean) / deviation with the population's deviation; a column that is
/// constant but for rounding is only centred (scikit-learn's StandardScaler,
/// `_is_constant_feature`).
public struct StandardScaler: Sendable, Equatable {
    public let mean: Double
    public let deviation: Double

    /// - Precondition: There is a value, and none is NaN.
    public init(fitting column: [Double]) {
        precondition(!column.isEmpty, "a column without rows has no mean")
        var learner = StandardScalerLearner()
        while true {
            learner.take(column)
            if let scaler = learner.endPass() {
                self = scaler
                return
            }
        }
    }

    /// - Parameter squares: The sum of the squares of what each value is away from the mean.
    init(count: Int, mean: Double, squares: Double) {
        let variance = squares / Double(count)
        // Rounding of the mean gives equal values a variance above zero.
        let reach = Double(count) * mean * Double.ulpOfOne
        let isConstant = variance <= Double(count) * Double.ulpOfOne * variance + reach * reach
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
