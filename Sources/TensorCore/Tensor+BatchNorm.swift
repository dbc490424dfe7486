import CTensorKernels
import TensorKernels

extension Tensor {
    /// Mean and biased variance of each channel, the last axis, over all others
    /// (Ioffe and Szegedy, "Batch normalization", 2015), by leaves of `segment`
    /// samples of axis 0 (docs: numerics, rule 10).
    public func batchMoments(segment: Int = 0) throws(TensorError) -> (means: Tensor, variances: Tensor) {
        let x = try dense()
        let (count, columns) = rows
        let means = Tensor(unwritten: [columns], .f32, in: context)
        let variances = Tensor(unwritten: [columns], .f32, in: context)
        let leaf = leaf(segment)
        let kernel = context.kernels.batchNormMoments
        context.share(columns, work: 2 * count, step: 64) { _, range in
            kernel(
                means.target, variances.target, x.floats, count, columns, leaf, range.lowerBound,
                range.upperBound)
        }
        return withExtendedLifetime(x) { (means, variances) }
    }

    /// Each channel less its mean, times its reciprocal deviation and gamma, plus beta.
    public func batchNorm(
        gamma: Tensor, beta: Tensor, _ statistics: NormStatistics
    ) throws(TensorError) -> Tensor {
        let (count, columns) = rows
        try gamma.require("gamma", [columns])
        try beta.require("beta", [columns])
        let statistics = try statistics.dense(columns)
        let (x, gamma, beta) = (try dense(), try gamma.dense(), try beta.dense())
        let y = Tensor(unwritten: shape, .f32, in: context)
        let kernel = context.kernels.batchNormApply
        context.share(count, work: 2 * columns) { _, range in
            let start = range.lowerBound * columns
            kernel(
                y.target + start, x.floats + start, statistics.means.floats, statistics.reciprocals.floats,
                gamma.floats, beta.floats, range.count, columns)
        }
        return withExtendedLifetime((x, gamma, beta)) { y }
    }

    /// The slopes of gamma and beta: sums over the samples, in leaves of `segment`.
    public static func batchNormParameterGradients(
        _ slope: Tensor, _ x: Tensor, _ statistics: NormStatistics, segment: Int
    ) throws(TensorError) -> (gamma: Tensor, beta: Tensor) {
        try slope.require("a slope", x.shape)
        let statistics = try statistics.dense(x.rows.columns)
        let (dy, dense) = (try slope.dense(), try x.dense())
        let (count, columns) = x.rows
        let gamma = Tensor(unwritten: [columns], .f32, in: x.context)
        let beta = Tensor(unwritten: [columns], .f32, in: x.context)
        let leaf = x.leaf(segment)
        let kernel = x.context.kernels.batchNormParameterGradient
        x.context.share(columns, work: 2 * count, step: 64) { _, range in
            kernel(
                gamma.target, beta.target, dy.floats, dense.floats, statistics.means.floats,
                statistics.reciprocals.floats, count, columns, leaf, range.lowerBound, range.upperBound)
        }
        return withExtendedLifetime((dy, dense)) { (gamma, beta) }
    }

    /// From the slope of `batchNorm` that of x, whose moments the statistics are.
    public static func batchNormGradient(
        _ slope: consuming Tensor, _ x: Tensor, gamma: Tensor, _ statistics: NormStatistics,
        _ gradients: (gamma: Tensor, beta: Tensor)
    ) throws(TensorError) -> Tensor {
        try slope.require("a slope", x.shape)
        slope = try slope.dense()
        try gamma.require("gamma", [x.rows.columns])
        let statistics = try statistics.dense(x.rows.columns)
        let (x, gamma) = (try x.dense(), try gamma.dense())
        let result = unwritten(x.shape, replacing: &slope)
        let (dy, kernel) = (slope.floats, x.context.kernels.batchNormGradient)
        let (count, columns) = x.rows
        x.context.share(count, work: 4 * columns) { _, range in
            let start = range.lowerBound * columns
            kernel(
                result.target + start, dy + start, x.floats + start, statistics.means.floats,
                statistics.reciprocals.floats, gamma.floats, gradients.gamma.floats, gradients.beta.floats,
                range.count, columns, count)
        }
        return withExtendedLifetime(slope) { result }
    }

    /// Rows of the last axis that make a leaf of so many samples of axis 0.
    func leaf(_ segment: Int) -> Int {
        shape.rank > 1 ? shape.leaf(segment, of: rows.count) : 0
    }
}
