public import Autograd
public import TensorCore

extension Gradients {
    /// The norm of all gradients together: squares in blocks of 4096 elements, in the
    /// order of parameters, added in double (docs: numerics, rule 10).
    public func norm(of parameters: [Parameter]) throws(TensorError) -> Double {
        var sum = 0.0
        for parameter in parameters {
            if let slope = self[parameter] { sum += try slope.sumOfSquares() }
        }
        return sum.squareRoot()
    }

    /// Scales all gradients so that their norm is at most `limit`.
    ///
    /// - Returns: The norm before.
    @discardableResult
    public mutating func clip(
        norm limit: Double, of parameters: [Parameter]
    ) throws(TensorError) -> Double {
        let norm = try norm(of: parameters)
        // As PyTorch's clip_grad_norm_ has it.
        let factor = limit / (norm + 1e-6)
        guard factor < 1 else { return norm }
        for parameter in parameters {
            if let slope = self[parameter] { self[parameter] = try slope.scaled(by: Float(factor)) }
        }
        return norm
    }
}
