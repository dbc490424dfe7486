public import Autograd
public import TensorCore

/// Each channel of the last axis less its mean, over its deviation, times a weight
/// plus a bias (Ioffe and Szegedy 2015): in training by the moments of the batch,
/// of which running means are kept, else by those.
public struct BatchNorm: Layer {
    public let weight: Parameter
    public let bias: Parameter
    public let runningMean: Parameter
    /// Of the unbiased variance.
    public let runningVariance: Parameter
    /// How much of a new batch enters the running means.
    public let momentum: Float
    public let epsilon: Float

    public init(_ channels: Int, momentum: Float = 0.1, epsilon: Float = 1e-5, _ initializer: Initializer) {
        weight = initializer.constant(1, [channels])
        bias = initializer.constant(0, [channels])
        runningMean = initializer.constant(0, [channels])
        runningVariance = initializer.constant(1, [channels])
        self.momentum = momentum
        self.epsilon = epsilon
    }

    public var members: [Member] {
        [
            .parameter("weight", weight), .parameter("bias", bias), .state("running_mean", runningMean),
            .state("running_var", runningVariance),
        ]
    }

    public func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        try self(x, pass, activation: nil)
    }

    /// The norm, and what is applied to it.
    func callAsFunction(
        _ x: Variable, _ pass: Pass, activation: Activation?
    ) throws(TensorError) -> Variable {
        guard pass.isTraining else {
            let y = try x.batchNorm(
                gamma: pass(weight), beta: pass(bias), means: runningMean.value,
                variances: runningVariance.value, epsilon: epsilon)
            return try activation.map { activation throws(TensorError) in try y.applying(activation) } ?? y
        }
        let (y, means, variances) = try x.batchNorm(
            gamma: pass(weight), beta: pass(bias), epsilon: epsilon, activation: activation)
        if pass.keepsState {
            let count = x.value.count / max(means.count, 1)
            let unbiased = try variances.scaled(by: Float(count) / Float(max(count - 1, 1)))
            try keep(means, in: runningMean)
            try keep(unbiased, in: runningVariance)
        }
        return y
    }

    private func keep(_ value: Tensor, in running: Parameter) throws(TensorError) {
        running.value = try running.value.scaled(by: 1 - momentum) + value.scaled(by: momentum)
    }
}
