/// Why a model cannot be fitted, applied or read.
public enum EstimatorError: Error, Equatable, Sendable, CustomStringConvertible {
    case shape(values: Int, rows: Int, columns: Int)
    case noRows
    case columns(Int, expected: Int)
    case targets(Int, rows: Int)
    case label(Int, row: Int, classes: Int)
    case missingClass(Int)
    case notFinite(row: Int, column: Int)
    case targetNotFinite(row: Int)
    /// What is computed of the values is beyond all numbers.
    case tooLarge
    case notConverged(iterations: Int, gradient: Double)
    case option(String, value: String, expected: String)
    case noTerms(learned: Int, texts: Int)
    case unseenLevel(String)
    case patienceWithoutValidation
    /// Epoch and step count from 1, steps over all epochs.
    case diverged(epoch: Int, step: Int)
    case architecture(key: String, expected: String)
    case missingTensor(String)
    case unknownTensor(String)
    case tensorShape(String, shape: [Int], expected: [Int])
    case tensorValues(String, values: Int, expected: Int)
    case tensorNotFinite(String, index: Int)

    public var description: String {
        switch self {
        case .shape(let values, let rows, let columns):
            "a matrix of \(rows) rows and \(columns) columns needs \(rows * columns) values; got \(values)"
        case .noRows: "there is no row to train on"
        case .columns(let columns, let expected): "\(columns) columns where training had \(expected)"
        case .targets(let targets, let rows): "\(rows) rows need \(rows) targets an output; got \(targets)"
        case .label(let label, let row, let classes):
            "row \(row) has label \(label); labels must be in [0, \(classes))"
        case .missingClass(let label): "no row has label \(label)"
        case .notFinite(let row, let column): "the value in row \(row), column \(column) is not finite"
        case .targetNotFinite(let row): "the target of row \(row) is not finite"
        case .tooLarge: "the values are too large to compute with; scale the columns first"
        case .notConverged(let iterations, let gradient):
            "not converged after \(iterations) iterations: gradient norm \(gradient)"
        case .option(let name, let value, let expected): "\(name) is \(value); it must be \(expected)"
        case .noTerms(let learned, let texts):
            learned == 0
                ? "the \(texts) texts hold no term of the wanted kind and length"
                : "each of the \(learned) terms is in too few or too many of the \(texts) texts; lower min_df or raise "
                    + "max_df"
        case .unseenLevel(let level):
            "level '\(level)' was not there when the encoder was fitted; say what an unknown level becomes"
        case .patienceWithoutValidation: "stopping early needs validation rows"
        case .diverged(let epoch, let step):
            "training diverged in epoch \(epoch), at step \(step): loss or weights are not finite; scale the "
                + "columns or lower the learning rate"
        case .architecture(let key, let expected): "'\(key)' of the model's description must be \(expected)"
        case .missingTensor(let name): "the model's weights have no tensor '\(name)'"
        case .unknownTensor(let name):
            "the model's weights have a tensor '\(name)' that its description lacks"
        case .tensorShape(let name, let shape, let expected):
            "tensor '\(name)' has shape \(shape); the model's description needs \(expected)"
        case .tensorValues(let name, let values, let expected):
            "tensor '\(name)' holds \(values) values; its shape needs \(expected)"
        case .tensorNotFinite(let name, let index): "element \(index) of tensor '\(name)' is not finite"
        }
    }
}
