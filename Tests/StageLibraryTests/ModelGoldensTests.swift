import CanonicalJSON
import ContentStore
import DataFrames
import PipelineLanguage
import Platform
import Testing

@testable import StageLibrary

/// Bytes of models and reports on small real tables: what is stored under an
/// action key today must come out of it tomorrow (`expectGoldens`).
@Suite struct ModelGoldensTests {
    private let space: Workspace
    private let credit: DataFrame
    private let birds: DataFrame

    init() throws {
        space = try Workspace()
        credit = try germanCredit().gather(Array(0..<200))
        let whole = try penguins()
        birds = whole.gather((0..<whole.count).filter { $0 % 3 == 0 })
    }

    private func digest(_ places: [String]) throws -> String {
        try Digest.of(places.flatMap { try Files.read(space.place($0)) }).hex
    }

    @Test func `models keep their bytes`() throws {
        let network: JSONValue = ["estimator": "mlp", "epochs": 3, "hidden": [8, 4]]
        func with(_ members: JSONValue, _ base: JSONValue) -> JSONValue {
            .object((base.object ?? [:]).merging(members.object ?? [:]) { $1 })
        }
        let sgd: JSONValue = ["name": "sgd", "lr": 0.01, "momentum": 0.9, "weight_decay": 0.001]
        let cases: [(name: String, with: JSONValue)] = [
            ("logistic", ["estimator": "logistic"]),
            (
                "logistic c max_iter tol balanced",
                ["estimator": "logistic", "c": 0.1, "max_iter": 50, "tol": 1e-6, "class_weight": "balanced"]
            ),
            (
                "mlp relu adamw",
                with(["activation": "relu", "optimizer": ["name": "adamw", "lr": 0.003]], network)
            ),
            ("mlp gelu dropout", with(["activation": "gelu", "dropout": 0.25], network)),
            ("mlp tanh batch_size", with(["activation": "tanh", "batch_size": 7], network)),
            ("mlp sgd momentum weight_decay", with(["optimizer": sgd], network)),
            ("mlp balanced patience", with(["class_weight": "balanced", "patience": 1], network)),
        ]
        var digests: [(name: String, digest: String)] = []
        for (table, rows) in [("german_credit", credit), ("penguins", birds)] {
            let transform = try table == "penguins" ? penguinTransform(on: rows) : creditTransform(on: rows)
            for (name, with) in cases {
                try space.train(
                    with, rows, transform,
                    validation: with["patience"] == nil ? nil : rows.gather(Array(0..<40)))
                digests.append(
                    (
                        "\(table): \(name)",
                        try digest(["model/model.json", "model/weights.safetensors", "curve.arrow"])
                    ))
            }
        }
        try expectGoldens("train.model", digests)
    }

    @Test func `metrics, reports and predictions keep their bytes`() throws {
        var digests: [(name: String, digest: String)] = []
        func judge(_ name: String, _ with: JSONValue, _ rows: DataFrame) throws {
            try space.evaluate(with, rows)
            for (port, file) in [
                ("report", "report.html"), ("metrics", "metrics.json"), ("predictions", "predictions.arrow"),
            ] { digests.append(("\(name): \(port)", try digest([file]))) }
        }
        try space.train(["estimator": "logistic"], credit, creditTransform(on: credit))
        try judge("german_credit", [:], credit)
        try judge(
            "german_credit, positive bad, threshold 0.3", ["positive": "bad", "threshold": 0.3], credit)
        try judge("german_credit, one class", [:], credit.gather([0, 2]))
        try space.train(["estimator": "mlp", "epochs": 3], birds, penguinTransform(on: birds))
        try judge("penguins", [:], birds)
        try expectGoldens("evaluate.model", digests)
    }
}
