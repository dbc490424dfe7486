import CTensorKernels
import TensorKernels

/// What a prediction is off by, element by element.
public enum ElementLoss: Sendable, Hashable {
    /// (x - t)^2
    case squared
    /// |x - t|
    case absolute
    /// (x - t)^2 / 2 within delta of the target, a line beyond (Huber 1964).
    case huber(delta: Float)
    /// The pinball loss (Koenker and Bassett 1978).
    case quantile(Float)
    /// exp(x) - t x: x is the logarithm of the rate.
    case poisson
    /// Of logits x; a target of 1 weighs `positiveWeight`.
    case binaryCrossEntropy(positiveWeight: Float = 1)
    /// Of logits x, what is easy weighs less (Lin et al. 2017); no `alpha` weighs both classes alike.
    case focal(gamma: Float = 2, alpha: Float? = 0.25)
}

extension Tensor {
    /// The loss of each element of this prediction.
    public func losses(_ loss: ElementLoss, _ targets: Tensor) throws(TensorError) -> Tensor {
        let kernels = context.kernels
        return try pairs(targets) { y, x, t, count in
            switch loss {
            case .squared: kernels.squaredError(y, x, t, count)
            case .absolute: kernels.absoluteError(y, x, t, count)
            case .huber(let delta): kernels.huber(y, x, t, delta, count)
            case .quantile(let q): kernels.quantile(y, x, t, q, count)
            case .poisson: kernels.poisson(y, x, t, count)
            case .binaryCrossEntropy(let weight): kernels.binaryCrossEntropy(y, x, t, weight, count)
            case .focal(let gamma, let alpha): kernels.focal(y, x, t, gamma, alpha ?? -1, count)
            }
        }
    }

    /// The derivative of each of `losses` by its prediction.
    public func lossDerivatives(_ loss: ElementLoss, _ targets: Tensor) throws(TensorError) -> Tensor {
        let kernels = context.kernels
        return try pairs(targets) { dx, x, t, count in
            switch loss {
            case .squared: kernels.squaredErrorGradient(dx, x, t, count)
            case .absolute: kernels.absoluteErrorGradient(dx, x, t, count)
            case .huber(let delta): kernels.huberGradient(dx, x, t, delta, count)
            case .quantile(let q): kernels.quantileGradient(dx, x, t, q, count)
            case .poisson: kernels.poissonGradient(dx, x, t, count)
            case .binaryCrossEntropy(let weight): kernels.binaryCrossEntropyGradient(dx, x, t, weight, count)
            case .focal(let gamma, let alpha): kernels.focalGradient(dx, x, t, gamma, alpha ?? -1, count)
            }
        }
    }

    private func pairs(
        _ targets: Tensor,
        _ kernel: (
            UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
        ) -> Void
    ) throws(TensorError) -> Tensor {
        try targets.require("targets", shape)
        let (x, t) = (try dense(), try targets.dense())
        let y = Tensor(unwritten: shape, .f32, in: context)
        context.share(count, work: 4, step: 16) { _, range in
            let start = range.lowerBound
            kernel(y.target + start, x.floats + start, t.floats + start, range.count)
        }
        return y
    }
}

/// Labels of rows of scores, i32, and how a loss weighs them.
public struct Labels: Sendable {
    public let classes: Tensor
    /// One a class; nil for 1.
    public let weights: Tensor?
    /// How much of a label is spread over all classes (Szegedy et al. 2016).
    public let smoothing: Float

    public init(_ classes: Tensor, weights: Tensor? = nil, smoothing: Float = 0) {
        self.classes = classes
        self.weights = weights
        self.smoothing = smoothing
    }

    /// In row-major order, for scores of a shape: each in 0..<columns.
    func checked(for scores: Shape) throws(TensorError) -> Labels {
        guard scores.rank > 0 else {
            throw .rule("a scalar has no scores of classes: [..., classes] is needed")
        }
        try classes.require(.i32)
        try classes.require("labels", Shape(scores.sizes.dropLast()))
        try weights?.require("class weights", [scores[-1]])
        let classes = classes.contiguous()
        let numbers = UnsafePointer(classes.pointer(to: Int32.self))
        for row in 0..<classes.count where numbers[row] < 0 || Int(numbers[row]) >= scores[-1] {
            throw .rule(
                "label \(numbers[row]) of row \(row): labels of \(scores[-1]) classes go from 0 to "
                    + "\(scores[-1] - 1)")
        }
        return Labels(classes, weights: try weights?.dense(), smoothing: smoothing)
    }

    var numbers: UnsafePointer<Int32> { UnsafePointer(classes.pointer(to: Int32.self)) }
}

extension Tensor {
    /// The cross-entropy of each row of scores with its label, as PyTorch weighs and
    /// smoothes it.
    public func crossEntropies(_ labels: Labels) throws(TensorError) -> Tensor {
        let labels = try labels.checked(for: shape)
        let x = try dense()
        let (count, columns) = rows
        let losses = Tensor(unwritten: labels.classes.shape, .f32, in: context)
        let kernel = context.kernels.crossEntropyRows
        context.share(count, work: 4 * columns) { _, range in
            let row = range.lowerBound
            kernel(
                losses.target + row, x.floats + row * columns, labels.numbers + row, labels.weights?.floats,
                labels.smoothing, range.count, columns)
        }
        return losses
    }

    /// From the slopes of `crossEntropies`, one a row, that of the scores.
    public static func crossEntropiesGradient(
        _ slope: Tensor, _ x: Tensor, _ labels: Labels
    ) throws(TensorError) -> Tensor {
        let labels = try labels.checked(for: x.shape)
        try slope.require("a slope", labels.classes.shape)
        let (dy, x) = (try slope.dense(), try x.dense())
        let result = Tensor(unwritten: x.shape, .f32, in: x.context)
        let kernel = x.context.kernels.crossEntropyRowsGradient
        let (count, columns) = x.rows
        x.context.share(count, work: 4 * columns) { _, range in
            let (row, start) = (range.lowerBound, range.lowerBound * columns)
            kernel(
                result.target + start, x.floats + start, labels.numbers + row, labels.weights?.floats,
                labels.smoothing, dy.floats + row, range.count, columns)
        }
        return result
    }
}
