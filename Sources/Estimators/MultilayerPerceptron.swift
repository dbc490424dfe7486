import TensorCore
public import TensorKernels

/// A network of dense layers with one activation between them: softmax and
/// cross-entropy over classes, or mean squared error over values.
///
/// Float32 on the tensor kernels: the same input, options and seed give the
/// same bits on every kernel level and for any number of threads.
public struct MultilayerPerceptron: Sendable, Equatable {
    public enum Activation: String, Sendable, CaseIterable {
        case relu
        /// `x sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3))`, the tanh form of
        /// Hendrycks and Gimpel, "Gaussian error linear units", 2016.
        case gelu
        case tanh
    }

    public enum Task: Sendable, Equatable {
        /// One output a class; two classes have two.
        case classification(classes: Int)
        case regression(outputs: Int)

        public var outputs: Int {
            switch self {
            case .classification(let classes): classes
            case .regression(let outputs): outputs
            }
        }
    }

    /// y = x W^T + b
    public struct Layer: Sendable, Equatable {
        /// outputs x inputs, row by row.
        public let weights: [Float]
        /// One an output.
        public let biases: [Float]
    }

    public let inputs: Int
    public let hidden: [Int]
    public let activation: Activation
    public let task: Task
    /// One more than `hidden`.
    public let layers: [Layer]

    /// Class probabilities (N x classes) or predicted values (N x outputs) of
    /// N x `inputs` values. A row's result does not depend on the other rows.
    ///
    /// - Throws: `EstimatorError.columns`, `.notFinite`, `.shape`.
    public func predictions(
        _ x: [Float], columns: Int, level: KernelLevel = .current, threads: Int = 1
    ) throws(EstimatorError) -> [Float] {
        guard columns == inputs else { throw .columns(columns, expected: inputs) }
        guard x.count % columns == 0 else {
            throw .shape(values: x.count, rows: x.count / columns, columns: columns)
        }
        if let bad = x.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: bad / columns, column: bad % columns)
        }
        let network = PerceptronNetwork(self, in: TensorContext(threads: threads, level: level))
        return network.predictions(x, task)
    }
}
