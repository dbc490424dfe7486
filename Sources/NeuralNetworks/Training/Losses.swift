public import Autograd
public import TensorCore

extension Variable {
    /// The mean cross-entropy of rows of scores with their labels; with class
    /// weights the weighted mean, as PyTorch has it.
    public func crossEntropy(_ labels: Labels) throws(TensorError) -> Variable {
        let losses = try crossEntropies(labels)
        guard let weights = labels.weights else { return try losses.mean() }
        let table: [Float] = try weights.values()
        let classes: [Int32] = try labels.classes.values()
        let total = classes.reduce(0.0) { $0 + Double(table[Int($1)]) }
        return try losses.sum().scaled(by: Float(1 / total))
    }

    /// The mean loss of all elements.
    public func loss(_ loss: ElementLoss, _ targets: Tensor) throws(TensorError) -> Variable {
        try losses(loss, targets).mean()
    }
}
