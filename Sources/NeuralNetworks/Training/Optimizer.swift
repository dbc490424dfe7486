public import Autograd
import CTensorKernels
public import TensorCore
import TensorKernels

/// Moves parameters along their gradients, each in one pass over its memory.
///
/// The rules are those of PyTorch's optimizers of the same names, with its order
/// of decay and momentum.
public final class Optimizer {
    public enum Rule: Sendable, Equatable {
        /// w -= rate (g + decay w); with momentum v = momentum v + g, and along v
        /// (Polyak 1964), or ahead of it (Sutskever et al. 2013).
        case sgd(momentum: Float = 0, nesterov: Bool = false)
        /// Kingma and Ba 2015; decay is added to the gradient.
        case adam(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8)
        /// Loshchilov and Hutter 2019; decay is apart from the gradient.
        case adamW(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8)
        /// Tieleman and Hinton 2012.
        case rmsProp(beta: Float = 0.99, epsilon: Float = 1e-8)
    }

    /// A parameter and what pulls it to zero.
    private struct Group {
        let parameter: Parameter
        let decay: Float
        /// First and second moments, or the velocity; made at the first step.
        var first: Tensor?
        var second: Tensor?
        /// beta1 and beta2 to the number of this parameter's steps.
        var powers = (1.0, 1.0)

        /// What moments are multiplied by since they began at zero.
        mutating func corrections(_ beta1: Float, _ beta2: Float) -> (Float, Float) {
            powers.0 *= Double(beta1)
            powers.1 *= Double(beta2)
            return (Float(1 / (1 - powers.0)), Float(1 / (1 - powers.1)))
        }
    }

    public let rule: Rule
    /// Steps taken.
    public private(set) var step = 0
    private var groups: [Group]

    /// - Parameter decay: Weight decay of every parameter.
    public convenience init(_ rule: Rule, _ parameters: [Parameter], decay: Float = 0) {
        self.init(rule, parameters.map { ($0, decay) })
    }

    /// - Parameter parameters: Each with its own weight decay.
    public init(_ rule: Rule, _ parameters: [(Parameter, decay: Float)]) {
        self.rule = rule
        groups = parameters.map { Group(parameter: $0, decay: $1) }
    }

    /// A step; parameters without a gradient stay as they are.
    public func step(_ gradients: Gradients, rate: Float) throws(TensorError) {
        step += 1
        for index in groups.indices {
            guard let gradient = gradients[groups[index].parameter] else { continue }
            try update(&groups[index], gradient, rate)
        }
    }

    private func update(_ group: inout Group, _ gradient: Tensor, _ rate: Float) throws(TensorError) {
        let (parameter, decay) = (group.parameter, group.decay)
        let kernels = parameter.value.context.kernels
        switch rule {
        case .sgd(let momentum, _) where momentum == 0:
            try parameter.value.update(with: gradient) { kernels.sgd($0, $1, $2, rate, decay) }
        case .sgd(let momentum, let nesterov):
            try parameter.value.update(with: gradient, &group.first) {
                kernels.momentum($0, $1, $2, $3, rate, momentum, decay, nesterov ? 1 : 0)
            }
        case .rmsProp(let beta, let epsilon):
            try parameter.value.update(with: gradient, &group.first) {
                kernels.rmsProp($0, $1, $2, $3, rate, beta, epsilon, decay)
            }
        case .adam(let beta1, let beta2, let epsilon):
            let (c1, c2) = group.corrections(beta1, beta2)
            try parameter.value.update(with: gradient, &group.first, &group.second) {
                kernels.adam($0, $1, $2, $3, $4, rate, beta1, beta2, epsilon, decay, c1, c2)
            }
        case .adamW(let beta1, let beta2, let epsilon):
            let (c1, c2) = group.corrections(beta1, beta2)
            try parameter.value.update(with: gradient, &group.first, &group.second) {
                kernels.adamW($0, $1, $2, $3, $4, rate, beta1, beta2, epsilon, decay, c1, c2)
            }
        }
    }
}
