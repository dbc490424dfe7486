import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes
import Testing

/// The stages of the design's example, one after the other.
@Suite struct ChainTests {
    private let outliers = "{ method: iqr, factor: 1.5, columns: [credit_amount], action: quarantine }"

    private func names(_ type: TableType, _ matches: (ColumnType) -> Bool) -> [String] {
        type.columns.filter { $0.role == nil && matches($0.type) }.map(\.name)
    }

    @Test func `types known before the run are those of what the run writes`() throws {
        let declared = try StageLibraryTests.schema("german_credit.yaml")
        let collect = try KindHarness("collect.csv")
        let clean = try KindHarness("clean.table")
        let split = try KindHarness("split.rows")
        let fit = try KindHarness("features.fit")

        let source = try collect.check("{ path: data/german_credit.csv }", schema: declared)
        let cleaned = try clean.check(
            "{ duplicates: drop, outliers: \(outliers) }", ["in": try #require(source.outputs["table"])])
        let parts = try split.check(
            "{ test: 0.2, stratify: creditability }", ["in": try #require(cleaned.outputs["table"])])
        guard case .table(let type)? = parts.outputs["train"] else {
            Issue.record("train is a table")
            return
        }
        let numeric = names(type, \.isNumeric)
        let categorical = names(type) { $0 == .category }
        let steps = """
            { target: creditability, steps: [{ impute: { columns: \(JSONValue.strings(numeric).canonicalText), strategy: median } }, \
            { scale: { columns: \(JSONValue.strings(numeric).canonicalText), method: standard } }, \
            { encode: { columns: \(JSONValue.strings(categorical).canonicalText), method: one_hot, unknown: ignore } }] }
            """
        let fitted = try fit.check(steps, ["in": .table(type)])
        #expect(source.text + cleaned.text + parts.text + fitted.text == "")

        let one = try collect.run(
            paths: ["path": projectRoot + "/pipelines/data/german_credit.csv"], schema: declared)
        let two = try clean.run(
            [
                "duplicates": "drop",
                "outliers": [
                    "method": "iqr", "factor": 1.5, "columns": ["credit_amount"], "action": "quarantine",
                ],
            ], paths: ["in": one.path("table")])
        let three = try split.run(
            ["test": 0.2, "stratify": "creditability"], paths: ["in": two.path("table")])
        #expect(three.facts["train.rows"] == 742 && three.facts["test.rows"] == 186)
        for (outputs, outcome) in [(source.outputs, one), (cleaned.outputs, two), (parts.outputs, three)] {
            for (port, type) in outputs {
                guard case .table(let known) = type else { continue }
                let actual = try outcome.table(port).tableType
                #expect(!known.isOpen && known.names == actual.names, "\(port)")
                for (a, b) in zip(known.columns, actual.columns) {
                    #expect(a.type == b.type && a.role == b.role && a.levels == b.levels, "\(port) \(a.name)")
                    #expect(a.isNullable || !b.isNullable, "\(port) \(a.name)")
                }
                #expect(try StageLibrary.tableType(ofArtifact: outcome.path(port)).names == actual.names)
            }
        }
        let four = try fit.run(
            [
                "target": "creditability",
                "steps": [
                    ["impute": ["columns": .strings(numeric), "strategy": "median"]],
                    ["scale": ["columns": .strings(numeric), "method": "standard"]],
                    ["encode": ["columns": .strings(categorical), "method": "one_hot", "unknown": "ignore"]],
                ],
            ], paths: ["in": three.path("train")])
        guard case .transform(let known)? = fitted.outputs["features"] else {
            Issue.record("features is a transform")
            return
        }
        let transform = try FittedTransform(json: JSONValue(parsing: Files.read(four.path("features"))))
        #expect(known.inputs.names == transform.inputColumns && known.target == transform.target)
        let prepared = try KindHarness("features.apply").run(
            paths: ["table": three.path("test"), "features": four.path("features")])
        #expect(prepared.facts["table.rows"] == 186)
    }

    /// The stages stand in the design with the spelling a person would use.
    @Test func `the design's stages are read without a finding`() throws {
        let text = """
            stages:
              applications:
                uses: collect.csv
                with: { path: data/german_credit.csv, schema: //schemas/german_credit.yaml }
              clean:
                uses: clean.table
                in: applications
                with:
                  duplicates: drop
                  outliers: \(outliers)
              split:
                uses: split.rows
                in: clean
                with: { test: "${params.test}", stratify: creditability }
              features:
                uses: features.fit
                in: split.train
                with:
                  target: creditability
                  steps:
                    - impute: { columns: numeric, strategy: median }
                    - scale: { columns: numeric, method: standard }
                    - encode: { columns: categorical, method: one_hot, unknown: ignore }
            params: { test: 0.2 }
            """
        #expect(try read(text) == "")
        #expect(try read(text.replacing("median", with: "middle")).contains("median | mean | most_frequent"))
        #expect(try read(text.replacing("action: quarantine", with: "action: null")) == "")
    }
}
