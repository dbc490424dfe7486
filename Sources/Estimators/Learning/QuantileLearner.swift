/// Learns a `QuantileTransformer` of numbers that pass some at a time; infinite values are `tooLarge`.
public struct QuantileLearner: NumberLearner {
    private let most: Int
    private let output: QuantileTransformer.Output
    private var ranks: RankLearner
    /// All rows while they are no more than quantiles: how many quantiles there are is then told by the rows.
    private var few: [Double]? = []

    /// - Parameter scope: At least as many values are held as there are quantiles, whatever it says. Quantiles of more values
    ///   than may be held take a time of values x quantiles.
    /// - Throws: A count out of its range.
    public init(
        quantiles count: Int = 1000, output: QuantileTransformer.Output = .uniform,
        _ scope: LearningScope
    ) throws(EstimatorError) {
        try QuantileTransformer.quantilesRange.check(count)
        let probabilities = QuantileTransformer.probabilities(count)
        most = count
        self.output = output
        ranks = RankLearner(scope) { $0 == 0 ? [] : Quantiles.ranks(of: $0, probabilities) }
    }

    public var count: Int { ranks.count }

    public mutating func take(_ values: [Double]) {
        ranks.take(values)
        few?.append(contentsOf: values)
        if few.map({ $0.count > most }) ?? false { few = nil }
    }

    public mutating func endPass() -> Result<QuantileTransformer, EstimatorError>? {
        if let few {
            return Result { () throws(EstimatorError) in
                try QuantileTransformer(fitting: few, quantiles: most, output: output)
            }
        }
        guard let found = ranks.endPass() else { return nil }
        return Result { () throws(EstimatorError) in
            guard ranks.count > 0 else { throw .noRows }
            let probabilities = QuantileTransformer.probabilities(most)
            return try QuantileTransformer(
                found: Quantiles.linear(between: found, of: ranks.count, probabilities), output: output)
        }
    }
}
