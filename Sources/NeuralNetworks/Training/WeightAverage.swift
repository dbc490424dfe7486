public import Autograd
public import TensorCore

/// A mean of what parameters were after each step; often better than the last
/// (Polyak and Juditsky 1992).
public final class WeightAverage {
    public enum Kind: Sendable, Equatable {
        /// All steps alike (Izmailov et al., "Averaging weights", 2018).
        case equal
        /// mean = decay mean + (1 - decay) weights.
        case exponential(decay: Float)
    }

    public let kind: Kind
    private let parameters: [Parameter]
    private var means: [Tensor] = []
    private var count = 0

    public init(_ kind: Kind, _ parameters: [Parameter]) {
        self.kind = kind
        self.parameters = parameters
    }

    /// Takes in what parameters are now; the first time it is the mean.
    public func update() throws(TensorError) {
        count += 1
        guard !means.isEmpty else {
            means = parameters.map { $0.value.copied() }
            return
        }
        let share: Float =
            switch kind {
            case .equal: 1 / Float(count)
            case .exponential(let decay): 1 - decay
            }
        for (index, parameter) in parameters.enumerated() {
            // mean + share (weights - mean)
            let step = try (parameter.value - means[index]).scaled(by: share)
            means[index] = try step.adding(means[index])
        }
    }

    /// Puts the means into the parameters.
    public func apply() {
        for (parameter, mean) in zip(parameters, means) { parameter.value = mean.copied() }
    }
}
