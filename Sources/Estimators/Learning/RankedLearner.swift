/// Learns what follows from values by their places in ascending order.
public struct RankedLearner<Made: Sendable>: NumberLearner {
    private var ranks: RankLearner
    private let make: @Sendable (_ found: [Double], _ count: Int) throws(EstimatorError) -> Made

    /// - Parameters:
    ///   - ranks: The places that are wanted of so many values.
    ///   - make: Of the values there, and how many there were in all.
    init(
        _ scope: LearningScope, ranks: @escaping @Sendable (_ count: Int) -> [Int],
        make: @escaping @Sendable (_ found: [Double], _ count: Int) throws(EstimatorError) -> Made
    ) {
        self.ranks = RankLearner(scope, ranks: ranks)
        self.make = make
    }

    public var count: Int { ranks.count }

    public mutating func take(_ values: [Double]) { ranks.take(values) }

    public mutating func endPass() -> Result<Made, EstimatorError>? {
        guard count > 0 else { return .failure(.noRows) }
        guard let found = ranks.endPass() else { return nil }
        return Result { () throws(EstimatorError) in try make(found, count) }
    }
}

extension RobustScaler {
    /// Learns a scaler of numbers that pass some at a time; infinite quantiles are `tooLarge`.
    ///
    /// - Throws: Options out of their range.
    public static func learner(
        _ scope: LearningScope, _ options: Options = Options()
    ) throws(EstimatorError) -> RankedLearner<RobustScaler> {
        try options.check()
        let probabilities = options.probabilities
        return RankedLearner(
            scope, ranks: { Quantiles.ranks(of: $0, probabilities) },
            make: { (found, count) throws(EstimatorError) in
                try RobustScaler(
                    quantiles: Quantiles.linear(between: found, of: count, probabilities), options)
            })
    }
}

extension Bins {
    /// Learns `quantile` bins of numbers that pass some at a time; infinite values are `tooLarge`.
    ///
    /// - Throws: A count out of its range.
    public static func quantileLearner(
        bins count: Int = 5, _ scope: LearningScope
    ) throws(EstimatorError) -> RankedLearner<Bins> {
        try countRange.check(count)
        return RankedLearner(
            scope, ranks: { quantileRanks(of: $0, count) },
            make: { (found, total) throws(EstimatorError) in
                try quantile(between: found, of: total, count)
            })
    }
}
