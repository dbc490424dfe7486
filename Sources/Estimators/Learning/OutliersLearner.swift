/// Learns the fences of `Outliers`; NaN counts as null.
public struct OutliersLearner: Sendable {
    private var ranks: RankLearner
    private let factor: Double

    public init(factor: Double, _ scope: LearningScope) {
        self.factor = factor
        ranks = RankLearner(scope) {
            $0 == 0 ? [] : Quantiles.ranks(of: $0, Outliers.quartiles)
        }
    }

    public mutating func take(_ values: [Double]) { ranks.take(values) }

    /// All have passed.
    ///
    /// - Returns: The fences, nil in it if there is no value or a quartile is infinite; nil if all are to pass once more.
    public mutating func endPass() -> Outliers?? {
        guard let found = ranks.endPass() else { return nil }
        guard ranks.count > 0 else { return .some(nil) }
        let quartiles = Quantiles.linear(between: found, of: ranks.count, Outliers.quartiles)
        return .some(Outliers(quartiles: quartiles, factor: factor))
    }
}
