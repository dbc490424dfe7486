import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import Platform
import TableTypes
import Testing

@testable import StageLibrary

/// The stages of the design's example one after the other, as a run gives them
/// to each other: by files.
@Suite struct ModelChainTests {
    private let space: Workspace

    init() throws { space = try Workspace() }

    /// Runs a kind from the catalog, its outputs at `STAGE.PORT`.
    private func run(
        _ stage: String, _ kind: String, _ with: JSONValue, _ inputs: [(port: String, artifact: String)],
        threads: Int
    ) throws {
        let kind = try #require(StageLibrary.catalog[kind])
        var outputs: [String: String] = [:]
        for port in kind.outputs {
            outputs[port.name] = space.place("\(stage).\(port.name)")
            if port.type == .model { try Files.makeDirectories(space.place("\(stage).\(port.name)")) }
        }
        let artifacts = try inputs.map { input in
            let port = try #require(kind.inputs.first { $0.name == input.port })
            return StageRun.Artifact(
                port: port.name, type: port.type, path: space.place(input.artifact),
                basename: input.artifact)
        }
        try kind.run(
            StageRun(parameters: with, seed: 7, threads: threads, inputs: artifacts, outputs: outputs))
    }

    private func chain(_ estimator: JSONValue, threads: Int) throws -> JSONValue {
        let rows = try germanCredit()
        _ = try space.table("clean", rows)
        func names(_ types: [ColumnType]) -> JSONValue {
            .strings(
                rows.columns.filter { types.contains($0.type) && $0.name != "creditability" }.map(\.name))
        }
        try run(
            "split", "split.rows", ["test": 0.2, "stratify": "creditability"], [("in", "clean.arrow")],
            threads: threads)
        try run(
            "features", "features.fit",
            [
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
            ], [("in", "split.train")], threads: threads)
        try run(
            "model", "train.model", estimator, [("train", "split.train"), ("features", "features.features")],
            threads: threads)
        try run(
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
}
