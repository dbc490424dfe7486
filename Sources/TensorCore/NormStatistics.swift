/// What normalised rows or channels were: what the way back needs.
public struct NormStatistics: Sendable {
    /// One a row (or channel), f32.
    public let means: Tensor
    /// 1 over the deviation, one a row (or channel).
    public let reciprocals: Tensor

    public init(means: Tensor, reciprocals: Tensor) {
        self.means = means
        self.reciprocals = reciprocals
    }

    /// The same for so many rows or channels, where kernels read them.
    func dense(_ count: Int) throws(TensorError) -> NormStatistics {
        try means.require("means", [count])
        try reciprocals.require("reciprocals", [count])
        return NormStatistics(means: try means.dense(), reciprocals: try reciprocals.dense())
    }

    /// - Parameter epsilon: Added to the variances.
    public init(means: Tensor, variances: Tensor, epsilon: Float) throws(TensorError) {
        let roots = try variances.values(Float.self).map { 1 / ($0 + epsilon).squareRoot() }
        self.init(means: means, reciprocals: try Tensor(roots, variances.shape, in: variances.context))
    }
}
