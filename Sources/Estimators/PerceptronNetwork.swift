import CTensorKernels
import TensorKernels

/// A network's weights and the room for one batch: forward, loss, backward.
///
/// Order of every sum: products as the kernels declare; weight and bias
/// gradients over the rows of the batch in their order (one segment); the loss
/// row by row in double.
final class PerceptronNetwork {
    /// Rows at a time where nothing is learnt; enters no result.
    static let evaluationRows = 1024

    let sizes: [Int]
    let activation: MultilayerPerceptron.Activation
    let task: MultilayerPerceptron.Task
    let capacity: Int
    let products: MatrixProducts
    let weights: [FloatBuffer]
    let biases: [FloatBuffer]
    let weightGradients: [FloatBuffer]
    let biasGradients: [FloatBuffer]
    /// The batch and what each layer makes of it; the last holds probabilities
    /// or values.
    let values: [FloatBuffer]
    /// d output / d input of each hidden activation, dropout included.
    private let slopes: [FloatBuffer]
    /// d loss / d (x W^T + b) of each layer.
    private let deltas: [FloatBuffer]
    private let logs: FloatBuffer
    private let ones: FloatBuffer

    init(
        sizes: [Int], activation: MultilayerPerceptron.Activation, task: MultilayerPerceptron.Task,
        capacity: Int, products: MatrixProducts
    ) {
        self.sizes = sizes
        self.activation = activation
        self.task = task
        self.capacity = capacity
        self.products = products
        let pairs = Array(zip(sizes, sizes.dropFirst()))
        weights = pairs.map { FloatBuffer($0 * $1) }
        weightGradients = pairs.map { FloatBuffer($0 * $1) }
        biases = pairs.map { FloatBuffer($1) }
        biasGradients = pairs.map { FloatBuffer($1) }
        values = sizes.map { FloatBuffer(capacity * $0) }
        slopes = pairs.map { FloatBuffer(capacity * $1) }
        deltas = pairs.map { FloatBuffer(capacity * $1) }
        logs = FloatBuffer(capacity * sizes[sizes.count - 1])
        ones = FloatBuffer([Float](repeating: 1, count: capacity))
    }

    convenience init(_ model: MultilayerPerceptron, capacity: Int, products: MatrixProducts) {
        self.init(
            sizes: [model.inputs] + model.hidden + [model.task.outputs], activation: model.activation,
            task: model.task, capacity: capacity, products: products)
        set(model.layers)
    }

    var layers: [MultilayerPerceptron.Layer] {
        weights.indices.map { .init(weights: weights[$0].values, biases: biases[$0].values) }
    }

    func set(_ layers: [MultilayerPerceptron.Layer]) {
        for (index, layer) in layers.enumerated() {
            weights[index].set(layer.weights)
            biases[index].set(layer.biases)
        }
    }

    var isFinite: Bool {
        (weights + biases).allSatisfy { buffer in
            UnsafeBufferPointer(start: buffer.base, count: buffer.count).allSatisfy(\.isFinite)
        }
    }

    /// Uniform, in the bound of He (2015) before a relu or gelu and of Glorot
    /// (2010) before a tanh and at the output; biases zero.
    func initialise(seed: UInt64) {
        let philox = Philox(seed: seed)
        for layer in weights.indices {
            let (fanIn, fanOut) = (sizes[layer], sizes[layer + 1])
            let isHe = layer + 1 < weights.count && activation != .tanh
            let bound = (6 / Float(isHe ? fanIn : fanIn + fanOut)).squareRoot()
            for index in 0..<fanIn * fanOut {
                let words = philox(
                    SIMD4(
                        UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32),
                        UInt32(truncatingIfNeeded: layer), RandomStream.initialWeight.rawValue))
                weights[layer].base[index] = bound * (Float(words[0] >> 8) / 8_388_608 - 1)
            }
            for index in 0..<fanOut { biases[layer].base[index] = 0 }
        }
    }

    /// From `values[0]` to the last; without `dropout` nothing is dropped.
    func forward(rows: Int, dropout: Dropout? = nil) {
        let kernels = products.kernels
        for layer in weights.indices {
            let (inputs, outputs) = (sizes[layer], sizes[layer + 1])
            let out = values[layer + 1].base
            products(
                out, .init(values[layer].base, row: inputs, column: 1),
                .init(weights[layer].base, row: 1, column: inputs), m: rows, n: outputs, k: inputs)
            guard layer + 1 < weights.count else {
                kernels.biasActivation(out, biases[layer].base, rows, outputs, 0)
                if case .classification = task {
                    kernels.logSoftmax(logs.base, out, rows, outputs)
                    kernels.softmax(out, out, rows, outputs)
                }
                return
            }
            kernels.biasActivation(out, biases[layer].base, rows, outputs, activation == .relu ? 1 : 0)
            activate(out, slopes[layer].base, deltas[layer].base, rows * outputs)
            dropout?.apply(out, slopes[layer].base, layer: layer, rows: rows, columns: outputs)
        }
    }

    /// `x` becomes its activation and `slope` the derivative there; a relu has
    /// been applied by the bias kernel. This code is compiled once, for no
    /// level, and `*` and `+` are never fused, so the bits are one level's.
    private func activate(
        _ x: UnsafeMutablePointer<Float>, _ slope: UnsafeMutablePointer<Float>,
        _ scratch: UnsafeMutablePointer<Float>, _ count: Int
    ) {
        switch activation {
        case .relu:
            for i in 0..<count { slope[i] = x[i] > 0 ? 1 : 0 }
        case .tanh:
            for i in 0..<count { scratch[i] = 2 * x[i] }
            products.kernels.sigmoid(slope, scratch, count)
            for i in 0..<count {
                let y = 2 * slope[i] - 1
                x[i] = y
                slope[i] = 1 - y * y
            }
        case .gelu:
            // 2 sqrt(2/pi)
            let scale: Float = 1.595_769_1
            let cubic: Float = 0.044_715
            for i in 0..<count { scratch[i] = scale * (x[i] + cubic * (x[i] * x[i] * x[i])) }
            products.kernels.sigmoid(slope, scratch, count)
            for i in 0..<count {
                let s = slope[i]
                let spread = s * (1 - s)
                // A saturated sigmoid is flat however steep its argument.
                let bend = spread == 0 ? 0 : x[i] * spread * (scale * (1 + 3 * cubic * (x[i] * x[i])))
                x[i] *= s
                slope[i] = s + bend
            }
        }
    }

    /// Loss of the rows just put through `forward`: the sum and its divisor.
    /// With `wantsGradient`, `deltas` of the last layer follow.
    func loss(_ targets: Targets, rows: [Int], weights: [Float]?, wantsGradient: Bool) -> (Double, Double) {
        let outputs = sizes[sizes.count - 1]
        let out = values[values.count - 1].base
        let delta = deltas[deltas.count - 1].base
        var sum = 0.0
        var divisor = 0.0
        switch targets {
        case .labels(let labels):
            for (place, row) in rows.enumerated() {
                let weight = Double(weights?[labels[row]] ?? 1)
                sum -= weight * Double(logs.base[place * outputs + labels[row]])
                divisor += weight
            }
            guard wantsGradient else { break }
            for (place, row) in rows.enumerated() {
                let factor = Float(Double(weights?[labels[row]] ?? 1) / divisor)
                for j in 0..<outputs {
                    let p = out[place * outputs + j]
                    delta[place * outputs + j] = factor * (j == labels[row] ? p - 1 : p)
                }
            }
        case .values(let wanted):
            divisor = Double(rows.count * outputs)
            let factor = Float(2 / divisor)
            for (place, row) in rows.enumerated() {
                for j in 0..<outputs {
                    let error = out[place * outputs + j] - wanted[row * outputs + j]
                    sum += Double(error) * Double(error)
                    if wantsGradient { delta[place * outputs + j] = factor * error }
                }
            }
        }
        return (sum, divisor)
    }

    /// Gradients of all weights and biases from the last layer's `deltas`.
    func backward(rows: Int) {
        for layer in weights.indices.reversed() {
            let (inputs, outputs) = (sizes[layer], sizes[layer + 1])
            let delta = deltas[layer].base
            products(
                weightGradients[layer].base, .init(delta, row: 1, column: outputs),
                .init(values[layer].base, row: inputs, column: 1), m: outputs, n: inputs, k: rows)
            products(
                biasGradients[layer].base, .init(ones.base, row: rows, column: 1),
                .init(delta, row: outputs, column: 1), m: 1, n: outputs, k: rows)
            guard layer > 0 else { return }
            let below = deltas[layer - 1].base
            products(
                below, .init(delta, row: outputs, column: 1),
                .init(weights[layer].base, row: inputs, column: 1), m: rows, n: inputs, k: outputs)
            let slope = slopes[layer - 1].base
            for i in 0..<rows * inputs { below[i] *= slope[i] }
        }
    }

    /// Copies rows of x into the batch.
    func load(_ x: [Float], rows: [Int]) {
        let columns = sizes[0]
        x.withUnsafeBufferPointer { source in
            for (place, row) in rows.enumerated() {
                for j in 0..<columns { values[0].base[place * columns + j] = source[row * columns + j] }
            }
        }
    }

    func predictions(_ x: [Float]) -> [Float] {
        let count = x.count / sizes[0]
        let outputs = sizes[sizes.count - 1]
        var result: [Float] = []
        result.reserveCapacity(count * outputs)
        for start in stride(from: 0, to: count, by: Swift.max(capacity, 1)) {
            let rows = Array(start..<Swift.min(start + capacity, count))
            load(x, rows: rows)
            forward(rows: rows.count)
            result += UnsafeBufferPointer(start: values[values.count - 1].base, count: rows.count * outputs)
        }
        return result
    }
}

/// Which elements a step drops: a word of Philox for each, by its row's number
/// in the data, so neither batch nor place has a part in it.
struct Dropout {
    let philox: Philox
    let step: Int
    let rows: [Int]
    /// Words below are dropped.
    let threshold: UInt32
    let scale: Float

    init?(_ chance: Double, seed: UInt64, step: Int, rows: [Int]) {
        guard chance > 0 else { return nil }
        philox = Philox(seed: seed)
        self.step = step
        self.rows = rows
        threshold = UInt32(chance * 4_294_967_296)
        scale = Float(1 / (1 - chance))
    }

    func apply(
        _ x: UnsafeMutablePointer<Float>, _ slope: UnsafeMutablePointer<Float>, layer: Int, rows count: Int,
        columns: Int
    ) {
        for place in 0..<count {
            for start in stride(from: 0, to: columns, by: 4) {
                let words = philox(
                    SIMD4(
                        UInt32(truncatingIfNeeded: start / 4), UInt32(truncatingIfNeeded: rows[place]),
                        UInt32(truncatingIfNeeded: step),
                        RandomStream.dropout.rawValue | UInt32(truncatingIfNeeded: layer) << 8))
                for j in start..<Swift.min(start + 4, columns) {
                    let factor = words[j - start] < threshold ? 0 : scale
                    x[place * columns + j] *= factor
                    slope[place * columns + j] *= factor
                }
            }
        }
    }
}
