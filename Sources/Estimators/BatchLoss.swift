import Autograd
import NeuralNetworks
import TensorCore

/// How far a network is off on some rows: cross-entropy, weighted by class, or
/// squared error.
struct BatchLoss {
    /// Over rows and outputs, one after another in double.
    let sum: Double
    /// The rows' weights, or how many values there are.
    let divisor: Double
    /// The quotient of the two in single precision: what is differentiated.
    let mean: Variable

    /// - Parameters:
    ///   - scores: Of the rows, before any softmax.
    ///   - classWeights: One a class; nil for 1.
    init(
        _ scores: Variable, _ targets: Targets, rows: [Int], classWeights: Tensor?
    ) throws(TensorError) {
        let context = scores.value.context
        let losses: Variable
        switch targets {
        case .labels(let labels):
            let classes = rows.map { Int32(labels[$0]) }
            losses = try scores.crossEntropies(
                Labels(Tensor(classes, [classes.count], in: context), weights: classWeights))
            let terms: [Float] = try losses.value.values()
            sum = terms.reduce(0) { $0 + Double($1) }
            let weights: [Float]? = try classWeights?.values()
            divisor =
                weights.map { weights in classes.reduce(0) { $0 + Double(weights[Int($1)]) } }
                ?? Double(classes.count)
        case .values(let wanted):
            let outputs = scores.shape[1]
            let targets = rows.flatMap { wanted[$0 * outputs..<($0 + 1) * outputs] }
            losses = try scores.losses(.squared, Tensor(targets, scores.shape, in: context))
            // Squares of single precision would overflow long before the weights do.
            let values: [Float] = try scores.value.values()
            sum = zip(values, targets).reduce(0) { sum, pair in
                let error = Double(pair.0 - pair.1)
                return sum + error * error
            }
            divisor = Double(targets.count)
        }
        mean = try losses.sum().scaled(by: Float(1 / divisor))
    }
}
