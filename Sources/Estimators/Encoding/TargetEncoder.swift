/// A level becomes the mean of the target over its rows, drawn to the mean of all rows the more, the fewer they are.
///
/// Meaning: scikit-learn's TargetEncoder. Null is a level of its own; a level not seen gives the mean of all. A binary
/// or continuous target gives one column, one of K > 2 classes K columns, each of one class against the rest.
///
/// Source: Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes in classification and
/// prediction problems", SIGKDD Explorations 3 (2001), equations 3 to 7.
public struct TargetEncoder: Sendable, Equatable {
    public enum Smoothing: Sendable, Equatable {
        /// By the variances of the target within a level and over all (empirical Bayes).
        case auto
        /// As if so many rows of the mean were in each level.
        case rows(Double)
    }

    public static let smoothingRange = OptionRange.number("smoothing", from: 0)

    /// Of each column the mean of the target.
    public let means: [Double]
    /// Of each column the value of null, then of each level.
    public let values: [[Double]]

    /// - Throws: `architecture` unless there is a finite mean a column and each has a value for null.
    public init(means: [Double], values: [[Double]]) throws(EstimatorError) {
        guard !means.isEmpty, means.allSatisfy({ $0.isFinite }) else {
            throw .architecture(key: "means", expected: "a number a column")
        }
        guard means.count == values.count,
            values.allSatisfy({ !$0.isEmpty && $0.count == values[0].count && $0.allSatisfy { $0.isFinite } })
        else {
            throw .architecture(
                key: "values", expected: "of each column a number for null and for each level")
        }
        self.means = means
        self.values = values
    }

    /// - Parameters:
    ///   - codes: -1 for null, else in [0, levels).
    ///   - rows: Those learned from; nil for all.
    /// - Throws: `noRows`; `tooLarge`; a code, a target or an option that is none.
    /// - Complexity: O((rows + levels) x columns).
    public init(
        fitting codes: [Int32], levels: Int, target: EncoderTarget, smoothing: Smoothing = .auto,
        rows: [Int]? = nil
    ) throws(EstimatorError) {
        if case .rows(let count) = smoothing { try Self.smoothingRange.check(count) }
        try LevelCodes.check(codes, levels: levels)
        try target.check(rows: codes.count)
        let rows = rows ?? Array(codes.indices)
        guard !rows.isEmpty else { throw .noRows }
        let columns = target.columns
        var means: [Double] = []
        var values: [[Double]] = []
        for column in columns {
            let mean = rows.reduce(0) { $0 + column[$1] } / Double(rows.count)
            means.append(mean)
            switch smoothing {
            case .rows(let count): values.append(Self.smoothed(codes, levels, column, rows, mean, count))
            case .auto: values.append(Self.shrunk(codes, levels, column, rows, mean))
            }
        }
        guard (means + values.joined()).allSatisfy({ $0.isFinite }) else { throw .tooLarge }
        try self.init(means: means, values: values)
    }

    /// Equation 7.
    private static func smoothed(
        _ codes: [Int32], _ levels: Int, _ target: [Double], _ rows: [Int], _ mean: Double,
        _ smoothing: Double
    ) -> [Double] {
        var sums = [Double](repeating: smoothing * mean, count: levels + 1)
        var counts = [Double](repeating: smoothing, count: levels + 1)
        for row in rows {
            sums[Int(codes[row]) + 1] += target[row]
            counts[Int(codes[row]) + 1] += 1
        }
        return sums.indices.map { counts[$0] == 0 ? mean : sums[$0] / counts[$0] }
    }

    /// Equations 5 and 6.
    private static func shrunk(
        _ codes: [Int32], _ levels: Int, _ target: [Double], _ rows: [Int], _ mean: Double
    ) -> [Double] {
        let variance = rows.reduce(0) { $0 + (target[$1] - mean) * (target[$1] - mean) } / Double(rows.count)
        var counts = [Double](repeating: 0, count: levels + 1)
        var own = [Double](repeating: 0, count: levels + 1)
        for row in rows {
            counts[Int(codes[row]) + 1] += 1
            own[Int(codes[row]) + 1] += target[row]
        }
        for level in own.indices { own[level] /= counts[level] }
        var squares = [Double](repeating: 0, count: levels + 1)
        for row in rows {
            let difference = target[row] - own[Int(codes[row]) + 1]
            squares[Int(codes[row]) + 1] += difference * difference
        }
        return own.indices.map { level in
            let weight =
                variance * counts[level] / (variance * counts[level] + squares[level] / counts[level])
            // None of the level's rows, or a target that is the same everywhere.
            return weight.isNaN ? mean : weight * own[level] + (1 - weight) * mean
        }
    }

    /// One list a column.
    ///
    /// - Parameter codes: -1 for null; codes beyond the levels are unseen.
    public func callAsFunction(_ codes: [Int32]) -> [[Double]] {
        means.indices.map { column in
            codes.map {
                $0 >= -1 && Int($0) + 1 < values[column].count ? values[column][Int($0) + 1] : means[column]
            }
        }
    }
}
