/// x / max |x|: into [-1, 1] without moving zero.
///
/// Meaning: scikit-learn's MaxAbsScaler. A column of zeros divides by 1; NaN is missing and stays.
public struct MaxAbsScaler: Sendable, Equatable {
    public let scale: Double

    /// - Throws: `architecture` unless the scale is finite and above 0.
    public init(scale: Double) throws(EstimatorError) {
        guard scale.isFinite, scale > 0 else {
            throw .architecture(key: "scale", expected: "a number above 0")
        }
        self.scale = scale
    }

    /// - Throws: `noRows` if no value is present, `notFinite` if one is infinite.
    /// - Complexity: O(values).
    public init(fitting column: [Double]) throws(EstimatorError) {
        try refuseInfinite(column, columns: 1)
        var learner = RangeLearner()
        learner.take(column)
        guard learner.count > 0, let range = learner.endPass() else { throw .noRows }
        try self.init(range)
    }

    /// - Throws: `tooLarge` for an infinite value.
    public init(_ range: RangeLearner.Range) throws(EstimatorError) {
        let most = max(range.least.magnitude, range.greatest.magnitude)
        guard most.isFinite else { throw .tooLarge }
        scale = most < 10 * .ulpOfOne ? 1 : most
    }

    public func callAsFunction(_ column: [Double]) -> [Double] { column.map { $0 / scale } }
}
