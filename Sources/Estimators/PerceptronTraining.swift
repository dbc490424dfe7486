import CTensorKernels
import TensorKernels

/// The state between steps: weights, moments, the number of the step.
final class PerceptronTraining {
    let network: PerceptronNetwork
    private let rows: TrainingRows
    private let options: TrainingOptions
    /// First and second moments, or the velocity; weights and biases in turn.
    private let firsts: [FloatBuffer]
    private let seconds: [FloatBuffer]
    /// beta^step
    private var powers = (1.0, 1.0)
    private(set) var step = 0

    init(
        _ rows: TrainingRows, _ task: MultilayerPerceptron.Task, _ options: TrainingOptions,
        grain: Int = 1 << 23
    ) {
        self.rows = rows
        self.options = options
        network = PerceptronNetwork(
            sizes: [rows.columns] + options.hidden + [task.outputs], activation: options.activation,
            task: task, capacity: Swift.min(options.batchSize, rows.count),
            products: MatrixProducts(level: options.level, threads: options.threads, grain: grain))
        network.initialise(seed: options.seed)
        let parameters = zip(network.weights, network.biases).flatMap { [$0, $1] }
        firsts = parameters.map { FloatBuffer($0.count) }
        seconds = parameters.map { FloatBuffer($0.count) }
    }

    /// One pass in the order of the epoch's permutation; the mean loss.
    func epoch(_ number: Int) throws(EstimatorError) -> Double {
        let order = RandomStream.shuffle.permutation(
            rows.count, seed: options.seed, index: UInt32(truncatingIfNeeded: number))
        var (sum, divisor) = (0.0, 0.0)
        for start in stride(from: 0, to: order.count, by: options.batchSize) {
            let batch = Array(order[start..<Swift.min(start + options.batchSize, order.count)])
            let loss = gradient(batch)
            guard loss.sum.isFinite else { throw .diverged(epoch: number, step: step) }
            sum += loss.sum
            divisor += loss.divisor
            update()
        }
        guard network.isFinite else { throw .diverged(epoch: number, step: step) }
        return sum / divisor
    }

    /// Begins a step: loss and gradients of these rows.
    func gradient(_ batch: [Int]) -> (sum: Double, divisor: Double) {
        step += 1
        network.load(rows.x, rows: batch)
        network.forward(
            rows: batch.count,
            dropout: Dropout(options.dropout, seed: options.seed, step: step, rows: batch))
        let loss = network.loss(
            rows.targets, rows: batch, weights: options.classWeights, wantsGradient: true)
        network.backward(rows: batch.count)
        return loss
    }

    /// Ends a step: moves weights and biases along the gradients.
    func update() {
        let kernels = network.products.kernels
        if case .adamW(let beta1, let beta2, _) = options.optimizer {
            powers.0 *= Double(beta1)
            powers.1 *= Double(beta2)
        }
        for layer in network.weights.indices {
            for isBias in [false, true] {
                let weights = isBias ? network.biases[layer] : network.weights[layer]
                let gradients = isBias ? network.biasGradients[layer] : network.weightGradients[layer]
                let place = 2 * layer + (isBias ? 1 : 0)
                let decay = isBias ? 0 : options.weightDecay
                switch options.optimizer {
                case .adamW(let beta1, let beta2, let epsilon):
                    kernels.adamW(
                        weights.base, firsts[place].base, seconds[place].base, gradients.base, weights.count,
                        options.learningRate, beta1, beta2, epsilon, decay, Float(1 / (1 - powers.0)),
                        Float(1 / (1 - powers.1)))
                case .sgd(let momentum):
                    if decay > 0 { kernels.axpy(gradients.base, weights.base, decay, weights.count) }
                    let velocity = firsts[place].base
                    for i in 0..<weights.count { velocity[i] = momentum * velocity[i] + gradients.base[i] }
                    kernels.axpy(weights.base, velocity, -options.learningRate, weights.count)
                }
            }
        }
    }

    func validationLoss(_ held: TrainingRows, epoch: Int) throws(EstimatorError) -> Double {
        var (sum, divisor) = (0.0, 0.0)
        for start in stride(from: 0, to: held.count, by: network.capacity) {
            let batch = Array(start..<Swift.min(start + network.capacity, held.count))
            network.load(held.x, rows: batch)
            network.forward(rows: batch.count)
            let loss = network.loss(
                held.targets, rows: batch, weights: options.classWeights, wantsGradient: false)
            sum += loss.0
            divisor += loss.1
        }
        guard sum.isFinite else { throw .diverged(epoch: epoch, step: step) }
        return sum / divisor
    }
}
