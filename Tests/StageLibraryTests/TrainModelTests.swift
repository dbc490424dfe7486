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

/// The preparation that the design's example has.
func creditTransform(on rows: DataFrame) throws -> FittedTransform {
    let names = { (wanted: Set<ColumnType>) in
        rows.columns.filter { wanted.contains($0.type) && $0.name != "creditability" }.map(\.name)
    }
    return try .fit(
        steps: [
            ["scale": ["columns": .strings(names([.integer, .number])), "method": "standard"]],
            ["encode": ["columns": .strings(names([.category, .text])), "unknown": "ignore"]],
        ], target: "creditability", on: rows)
}

let measures = ["Culmen Length (mm)", "Culmen Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"]

/// Species, sex and measures of 344 penguins; two of them lack all measures.
func penguins() throws -> DataFrame {
    let whole = try CSVRecords(
        scanning: Files.read(projectRoot + "/pipelines/data/penguins.csv"), CSVFormat()
    )
    .dataFrame(missing: ["", "NA"])
    return try DataFrame(whole.columns.filter { (["Species", "Sex"] + measures).contains($0.name) })
}

func penguinTransform(on rows: DataFrame) throws -> FittedTransform {
    try .fit(
        steps: [
            ["impute": ["columns": .strings(measures), "strategy": "median"]],
            ["scale": ["columns": .strings(measures), "method": "standard"]],
        ], target: "Species", on: rows)
}

extension Workspace {
    /// Runs `train.model` and gives the model and what was told.
    @discardableResult
    func train(
        _ with: JSONValue, _ rows: ArrowTable, _ transform: FittedTransform? = nil,
        validation: DataFrame? = nil, seed: UInt64 = 7, threads: Int = 1, level: KernelLevel = .current,
        to folder: String = "model"
    ) throws -> (model: TrainedModel, told: [String]) {
        var inputs = [try table("train", rows)]
        if let transform { inputs.append(try self.transform(transform)) }
        if let validation { inputs.append(try table("validation", validation)) }
        try Files.makeDirectories(place(folder))
        let told = Told()
        let run = StageRun(
            parameters: with, seed: seed, threads: threads, inputs: inputs,
            outputs: ["model": place(folder), "curve": place("curve.arrow")], tell: { told($0) })
        try ModelTraining(run, level: level).train()
        return (try TrainedModel(folder: place(folder)), told.all)
    }

    @discardableResult
    func train(
        _ with: JSONValue, _ rows: DataFrame, _ transform: FittedTransform? = nil,
        validation: DataFrame? = nil, to folder: String = "model"
    ) throws -> (model: TrainedModel, told: [String]) {
        try train(with, ArrowTable(frame: rows), transform, validation: validation, to: folder)
    }
}

@Suite struct TrainModelTests {
    private let space: Workspace

    init() throws { space = try Workspace() }

    @Test func `five folds of german credit have the area under the curve that scikit-learn gets`() throws {
        let golden = try JSONValue(
            parsing: Files.read(projectRoot + "/Tests/EstimatorsTests/Goldens/german_credit.json"))
        let fold = (golden["folds"]?.array?.first?.string ?? "").utf8.map { Int($0) - 48 }
        let expected = (golden["auc"]?.array ?? []).compactMap(\.number)
        try #require(fold.count == 1000 && expected.count == 50)
        let whole = try germanCredit()
        for index in 0..<5 {
            let rows = whole.gather(fold.indices.filter { fold[$0] != index })
            let test = whole.gather(fold.indices.filter { fold[$0] == index })
            let model = try space.train(["estimator": "logistic"], rows, creditTransform(on: rows)).model
            #expect(model.classes == ["bad", "good"])
            let p = try model.predict(test)
            let truth = (0..<test.count).map { test["creditability"]?.string($0) == "good" }
            let auc = try #require(Metrics.auc(truth, truth.indices.map { p[2 * $0 + 1] }))
            #expect(abs(auc - expected[index]) < 0.005, "fold \(index): \(auc), \(expected[index])")
        }
    }

    @Test func `a network tells three penguins apart, missing measures imputed`() throws {
        let whole = try penguins()
        let rows = whole.gather((0..<whole.count).filter { $0 % 4 != 0 })
        let test = whole.gather((0..<whole.count).filter { $0 % 4 == 0 })
        for estimator in ["logistic", "mlp"] {
            let trained = try space.train(
                ["estimator": .string(estimator)], rows, penguinTransform(on: rows))
            let model = trained.model
            #expect(model.classes.map { $0.prefix(6) } == ["Adelie", "Chinst", "Gentoo"])
            let p = try model.predict(test)
            #expect(p.count == 3 * test.count)
            let truth = try ClassLabels.codes(of: #require(test["Species"]), in: model.classes)
            let hits = Metrics.accuracy(truth, Metrics.decisions(p, classes: 3))
            #expect(hits > 0.95, "\(estimator): \(hits)")
        }
    }

    @Test func `a network has the same bytes at any number of threads and on every kernel level`() throws {
        let whole = try germanCredit().gather(Array(0..<200))
        let transform = try creditTransform(on: whole)
        let with: JSONValue = [
            "estimator": "mlp", "epochs": 3, "dropout": 0.2, "hidden": [24, 8], "activation": "gelu",
        ]
        var digests: Set<[String]> = []
        for (threads, level) in [(1, KernelLevel.plain), (3, .plain), (1, .best), (3, .best)] {
            let model = try space.train(
                with, ArrowTable(frame: whole), transform, threads: threads, level: level
            ).model
            let p = try model.predict(whole, threads: threads, level: level)
            digests.insert([
                try space.digest("model/model.json"), try space.digest("model/weights.safetensors"),
                try space.digest("curve.arrow"), "\(p.hashValue)",
            ])
        }
        #expect(digests.count == 1)
    }

    @Test func `another seed gives another network and the same logistic regression`() throws {
        let rows = ArrowTable(frame: try germanCredit().gather(Array(0..<100)))
        let transform = try creditTransform(on: rows.frame)
        for (estimator, isRandom) in [("mlp", true), ("logistic", false)] {
            let with: JSONValue = ["estimator": .string(estimator)]
            try space.train(with, rows, transform, seed: 1)
            let first = try space.digest("model/weights.safetensors")
            let json = try space.digest("model/model.json")
            try space.train(with, rows, transform, seed: 2)
            #expect(try space.digest("model/weights.safetensors") != first || !isRandom)
            #expect(try (space.digest("model/model.json") == json) == !isRandom)
        }
    }

    @Test func `progress, log and facts are told`() throws {
        let rows = try frame(
            .numbers("x", [0, 1, 2, 3]), .categories("y", ["a", "a", "b", "b"], levels: ["a", "b"]))
        let network = try space.train(
            ["estimator": "mlp", "target": "y", "epochs": 3, "hidden": [], "log_every": 2], rows,
            validation: rows
        ).told
        #expect(
            network.map { $0.replacing(/\d\.\d{4,}/, with: "_") } == [
                "_ epoch 1 of 3", "_ epoch 2 of 3", "epoch 2 of 3: loss _, validation loss _",
                "1.0 epoch 3 of 3", "epoch 3 of 3: loss _, validation loss _", "curve.rows = 3",
                "curve.columns = 4", "model.rows = 4", "model.classes = 2", "model.parameters = 4",
                "model.loss = _", "model.validation_loss = _",
            ])
        let logistic = try space.train(["estimator": "logistic", "target": "y"], rows).told
        #expect(
            logistic.map { $0.replacing(/\d\.\d{4,}/, with: "_") } == [
                "1.0 4 iterations", "converged after 4 iterations: loss _", "curve.rows = 1",
                "curve.columns = 4", "model.rows = 4", "model.classes = 2", "model.parameters = 2",
                "model.loss = _",
            ])
    }

    @Test func `the best weights of a network that stops early are kept`() throws {
        let rows = try penguins()
        let training = rows.gather(Array(0..<200))
        let with: JSONValue = [
            "estimator": "mlp", "epochs": 200, "patience": 2, "target": "Sex", "hidden": [32],
            "optimizer": ["name": "adamw", "lr": 0.05],
        ]
        let known = { (frame: DataFrame) in
            frame.gather((0..<frame.count).filter { frame["Sex"]?.string($0).map { $0 != "." } == true })
        }
        let (model, told) = try space.train(
            with, known(training), penguinTransform(on: known(training)).retargeted("Sex"),
            validation: known(rows.gather(Array(200..<344))))
        let curve = try ArrowFile.read(space.place("curve.arrow")).frame
        let held = try #require(curve["validation_loss"]?.numbers)
        let best = try #require(held.indices.min { held[$0] < held[$1] })
        #expect(held.count < 200 && best == held.count - 3)
        #expect(told.contains("kept the weights of epoch \(best + 1)"))
        #expect(model.trainingLoss == curve["training_loss"]?.numbers?[best])
    }

    @Test func `targets of integers and booleans are classes in ascending order`() throws {
        let rows = try frame(.numbers("x", [0, 1, 2, 5]), .integers("grade", [10, 9, 10, 9]))
        let model = try space.train(["estimator": "logistic", "target": "grade"], rows).model
        #expect(model.classes == ["9", "10"] && model.classCounts == [2, 2])
        let flags = try frame(
            .numbers("x", [0, 1, 2]), DataColumn("y", .boolean, .boolean([true, false, true])))
        #expect(
            try space.train(["estimator": "logistic", "target": "y"], flags).model.classes
                == ["false", "true"])
    }

    @Test func `balanced weights and weights by name move the model alike`() throws {
        let rows = try frame(
            .numbers("x", [0, 1, 2, 3, 4, 5]), .texts("y", ["a", "a", "a", "a", "b", "b"]))
        func weights(_ asked: JSONValue) throws -> TrainedModel {
            try space.train(["estimator": "logistic", "target": "y", "class_weight": asked], rows).model
        }
        let balanced = try weights("balanced")
        #expect(balanced.estimator == (try weights(["a": 0.75, "b": 1.5])).estimator)
        #expect(balanced.estimator != (try weights(["b": 1.0])).estimator)
        #expect(balanced.parameters["class_weight"] == [0.75, 1.5])
    }

    @Test func `without a target parameter the column with the role is learned`() throws {
        let rows = ArrowTable(
            frame: try frame(
                .numbers("x", [0, 1, 2]), .integers("id", [1, 2, 3]), .texts("y", ["a", "b", "a"])),
            roles: ["y": .target, "id": .id])
        let model = try space.train(["estimator": "logistic"], rows).model
        #expect(model.target == "y" && model.inputs.names == ["x"])
    }

    @Test func `the summary names what the model is`() throws {
        let rows = try germanCredit().gather(Array(0..<100))
        let model = try space.train(
            ["estimator": "mlp", "epochs": 1, "hidden": [4]], rows, creditTransform(on: rows)
        ).model
        #expect(
            model.summary.replacing(/0\.\d{4}/, with: "_") == """
                estimator   multilayer perceptron, 246 parameters
                target      creditability (category), 2 classes
                inputs      20 columns: status_of_existing_checking_account, duration_in_month, credit_history, \
                purpose, credit_amount, savings_account_and_bonds, present_employment_since, \
                installment_rate_in_percentage_of_disposable_income, personal_status_and_sex, \
                other_debtors_or_guarantors, present_residence_since, property, ...
                features    58 numbers
                layers      58 -> 4 relu, 236 parameters
                            4 -> 2 softmax, 10 parameters
                trained on  100 rows: bad: 25, good: 75
                loss        _
                seed        7

                """)
    }
}

extension FittedTransform {
    /// The same for another target.
    func retargeted(_ name: String) throws -> FittedTransform {
        var json = json
        json["target"] = .string(name)
        return try FittedTransform(json: json)
    }
}
