import Charts
import Diagnostics
import Estimators
import TableTypes

extension TrainedModel {
    /// A dense layer as a summary and a report name it.
    struct LayerRow: Hashable {
        var inputs: Int
        var outputs: Int
        /// What follows it.
        var activation: String

        var parameters: Int { (inputs + 1) * outputs }
    }

    var layerRows: [LayerRow] {
        switch estimator {
        case .logistic(let model):
            let isBinary = model.intercepts.count == 1
            return [
                LayerRow(
                    inputs: model.coefficients[0].count, outputs: model.intercepts.count,
                    activation: isBinary ? "sigmoid" : "softmax")
            ]
        case .mlp(let model):
            let sizes = [model.inputs] + model.hidden + [model.task.outputs]
            return model.layers.indices.map { index in
                LayerRow(
                    inputs: sizes[index], outputs: sizes[index + 1],
                    activation: index + 1 < model.layers.count ? model.activation.rawValue : "softmax")
            }
        }
    }

    /// As a person calls the estimator.
    var estimatorTitle: String {
        switch estimator {
        case .logistic: "logistic regression"
        case .mlp: "multilayer perceptron"
        }
    }

    var parameterCount: Int { layerRows.reduce(0) { $0 + $1.parameters } }

    /// What the model is, in lines of a name and a value: for `sluice show`.
    public var summary: String {
        let layers = layerRows.map { layer in
            "\(layer.inputs) -> \(layer.outputs) \(layer.activation), "
                + "\(NumberText.count(layer.parameters)) parameters"
        }
        let counts = zip(classes, classCounts).map { "\($0): \(NumberText.count($1))" }
        var lines = [
            ("estimator", "\(estimatorTitle), \(NumberText.count(parameterCount)) parameters"),
            ("target", "\(target) (\(targetType.rawValue)), \(classes.count) classes"),
            ("inputs", "\(inputs.columns.count) columns: \(listing(inputs.names))"),
            ("features", "\(transform.outputNames.count) numbers"),
            ("layers", layers.joined(separator: "\n            ")),
            ("trained on", "\(NumberText.count(trainingRows)) rows: \(listing(counts))"),
            ("loss", NumberText.fixed(trainingLoss, 4)),
        ]
        if let seed { lines.append(("seed", "\(seed)")) }
        return lines.map { name, value in
            name + String(repeating: " ", count: 12 - name.utf8.count) + value + "\n"
        }.joined()
    }
}
