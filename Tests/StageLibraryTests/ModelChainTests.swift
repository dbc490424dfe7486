import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import Platform
import TableTypes
import Testing

@testable import StageLibrary

extension Workspace {
    /// Runs a kind from the catalog, its outputs at `STAGE.PORT`.
    func run(
        _ stage: String, _ kind: String, _ with: JSONValue, _ inputs: [(port: String, artifact: String)],
        threads: Int = 1
    ) throws {
        let kind = try #require(StageLibrary.catalog[kind])
        var outputs: [String: String] = [:]
        for port in kind.outputs {
            outputs[port.name] = place("\(stage).\(port.name)")
            if port.type == .model { try Files.makeDirectories(place("\(stage).\(port.name)")) }
        }
        let artifacts = try inputs.map { input in
            let port = try #require(kind.inputs.first { $0.name == input.port })
            return StageRun.Artifact(
                port: port.name, type: port.type, path: place(input.artifact),
                basename: input.artifact)
        }
        try kind.run(
            StageRun(parameters: with, seed: 7, threads: threads, inputs: artifacts, outputs: outputs))
    }
}

/// The stages of the design's example one after the other, as a run gives them
/// to each other: by files.
@Suite struct ModelChainTests {
    private let space: Workspace

    init() throws { space = try Workspace() }

    /// What the pipeline of the example does to the applicants, selectors expanded.
    private func preparation(of rows: DataFrame) -> JSONValue {
        func names(_ types: [ColumnType]) -> JSONValue {
            .strings(
                rows.columns.filter { types.contains($0.type) && $0.name != "creditability" }.map(\.name))
        }
        return [
            "target": "creditability",
            "steps": [
                ["impute": ["columns": names([.integer, .number]), "strategy": "median"]],
                ["scale": ["columns": names([.integer, .number]), "method": "standard"]],
                [
                    "encode": [
                        "columns": names([.category, .text, .boolean]), "method": "one_hot",
                        "unknown": "ignore",
                    ]
                ],
            ],
        ]
    }

    private func chain(_ estimator: JSONValue, threads: Int) throws -> JSONValue {
        let rows = try germanCredit()
        _ = try space.table("clean", rows)
        try space.run(
            "split", "split.rows", ["test": 0.2, "stratify": "creditability"], [("in", "clean.arrow")],
            threads: threads)
        try space.run(
            "features", "features.fit", preparation(of: rows), [("in", "split.train")], threads: threads)
        try space.run(
            "model", "train.model", estimator, [("train", "split.train"), ("features", "features.features")],
            threads: threads)
        try space.run(
            "report", "evaluate.model", ["threshold": 0.5],
            [("model", "model.model"), ("test", "split.test")], threads: threads)
        return try JSONValue(parsing: Files.read(space.place("report.metrics")))
    }

    @Test func `split, features, model and report rank the applicants, the same at one and three threads`()
        throws
    {
        let network: JSONValue = [
            "estimator": "mlp", "hidden": [64, 32], "epochs": 12, "dropout": 0.3,
            "optimizer": ["name": "adamw", "lr": 0.003],
        ]
        for estimator: JSONValue in [["estimator": "logistic"], network] {
            let metrics = try chain(estimator, threads: 1)
            #expect(metrics["n"] == 200)
            #expect(try #require(metrics["auc"]?.number) >= 0.70, "\(metrics.canonicalText)")
            let report = try space.digest("report.report")
            #expect(try chain(estimator, threads: 3) == metrics)
            #expect(try space.digest("report.report") == report)
        }
    }

    /// What the project promises of its logistic regression, through the stages
    /// and not of the estimator alone. The folds and scikit-learn's areas are
    /// committed; EstimatorsTests/Goldens/make.py made them, with the same preparation.
    @Test func `over ten times five folds the stages give scikit-learn's area under the curve`() throws {
        let path = projectRoot + "/Tests/EstimatorsTests/Goldens/german_credit.json"
        let golden = try JSONValue(parsing: Files.read(path))
        let expected = (golden["auc"]?.array ?? []).compactMap(\.number)
        let runs = (golden["folds"]?.strings ?? []).map { Array($0.utf8) }
        try #require(expected.count == 50 && runs.count == 10)
        let rows = try germanCredit()
        var areas: [Double] = []
        for fold in runs {
            try #require(fold.count == rows.count)
            for index in UInt8(ascii: "0")...UInt8(ascii: "4") {
                _ = try space.table("train", rows.gather(fold.indices.filter { fold[$0] != index }))
                _ = try space.table("test", rows.gather(fold.indices.filter { fold[$0] == index }))
                try space.run(
                    "features", "features.fit", preparation(of: rows), [("in", "train.arrow")])
                try space.run(
                    "model", "train.model", ["estimator": "logistic"],
                    [("train", "train.arrow"), ("features", "features.features")])
                try space.run(
                    "report", "evaluate.model", ["threshold": 0.5],
                    [("model", "model.model"), ("test", "test.arrow")])
                let metrics = try JSONValue(parsing: Files.read(space.place("report.metrics")))
                #expect(metrics["n"]?.integer == Int64(fold.count { $0 == index }))
                areas.append(try #require(metrics["auc"]?.number))
            }
        }
        for (number, (ours, theirs)) in zip(areas, expected).enumerated() {
            #expect(abs(ours - theirs) < 0.005, "run \(number / 5), fold \(number % 5): \(ours), \(theirs)")
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        #expect(abs(mean(areas) - mean(expected)) < 0.005)
        #expect(mean(areas) >= 0.77, "\(mean(areas))")
    }
}
