import CTensorKernels
import TensorKernels

extension Tensor {
    /// Each row of the last axis less its mean, over its deviation, times gamma
    /// plus beta (Ba, Kiros and Hinton, "Layer normalization", 2016).
    ///
    /// - Parameters:
    ///   - gamma: As long as a row; as beta is.
    ///   - epsilon: Added to the variance.
    public func layerNorm(
        gamma: Tensor, beta: Tensor, epsilon: Float
    ) throws(TensorError) -> (Tensor, NormStatistics) {
        let (count, columns) = rows
        try gamma.require("gamma", [columns])
        try beta.require("beta", [columns])
        let (x, gamma, beta) = (try dense(), try gamma.dense(), try beta.dense())
        let y = Tensor(unwritten: shape, .f32, in: context)
        let means = Tensor(unwritten: [count], .f32, in: context)
        let reciprocals = Tensor(unwritten: [count], .f32, in: context)
        let kernel = context.kernels.layerNorm
        context.share(count, work: 3 * columns) { _, range in
            let (row, start) = (range.lowerBound, range.lowerBound * columns)
            kernel(
                y.target + start, means.target + row, reciprocals.target + row, x.floats + start,
                gamma.floats, beta.floats, range.count, columns, epsilon)
        }
        return (y, NormStatistics(means: means, reciprocals: reciprocals))
    }

    /// From the slope of the result of `layerNorm` that of its rows.
    public static func layerNormGradient(
        _ slope: consuming Tensor, _ x: Tensor, _ gamma: Tensor, _ statistics: NormStatistics
    ) throws(TensorError) -> Tensor {
        try slope.require("a slope", x.shape)
        slope = try slope.dense()
        try gamma.require("gamma", [x.rows.columns])
        let statistics = try statistics.dense(x.rows.count)
        let (x, gamma) = (try x.dense(), try gamma.dense())
        let result = unwritten(x.shape, replacing: &slope)
        let (dy, kernel) = (slope.floats, x.context.kernels.layerNormGradient)
        let (count, columns) = x.rows
        x.context.share(count, work: 4 * columns) { _, range in
            let (row, start) = (range.lowerBound, range.lowerBound * columns)
            kernel(
                result.target + start, dy + start, x.floats + start, statistics.means.floats + row,
                statistics.reciprocals.floats + row, gamma.floats, range.count, columns)
        }
        return withExtendedLifetime(slope) { result }
    }

    /// The slopes of gamma and beta: sums over the rows of each sample of axis 0,
    /// in leaves of `segment` samples.
    public static func layerNormParameterGradients(
        _ slope: Tensor, _ x: Tensor, _ statistics: NormStatistics, segment: Int
    ) throws(TensorError) -> (gamma: Tensor, beta: Tensor) {
        try slope.require("a slope", x.shape)
        let statistics = try statistics.dense(x.rows.count)
        let (dy, x) = (try slope.dense(), try x.dense())
        let (count, columns) = x.rows
        let gamma = Tensor(unwritten: [columns], .f32, in: x.context)
        let beta = Tensor(unwritten: [columns], .f32, in: x.context)
        let leaf = x.leaf(segment)
        x.context.kernels.layerNormParameterGradient(
            gamma.target, beta.target, dy.floats, x.floats, statistics.means.floats,
            statistics.reciprocals.floats, count, columns, leaf)
        return (gamma, beta)
    }
}
