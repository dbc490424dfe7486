import Autograd
import NeuralNetworks
import TensorCore
import TensorKernels

/// The state between steps: weights, moments, the number of the step.
final class PerceptronTraining {
    let network: PerceptronNetwork
    private let rows: TrainingRows
    private let options: TrainingOptions
    private let optimizer: Optimizer
    private let classWeights: Tensor?
    private(set) var step = 0

    init(_ rows: TrainingRows, _ task: MultilayerPerceptron.Task, _ options: TrainingOptions) {
        self.rows = rows
        self.options = options
        let context = TensorContext(threads: options.threads, level: options.level)
        let network = PerceptronNetwork(
            [rows.columns] + options.hidden + [task.outputs], options.activation, dropout: options.dropout,
            seed: options.seed, in: context)
        self.network = network
        classWeights = options.classWeights.map { weights in
            checked { () throws(TensorError) in try Tensor(weights, [weights.count], in: context) }
        }
        let rule: Optimizer.Rule =
            switch options.optimizer {
            case .adamW(let beta1, let beta2, let epsilon):
                .adamW(beta1: beta1, beta2: beta2, epsilon: epsilon)
            case .sgd(let momentum): .sgd(momentum: momentum)
            }
        // Weights decay; biases, which have one axis, do not.
        optimizer = Optimizer(
            rule, network.parameters.map { ($0, $0.value.shape.rank > 1 ? options.weightDecay : 0) })
    }

    /// One pass in the order of the epoch's permutation; the mean loss.
    func epoch(_ number: Int) throws(EstimatorError) -> Double {
        let order = RandomStream.shuffle.permutation(
            rows.count, seed: options.seed, index: UInt32(truncatingIfNeeded: number))
        var (sum, divisor) = (0.0, 0.0)
        for start in stride(from: 0, to: order.count, by: options.batchSize) {
            let batch = Array(order[start..<Swift.min(start + options.batchSize, order.count)])
            let (loss, gradients) = self.gradients(batch)
            guard loss.sum.isFinite else { throw .diverged(epoch: number, step: step) }
            sum += loss.sum
            divisor += loss.divisor
            checked { () throws(TensorError) in
                try optimizer.step(gradients, rate: options.learningRate)
            }
        }
        guard network.isFinite else { throw .diverged(epoch: number, step: step) }
        return sum / divisor
    }

    /// Begins a step: loss and gradients of these rows.
    func gradients(_ batch: [Int]) -> (loss: BatchLoss, gradients: Gradients) {
        step += 1
        return checked { () throws(TensorError) in
            let tape = Tape()
            let pass = Pass.training(tape, seed: options.seed, step: step, samples: batch)
            let loss = try batchLoss(rows, batch, pass)
            return (loss, try tape.gradients(of: loss.mean))
        }
    }

    private func batchLoss(
        _ rows: TrainingRows, _ batch: [Int], _ pass: Pass
    ) throws(TensorError) -> BatchLoss {
        let x = try Tensor(rows.gathered(batch), [batch.count, rows.columns], in: network.context)
        return try BatchLoss(
            network(Variable(x), pass), rows.targets, rows: batch, classWeights: classWeights)
    }

    func validationLoss(_ held: TrainingRows, epoch: Int) throws(EstimatorError) -> Double {
        var (sum, divisor) = (0.0, 0.0)
        for start in stride(from: 0, to: held.count, by: PerceptronNetwork.evaluationRows) {
            let batch = Array(start..<Swift.min(start + PerceptronNetwork.evaluationRows, held.count))
            let loss = checked { () throws(TensorError) in try batchLoss(held, batch, .evaluation) }
            sum += loss.sum
            divisor += loss.divisor
        }
        guard sum.isFinite else { throw .diverged(epoch: epoch, step: step) }
        return sum / divisor
    }
}
