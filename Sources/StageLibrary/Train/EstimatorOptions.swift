import CanonicalJSON
import Estimators
import PipelineLanguage

/// What `train.model` is asked to train: the decoded `with`, with what is left
/// out at the estimator's own default. The defaults stand here and not in the
/// declaration, so that a parameter of the other estimator can be told from one
/// that nobody wrote.
enum EstimatorOptions: Sendable {
    case logistic(c: Double, tolerance: Double, iterationLimit: Int)
    case mlp(TrainingOptions)

    static let names = ["logistic", "mlp"]
    /// Parameters of one estimator alone.
    private static let own = [
        "logistic": ["c", "max_iter", "tol"],
        "mlp": ["activation", "batch_size", "dropout", "epochs", "hidden", "optimizer", "patience"],
    ]

    /// - Parameter with: Of the declared form, which the decoder sees to.
    init(_ with: JSONValue) {
        if with["estimator"] == "logistic" {
            self = .logistic(
                c: with["c"]?.number ?? 1, tolerance: with["tol"]?.number ?? 1e-8,
                iterationLimit: with["max_iter"]?.integer.map { Int($0) } ?? 100)
            return
        }
        var options = TrainingOptions()
        if let hidden = with["hidden"]?.array {
            options.hidden = hidden.compactMap { $0.integer.map { Int($0) } }
        }
        if let word = with["activation"]?.string.flatMap(MultilayerPerceptron.Activation.init) {
            options.activation = word
        }
        if let dropout = with["dropout"]?.number { options.dropout = dropout }
        if let epochs = with["epochs"]?.integer { options.epochs = Int(epochs) }
        if let rows = with["batch_size"]?.integer { options.batchSize = Int(rows) }
        options.patience = with["patience"]?.integer.map { Int($0) }
        let optimizer = with["optimizer"]
        let isSGD = optimizer?["name"] == "sgd"
        if isSGD { options.optimizer = .sgd(momentum: Float(optimizer?["momentum"]?.number ?? 0)) }
        options.learningRate = Float(optimizer?["lr"]?.number ?? 0.001)
        options.weightDecay = Float(optimizer?["weight_decay"]?.number ?? (isSGD ? 0 : 0.01))
        self = .mlp(options)
    }

    /// What of `with` does not go together, each with its place.
    static func findings(_ with: JSONValue, hasValidation: Bool) -> [(ModelFinding, path: [String])] {
        guard let estimator = with["estimator"]?.string, names.contains(estimator) else { return [] }
        var findings: [(ModelFinding, path: [String])] = []
        for owner in names where owner != estimator {
            for name in own[owner] ?? [] where with[name] != nil {
                findings.append(
                    (.foreignParameter(name, owner: owner, estimator: estimator), [name]))
            }
        }
        guard estimator == "mlp" else { return findings }
        let optimizer = with["optimizer"]
        if optimizer?["momentum"] != nil, optimizer?["name"] != "sgd" {
            findings.append(
                (
                    .momentumWithoutSGD(optimizer?["name"]?.string ?? "adamw"),
                    ["optimizer", "momentum"]
                ))
        }
        if with["patience"] != nil, !hasValidation {
            findings.append((.patienceWithoutValidation, ["patience"]))
        }
        return findings
    }

    /// All of them, for `model.json`.
    func json(classWeights: [Double]?) -> JSONValue {
        var json: JSONValue
        switch self {
        case .logistic(let c, let tolerance, let iterationLimit):
            json = [
                "c": .number(c), "tol": .number(tolerance), "max_iter": .integer(Int64(iterationLimit)),
            ]
        case .mlp(let options):
            json = [
                "hidden": .array(options.hidden.map { .integer(Int64($0)) }),
                "activation": .string(options.activation.rawValue), "dropout": .number(options.dropout),
                "epochs": .integer(Int64(options.epochs)), "batch_size": .integer(Int64(options.batchSize)),
            ]
            json["patience"] = options.patience.map { .integer(Int64($0)) }
            var optimizer: JSONValue = [
                "lr": Self.decimal(options.learningRate), "weight_decay": Self.decimal(options.weightDecay),
            ]
            switch options.optimizer {
            case .adamW: optimizer["name"] = "adamw"
            case .sgd(let momentum):
                optimizer["name"] = "sgd"
                optimizer["momentum"] = Self.decimal(momentum)
            }
            json["optimizer"] = optimizer
        }
        json["class_weight"] = classWeights.map { .array($0.map(JSONValue.number)) }
        return json
    }

    /// 0.003 and not the double that the float 0.003 is.
    private static func decimal(_ value: Float) -> JSONValue { .number(Double("\(value)") ?? Double(value)) }
}
