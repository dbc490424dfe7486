import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import TableTypes
import TensorKernels

/// `evaluate.model`: what a model is worth on rows it was not trained on.
enum EvaluateModel {
    static let kind = StageKind(
        "evaluate.model",
        versions: [
            .init(1, "first"), .init(2, "mlp: gelu and tanh round differently"),
            .init(3, "mlp: tanh rounds differently"),
        ],
        summary: "Judges a classifier on test rows: metrics, a report, and each row's prediction.",
        documentation: """
            Metrics are scikit-learn's: accuracy, precision, recall, f1, auc, log_loss, brier, and n, the
            number of rows. With two classes, precision, recall and f1 are those of the positive class, and a
            row is taken for it from 'threshold' on; with more, they are the unweighted mean over the
            classes, auc is the mean of each class against the rest, and brier the mean sum of squares over
            the classes. A ratio of nothing to nothing is 0. auc is left out when a class has no test row.
            """,
        example: """
            report:
              uses: evaluate.model
              in: { model: model, test: split.test }
              with: { gates: { auc: ">= 0.70" } }
              publish: { report: //reports/credit.html }
            """,
        inputs: [
            InputPort("model", .model, "The model, its transform inside."),
            InputPort("test", .table, use: .evaluate, "Raw rows with the target."),
        ],
        outputs: [
            OutputPort("report", .report, "One HTML file, complete in itself."),
            OutputPort("metrics", .metrics, "The numbers, for gates and comparison."),
            OutputPort(
                "predictions", .table,
                "A row a test row: row (from 1), target, predicted, and probability=CLASS of each class."),
        ],
        parameters: [
            Parameter(
                "positive", .text, .optional,
                "With two classes, the one that counts as positive; without it the second in ascending order."
            ),
            Parameter(
                "threshold", .number(.within(0...1)), .defaulted(0.5),
                "With two classes, the probability from which a row is taken for the positive one."),
            Parameter("gates", .gates, .optional, "Bounds on the metrics."),
        ],
        libraries: ["charts": 1, "estimators": 3], check: check, run: { try evaluate($0) })

    private static func check(_ check: inout StageCheck) {
        let table = check.table("test")
        let gates = (check.parameters["gates"]?.object ?? [:]).keys
        for name in gates.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        where !Evaluation.metricNames.contains(name) {
            check.report(
                ModelFinding.unknownMetric(name, known: Evaluation.metricNames), at: ["gates", name])
        }
        check.outputs["report"] = .report
        check.outputs["metrics"] = .metrics(names: Evaluation.metricNames)
        check.outputs["predictions"] = .table(
            TableType(
                [
                    Column("row", .integer, isNullable: false),
                    Column("target", .category, isNullable: false),
                    Column("predicted", .category, isNullable: false),
                ], isOpen: true))
        guard let model = check.model("model") else { return }
        if let target = model.target, table[target] == nil, !table.isOpen {
            check.reportMissing(target, at: "test", why: check.neededBy("model", at: "model"))
        }
        TrainModel.checkInputs(
            model.inputs, of: "test", why: check.neededBy("model", at: "model"), &check)
    }

    /// - Parameter level: Never changes a byte; tests force one.
    static func evaluate(_ run: StageRun, level: KernelLevel = .current) throws {
        guard let artifact = run.input("model") else { preconditionFailure("nothing goes into 'model'") }
        let model = try TrainedModel(folder: artifact.path)
        let frame = try run.table("test").frame
        guard frame.count > 0 else { throw StageError(ModelFinding.noRows(port: "test")) }
        try run.require(
            [model.target] + model.transform.inputColumns, of: frame.names, at: "test",
            why: run.neededBy("model", at: "model"))
        let target = frame[model.target]!
        let binary: Evaluation.Binary?
        let truth: [Int]
        do {
            binary = try binaryRule(run.parameters, model.classes)
            truth = try ClassLabels.codes(of: target, in: model.classes)
        } catch {
            throw StageError(error)
        }
        let evaluation = Evaluation(
            classes: model.classes, binary: binary, truth: truth,
            probabilities: try model.predict(frame, threads: run.threads, level: level))
        try Files.write(
            EvaluationReport(model: model, evaluation: evaluation).html.utf8, to: run.output("report"))
        try Files.write(evaluation.metrics.canonicalBytes, to: run.output("metrics"))
        try run.write(evaluation.predictions(), to: "predictions")
        for name in Evaluation.metricNames {
            if let value = evaluation.metrics[name] {
                run.tell(.fact(port: "metrics", name: name, value))
            }
        }
    }

    /// Nil with more than two classes.
    private static func binaryRule(
        _ with: JSONValue, _ classes: [String]
    ) throws(ModelFinding) -> Evaluation.Binary? {
        let threshold = with["threshold"]?.number ?? 0.5
        let positive = with["positive"]?.string
        guard classes.count == 2 else {
            if positive != nil { throw .twoClassesOnly(parameter: "positive", classes: classes.count) }
            if threshold != 0.5 { throw .twoClassesOnly(parameter: "threshold", classes: classes.count) }
            return nil
        }
        guard let place = positive.map({ classes.firstIndex(of: $0) }) ?? 1 else {
            throw .unknownClass(positive ?? "", parameter: "positive", known: classes)
        }
        return Evaluation.Binary(positive: place, threshold: threshold)
    }
}

extension Evaluation {
    func predictions() throws(DataFrameError) -> ArrowTable {
        func labels(_ name: String, _ codes: [Int]) -> DataColumn {
            DataColumn(name, .category, .dictionary(indices: codes.map { Int32($0) }, levels: classes))
        }
        let head = [
            DataColumn("row", .integer, .int64(truth.indices.map { Int64($0 + 1) })),
            labels("target", truth), labels("predicted", predicted),
        ]
        return ArrowTable(
            frame: try DataFrame(
                head
                    + classes.indices.map {
                        DataColumn("probability=\(classes[$0])", .number, .float64(scores(of: $0)))
                    }))
    }
}
