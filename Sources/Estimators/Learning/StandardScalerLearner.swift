/// Learns a `StandardScaler` in two passes: the mean, and the squares of what is left of each value.
public struct StandardScalerLearner: NumberLearner {
    private var means = MeanLearner()
    private var mean: Double?
    private var squares = 0.0

    public init() {}

    public var count: Int { means.count }

    public mutating func take(_ values: [Double]) {
        guard let mean else { return means.take(values) }
        var squares = squares
        for value in values where !value.isNaN { squares += (value - mean) * (value - mean) }
        self.squares = squares
    }

    public mutating func endPass() -> StandardScaler? {
        guard let mean else {
            mean = means.endPass()
            return nil
        }
        return StandardScaler(count: count, mean: mean, squares: squares)
    }
}
