import Autograd
import NeuralNetworks
import TensorCore

/// Dense layers, an activation and dropout behind each but the last: rows
/// [rows, inputs] to scores or values [rows, outputs].
struct PerceptronNetwork: Layer {
    /// Rows at a time where nothing is learnt; enters no result.
    static let evaluationRows = 1024

    let context: TensorContext
    let activation: MultilayerPerceptron.Activation
    let linears: [Linear]
    /// One a hidden layer, whose number it has.
    private let dropouts: [Dropout]

    private init(
        _ linears: [Linear], _ activation: MultilayerPerceptron.Activation, dropout: Double, seed: UInt64,
        in context: TensorContext
    ) {
        // Dropped elements and weights are drawn from streams of their own, so
        // each counts layers from 0.
        let initializer = Initializer(seed: seed, in: context)
        self.context = context
        self.activation = activation
        self.linears = linears
        dropouts = linears.dropLast().map { _ in Dropout(dropout, initializer) }
    }

    /// Before training. Weights are uniform, in the bound of He (2015) before a
    /// relu or gelu and of Glorot (2010) before a tanh and at the output; biases
    /// are zero.
    init(
        _ sizes: [Int], _ activation: MultilayerPerceptron.Activation, dropout: Double, seed: UInt64,
        in context: TensorContext
    ) {
        let initializer = Initializer(seed: seed, in: context)
        let linears = sizes.indices.dropLast().map { layer in
            let (inputs, outputs) = (sizes[layer], sizes[layer + 1])
            let isHidden = layer + 2 < sizes.count
            let initial = isHidden && activation != .tanh ? InitialWeights.he : .glorot
            return checked { () throws(TensorError) in
                // Numbers go to elements in the order of a file.
                let drawn = try initializer.uniform(
                    [outputs, inputs], bound: initial.bound(inputs: inputs, outputs: outputs))
                return Linear(
                    weight: Parameter(try drawn.value.transposed().copied()),
                    bias: initializer.constant(0, [outputs]), isRectified: isHidden && activation == .relu)
            }
        }
        self.init(linears, activation, dropout: dropout, seed: seed, in: context)
    }

    /// As it was trained.
    init(_ model: MultilayerPerceptron, in context: TensorContext) {
        let linears = model.layers.enumerated().map { index, layer in
            checked { () throws(TensorError) in
                let outputs = layer.biases.count
                let weights = try Tensor(
                    layer.weights, [outputs, layer.weights.count / outputs], in: context)
                return Linear(
                    weight: Parameter(try weights.transposed().copied()),
                    bias: Parameter(try Tensor(layer.biases, [outputs], in: context)),
                    isRectified: index + 1 < model.layers.count && model.activation == .relu)
            }
        }
        self.init(linears, model.activation, dropout: 0, seed: 0, in: context)
    }

    var members: [Member] { linears.enumerated().map { .module("layers.\($0)", $1) } }

    func callAsFunction(_ x: Variable, _ pass: Pass) throws(TensorError) -> Variable {
        var x = x
        for (linear, dropout) in zip(linears, dropouts) {
            x = try linear(x, pass)
            switch activation {
            // A part of the layer.
            case .relu: break
            case .gelu: x = try x.applying(.geluTanh)
            case .tanh: x = try x.applying(.tanh)
            }
            x = try dropout(x, pass)
        }
        return try linears[dropouts.count](x, pass)
    }

    /// What is learnt, as a model has it.
    var layers: [MultilayerPerceptron.Layer] {
        linears.map { linear in
            checked { () throws(TensorError) in
                MultilayerPerceptron.Layer(
                    weights: try linear.weight.value.transposed().values(),
                    biases: try linear.bias?.value.values() ?? [])
            }
        }
    }

    var isFinite: Bool {
        checked { () throws(TensorError) in
            for parameter in parameters {
                let values: [Float] = try parameter.value.values()
                if !values.allSatisfy(\.isFinite) { return false }
            }
            return true
        }
    }

    /// Class probabilities or values of rows.
    func predictions(_ x: [Float], _ task: MultilayerPerceptron.Task) -> [Float] {
        let columns = linears[0].weight.value.shape[0]
        var result: [Float] = []
        result.reserveCapacity(x.count / columns * task.outputs)
        for start in stride(from: 0, to: x.count, by: Self.evaluationRows * columns) {
            let part = Array(x[start..<Swift.min(start + Self.evaluationRows * columns, x.count)])
            result += checked { () throws(TensorError) in
                let rows = try Tensor(part, [part.count / columns, columns], in: context)
                let scores = try self(Variable(rows), .evaluation).value
                if case .classification = task { return try scores.softmax().values() }
                return try scores.values()
            }
        }
        return result
    }
}

/// What is made of tensors whose shapes and labels are known to fit; where they
/// do not, the fault is this module's.
func checked<Result>(_ work: () throws(TensorError) -> Result) -> Result {
    do { return try work() } catch { preconditionFailure("\(error)") }
}
