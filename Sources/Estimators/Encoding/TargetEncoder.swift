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
        try LevelCodes.check(codes, levels: levels)
        try target.check(rows: codes.count)
        let codes = rows.map { $0.map { codes[$0] } } ?? codes
        let target = rows.map { target.rows($0) } ?? target
        // So that a level without a row has a value too.
        var learner = try TargetLearner(smoothing: smoothing, levels: levels)
        for _ in 0..<2 {
            try learner.take(codes, target)
            if let learned = try learner.endPass() {
                self = learned
                return
            }
        }
        preconditionFailure("two passes are enough")
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
