import ArrowIPC
import CanonicalJSON
import DataFrames
import Estimators
import PipelineLanguage
import Platform
import TableTypes
import TensorKernels
import Testing

@testable import StageLibrary

extension Workspace {
    /// Runs `evaluate.model`; outputs lie in the workspace by port.
    @discardableResult
    func evaluate(
        _ with: JSONValue = [:], _ test: DataFrame, model folder: String = "model", threads: Int = 1,
        level: KernelLevel = .current
    ) throws -> (metrics: JSONValue, told: [String]) {
        let told = Told()
        try EvaluateModel.evaluate(
            StageRun(
                parameters: with, threads: threads, inputs: [model(folder), try table("test", test)],
                outputs: [
                    "report": place("report.html"), "metrics": place("metrics.json"),
                    "predictions": place("predictions.arrow"),
                ], tell: { told($0) }), level: level)
        return (try JSONValue(parsing: Files.read(place("metrics.json"))), told.all)
    }
}

@Suite struct EvaluateModelTests {
    private let space: Workspace

    init() throws { space = try Workspace() }

    /// Goldens/make_evaluation.py names the peer's version and the inputs' digests.
    @Test(arguments: ["german_credit", "penguins"])
    func `metrics through both kinds are those of scikit-learn`(name: String) throws {
        let golden = try #require(try JSONValue(parsing: Files.read(goldens + "/evaluation.json"))[name])
        let (rows, test) = try parts(name)
        let transform = try name == "penguins" ? penguinTransform(on: rows) : creditTransform(on: rows)
        try space.train(["estimator": "logistic"], rows, transform)
        let metrics = try space.evaluate([:], test).metrics
        #expect(metrics.object?.keys.sorted() == Evaluation.metricNames)
        for name in Evaluation.metricNames {
            let (ours, theirs) = (metrics[name]?.number ?? .nan, golden[name]?.number ?? .nan)
            #expect(abs(ours - theirs) <= 1e-6, "\(name): \(ours), \(theirs)")
        }
    }

    private func parts(_ name: String) throws -> (train: DataFrame, test: DataFrame) {
        let whole = try name == "penguins" ? penguins() : germanCredit()
        return (
            whole.gather((0..<whole.count).filter { $0 % 5 != 0 }),
            whole.gather((0..<whole.count).filter { $0 % 5 == 0 })
        )
    }

    /// Four rows whose probabilities are known: the model is x itself.
    private func simple() throws -> DataFrame {
        let rows = try frame(
            .numbers("x", [-2, -1, 1, 2, 0.5]), .texts("y", ["no", "no", "yes", "yes", "no"]))
        try space.train(["estimator": "logistic", "target": "y"], rows)
        return rows
    }

    @Test func `predictions hold target, decision and each probability, row by row`() throws {
        let rows = try simple()
        let told = try space.evaluate([:], rows).told
        let table = try ArrowFile.read(space.place("predictions.arrow")).frame
        #expect(table.names == ["row", "target", "predicted", "probability=no", "probability=yes"])
        #expect(table["row"]?.numbers == [1, 2, 3, 4, 5])
        #expect((0..<5).map { table["target"]?.string($0) } == ["no", "no", "yes", "yes", "no"])
        let yes = try #require(table["probability=yes"]?.numbers)
        #expect((0..<5).map { table["predicted"]?.string($0) } == yes.map { $0 >= 0.5 ? "yes" : "no" })
        #expect(told.prefix(2) == ["predictions.rows = 5", "predictions.columns = 5"])
        #expect(told.contains("metrics.n = 5") && told.contains("metrics.auc = 1"))
    }

    @Test func `the threshold and the positive class decide precision and recall`() throws {
        let rows = try simple()
        let all = try space.evaluate(["threshold": 0], rows).metrics
        #expect(all["recall"] == 1 && all["precision"] == 0.4)
        let none = try space.evaluate(["threshold": 1], rows).metrics
        #expect(none["recall"] == 0 && none["precision"] == 0 && none["f1"] == 0 && none["auc"] == 1)
        // A probability at the threshold is enough.
        let p = try TrainedModel(folder: space.place("model")).predict(rows)
        let edge = try space.evaluate(["threshold": .number(p[5])], rows).metrics
        #expect(edge["recall"] == 1 && edge["precision"] == 1)
        let other = try space.evaluate(["positive": "no", "threshold": 0], rows).metrics
        #expect(other["precision"] == 0.6 && other["recall"] == 1 && other["auc"] == 1)
    }

    @Test func `a class without test rows leaves the area out and not the page`() throws {
        let rows = try simple()
        let metrics = try space.evaluate([:], rows.gather([0, 1])).metrics
        #expect(metrics["auc"] == nil && metrics["accuracy"] == 1 && metrics["n"] == 2)
        let page = String(decoding: try Files.read(space.place("report.html")), as: UTF8.self)
        #expect(page.contains("<dt>AUC</dt><dd>n/a</dd>") && !page.contains("roc-0"))
    }

    @Test func `reports of a network have the same bytes at any number of threads and on every level`() throws
    {
        let (rows, test) = try parts("penguins")
        try space.train(["estimator": "mlp", "epochs": 2], rows, penguinTransform(on: rows))
        var digests: Set<[String]> = []
        for (threads, level) in [(1, KernelLevel.plain), (3, .best)] {
            try space.evaluate([:], test, threads: threads, level: level)
            digests.insert(try ["report.html", "metrics.json", "predictions.arrow"].map(space.digest))
        }
        #expect(digests.count == 1)
    }

    @Test func `the page has a picture for six classes each and names all`() throws {
        let count = 70
        let rows = try frame(
            .numbers("x", (0..<count).map { Double($0) }), .integers("y", (0..<count).map { Int64($0 / 10) }))
        try space.train(["estimator": "mlp", "epochs": 1, "target": "y"], rows)
        try space.evaluate([:], rows)
        let page = String(decoding: try Files.read(space.place("report.html")), as: UTF8.self)
        for part in ["roc-0-title", "roc-1-title", "calibration-1-title", "scores-title", "predicted 6"] {
            #expect(page.contains(part), "\(part)")
        }
        #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">") && !page.contains("<script"))
    }

    @Test func `a test table that cannot be judged is an error that names why`() throws {
        let rows = try simple()
        #expect(
            stageError { try space.evaluate([:], rows.gather([])) } == "the table 'test' has no rows")
        #expect(
            stageError { try space.evaluate([:], try frame(.numbers("x", [1]))) } == """
                table 'test.arrow' has no column 'y', which model 'model' needs
                columns: x
                """)
        #expect(
            stageError { try space.evaluate([:], try frame(.numbers("x", [1]), .texts("y", ["maybe"]))) }
                == """
                row 1, column 'y': 'maybe' is no class of the model
                classes: no, yes
                """)
        #expect(
            stageError { try space.evaluate([:], try frame(.numbers("x", [nil]), .texts("y", ["no"]))) }
                == """
                column 'x' has no value in 1 row; the first is row 1
                fix: add - impute: { columns: [x], strategy: median } to the steps of features.fit
                """)
        #expect(
            stageError { try space.evaluate(["positive": "yess"], rows) } == """
                'positive' names 'yess', which is no class of the target
                classes: no, yes
                fix: did you mean 'yes'?
                """)
        let three = try frame(.numbers("x", [0, 1, 2]), .texts("y", ["a", "b", "c"]))
        try space.train(["estimator": "logistic", "target": "y"], three, to: "three")
        for with: JSONValue in [["positive": "a"], ["threshold": 0.4]] {
            let name = with.object?.keys.first ?? ""
            #expect(
                stageError { try space.evaluate(with, three, model: "three") } == """
                    '\(name)' is for two classes; the model has 3
                    fix: leave '\(name)' out
                    """)
        }
    }

    // MARK: Check

    @Test func `the check names gates and columns that cannot be`() throws {
        let model = StaticType.model(
            ModelType(
                task: .classification, inputs: TableType([Column("x", .number), Column("z", .number)]),
                target: "y"))
        let yaml = "gates: { auc: '>= 0.7', acuracy: '> 0.5', roc: '> 0' }"
        let test = StaticType.table(TableType([Column("x", .text), Column("w", .number)]))
        let result = try checked(EvaluateModel.kind, yaml, ["model": model, "test": test])
        let metrics = "metrics: accuracy, auc, brier, f1, log_loss, n, precision, recall"
        #expect(
            result.findings == [
                """
                1:34 error: this stage gives no metric 'acuracy'
                \(metrics)
                fix: did you mean 'accuracy'?
                """,
                """
                1:48 error: this stage gives no metric 'roc'
                \(metrics)
                """,
                "9:9 error: column 'x' is of type text; the transform was fitted on number",
                """
                9:9 error: the table has no column 'y', which the model needs
                columns: x, w
                """,
                """
                9:9 error: the table has no column 'z', which the model needs
                columns: x, w
                """,
            ])
        #expect(result.outputs["metrics"] == .metrics(names: Evaluation.metricNames))
        #expect(result.outputs["report"] == .report)
        #expect(EvaluateModel.kind.mainOutput?.name == "report")
    }
}

@Suite struct TrainedModelTests {
    private let space: Workspace

    init() throws {
        space = try Workspace()
        let rows = try frame(.numbers("x", [-2, -1, 1, 2]), .texts("y", ["no", "no", "yes", "yes"]))
        try space.train(["estimator": "logistic", "target": "y"], rows)
        try space.train(
            ["estimator": "mlp", "target": "y", "epochs": 1, "hidden": [8, 8]], rows, to: "network")
    }

    private func read(_ folder: String = "model") -> String {
        stageError { _ = try TrainedModel(folder: space.place(folder)) }
    }

    private func rewrite(_ folder: String, _ change: (inout JSONValue) -> Void) throws {
        let path = space.place("\(folder)/model.json")
        var json = try JSONValue(parsing: Files.read(path))
        change(&json)
        try Files.write(json.canonicalBytes, to: path)
    }

    @Test(arguments: ["model", "network"]) func `a model that was read writes the same bytes`(
        folder: String
    )
        throws
    {
        let model = try TrainedModel(folder: space.place(folder))
        try Files.makeDirectories(space.place("again"))
        try model.write(to: space.place("again"))
        for file in ["model.json", "weights.safetensors"] {
            #expect(try space.digest("again/\(file)") == space.digest("\(folder)/\(file)"))
        }
    }

    @Test func `a damaged model folder is an error that names the file`() throws {
        let fix = "\nfix: run the stage that trains it again"
        let weights = try Files.read(space.place("model/weights.safetensors"))
        try Files.write(weights.dropLast(), to: space.place("model/weights.safetensors"))
        #expect(
            read()
                == "the model cannot be read: weights.safetensors: the data has 15 bytes; the header describes 16"
                + fix)
        try Files.write(
            Files.read(space.place("network/weights.safetensors")),
            to: space.place("model/weights.safetensors"))
        #expect(
            read()
                == "the model cannot be read: weights.safetensors: tensor 'layers.0.bias' has type F32, expected F64"
                + fix)
        try Files.remove(space.place("model/weights.safetensors"))
        #expect(read() == "the model cannot be read: weights.safetensors: no such file" + fix)
        try Files.write(Array("{".utf8), to: space.place("model/model.json"))
        #expect(
            read()
                == "the model cannot be read: model.json: not valid JSON at byte 1: expected a key in quotes"
                + fix)
        try Files.remove(space.place("model/model.json"))
        #expect(read() == "the model cannot be read: model.json: no such file" + fix)
    }

    @Test(
        arguments: [
            ("format", 2, "expected format 1 of task classification"),
            ("classes", ["no"], "classes: expected a list of at least two different texts"),
            ("transform", nil, "the transform cannot be read: expected format 2"),
            (
                "target", ["name": "x", "type": "text"],
                "target: expected the name and type of a column that is no input"
            ),
            ("training", [:], "training: expected loss, rows, and the rows of each class"),
            ("parameters", nil, "parameters: expected an object"),
            ("seed", "7", "seed: expected an integer"),
            ("estimator", "forest", "estimator: expected logistic or mlp"),
            ("inputs", [], "inputs: do not agree with the transform"),
            (
                "architecture", [:],
                "'estimator' of the model's description must be 'mlp'"
            ),
        ] as [(String, JSONValue?, String)])
    func `each fact of model-json is checked`(key: String, value: JSONValue?, problem: String) throws {
        try rewrite("network") { $0[key] = value }
        #expect(
            read("network")
                == "the model cannot be read: model.json: \(problem)\nfix: run the stage that trains it again"
        )
    }

    @Test func `a row so far outside that no answer is finite is named`() throws {
        let model = try TrainedModel(folder: space.place("network"))
        #expect(
            stageError { _ = try model.predict(try frame(.numbers("x", [0, 3e38]))) } == """
                row 2: the model's probabilities are not finite
                fix: its values lie far outside those of training: drop the row, or clip with clean.table
                """)
    }

    @Test func `an architecture of other classes than are named is an error`() throws {
        try rewrite("network") {
            $0["classes"] = ["a", "b", "c"]
            $0["training"]?["class_rows"] = [2, 1, 1]
        }
        #expect(
            read("network") == """
                the model cannot be read: model.json: architecture: 1 columns and 2 classes; the transform gives \
                1, and 3 classes are named
                fix: run the stage that trains it again
                """)
    }
}
