import ArrowIPC
import CanonicalJSON
import Charts
import DataFrames
import Diagnostics
import Estimators
import PipelineLanguage
import Platform
import TableTypes
import TensorKernels

/// One run of `train.model`: what goes in, prepared; then the estimator's own
/// training.
struct ModelTraining {
    /// Features as numbers, row by row, and each row's class.
    struct Rows {
        var x: [Double]
        var labels: [Int]
    }

    private let run: StageRun
    /// Never changes a byte; tests force one.
    private let level: KernelLevel
    private let options: EstimatorOptions
    private let transform: FittedTransform
    private let target: DataColumn
    private let classes: [String]
    private let training: Rows
    private let validation: Rows?

    /// - Throws: `StageError`.
    init(_ run: StageRun, level: KernelLevel = .current) throws {
        self.run = run
        self.level = level
        let hasValidation = run.input("validation") != nil
        if let (finding, _) = EstimatorOptions.findings(run.parameters, hasValidation: hasValidation).first {
            throw StageError(finding)
        }
        options = EstimatorOptions(run.parameters)
        let table = try run.table("train")
        guard table.frame.count > 0 else { throw StageError(ModelFinding.noRows(port: "train")) }
        let fitted = try run.transform("features")
        let name = try Self.target(run.parameters["target"]?.string, fitted, table)
        try run.require([name], of: table.frame.names, at: "train", why: "the target")
        let target = table.frame[name]!
        transform =
            try fitted ?? .fit(steps: .array([]), target: name, roles: table.roles, on: table.frame)
        guard !transform.outputNames.isEmpty else { throw StageError(ModelFinding.noFeatures) }
        do {
            classes = try ClassLabels.classes(of: target)
        } catch {
            throw StageError(error)
        }
        self.target = target
        let limit = TrainedModel.limit(isFloat: options.isFloat)
        let held = hasValidation ? try run.table("validation").frame : nil
        if held?.count == 0 { throw StageError(ModelFinding.noRows(port: "validation")) }
        let why = fitted == nil ? TrainModel.learned : run.neededBy("transform", at: "features")
        for (port, frame) in [("train", table.frame), ("validation", held)] {
            guard let frame else { continue }
            try run.require([name], of: frame.names, at: port, why: "the target")
            try run.require(transform.inputColumns, of: frame.names, at: port, why: why)
        }
        training = try Self.rows(table.frame, name, transform, classes, limit)
        validation = try held.map { [transform, classes] in
            try Self.rows($0, name, transform, classes, limit)
        }
    }

    private static func target(
        _ asked: String?, _ transform: FittedTransform?, _ table: ArrowTable
    ) throws -> String {
        if let asked, let other = transform?.target, asked != other {
            throw StageError(ModelFinding.targetsDiffer(asked, transform: other))
        }
        let byRole = table.frame.names.first { table.roles[$0] == .target }
        guard let name = asked ?? transform?.target ?? byRole else {
            throw StageError(ModelFinding.noTarget)
        }
        if transform?.inputColumns.contains(name) == true {
            throw StageError(ModelFinding.targetIsFeature(name))
        }
        return name
    }

    /// - Precondition: The table has the target.
    private static func rows(
        _ frame: DataFrame, _ target: String, _ transform: FittedTransform, _ classes: [String],
        _ limit: Double
    ) throws -> Rows {
        do {
            let labels = try ClassLabels.codes(of: frame[target]!, in: classes)
            return Rows(x: try transform.finiteMatrix(frame, limit: limit), labels: labels)
        } catch let finding as ModelFinding {
            throw StageError(finding)
        }
    }

    /// Trains, and writes the outputs.
    func train() throws {
        let weights = try classWeights()
        let result: (estimator: TrainedModel.Estimator, curve: TrainingCurve, kept: Int)
        do {
            switch options {
            case .logistic(let c, let tolerance, let limit):
                result = try logistic(c, weights, tolerance, limit)
            case .mlp(let options): result = try mlp(options, weights)
            }
        } catch let error as EstimatorError {
            throw StageError(error)
        }
        let kept = result.curve.rows[result.kept]
        let model = TrainedModel(
            estimator: result.estimator, parameters: options.json(classWeights: weights),
            transform: transform, target: target.name, targetType: target.type, classes: classes,
            classCounts: counts, seed: options.isFloat ? run.seed : nil, trainingLoss: kept.trainingLoss)
        try model.write(to: run.output("model"))
        try run.write(result.curve.table(), to: "curve")
        var facts: [(String, JSONValue)] = [
            ("rows", .integer(Int64(training.labels.count))), ("classes", .integer(Int64(classes.count))),
            ("parameters", .integer(Int64(model.parameterCount))), ("loss", .number(kept.trainingLoss)),
        ]
        if let loss = kept.validationLoss { facts.append(("validation_loss", .number(loss))) }
        for (name, value) in facts { run.tell(.fact(port: "model", name: name, value)) }
    }

    private var columns: Int { transform.outputNames.count }

    private var counts: [Int] {
        var counts = [Int](repeating: 0, count: classes.count)
        for label in training.labels { counts[label] += 1 }
        return counts
    }

    /// One a class; nil where none are asked for.
    private func classWeights() throws -> [Double]? {
        let asked = run.parameters["class_weight"]
        if asked == "balanced" {
            return counts.map { Double(training.labels.count) / Double(classes.count * $0) }
        }
        guard let byName = asked?.object else { return nil }
        let unknown = byName.keys.filter { !classes.contains($0) }
        if let name = unknown.min(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            throw StageError(ModelFinding.unknownClass(name, parameter: "class_weight", known: classes))
        }
        return classes.map { byName[$0]?.number ?? 1 }
    }

    private func logistic(
        _ c: Double, _ weights: [Double]?, _ tolerance: Double, _ limit: Int
    ) throws -> (TrainedModel.Estimator, TrainingCurve, Int) {
        let model = try LogisticRegression(
            fitting: training.x, columns: columns, labels: training.labels, classes: classes.count, c: c,
            classWeights: weights, tolerance: tolerance, iterationLimit: limit)
        func loss(_ rows: Rows) -> Double {
            Metrics.logLoss(rows.labels, model.probabilities(rows.x), classes: classes.count)
        }
        let row = TrainingCurve.Row(
            epoch: model.iterations, steps: model.iterations, trainingLoss: loss(training),
            validationLoss: validation.map(loss))
        run.tell(.progress(1, "\(model.iterations) iterations"))
        run.tell(.log("converged after \(model.iterations) iterations: \(Self.losses(row))"))
        return (.logistic(model), TrainingCurve(rows: [row]), 0)
    }

    private func mlp(
        _ options: TrainingOptions, _ weights: [Double]?
    ) throws -> (TrainedModel.Estimator, TrainingCurve, Int) {
        var options = options
        options.seed = run.seed
        options.threads = run.threads
        options.level = level
        options.classWeights = weights?.map { Float($0) }
        let every = run.parameters["log_every"]?.integer.map { Int($0) } ?? 1
        var curve = TrainingCurve()
        let fit = try MultilayerPerceptron.fit(
            floats(training), task: .classification(classes: classes.count), options: options,
            validation: validation.map(floats)
        ) { epoch in
            let row = TrainingCurve.Row(
                epoch: epoch.number, steps: epoch.steps, trainingLoss: epoch.trainingLoss,
                validationLoss: epoch.validationLoss)
            curve.rows.append(row)
            let place = "epoch \(epoch.number) of \(options.epochs)"
            run.tell(.progress(Double(epoch.number) / Double(options.epochs), place))
            if epoch.number % every == 0 || epoch.number == options.epochs {
                run.tell(.log("\(place): \(Self.losses(row))"))
            }
        }
        if fit.epoch != curve.rows.count { run.tell(.log("kept the weights of epoch \(fit.epoch)")) }
        return (.mlp(fit.model), curve, fit.epoch - 1)
    }

    private func floats(_ rows: Rows) -> TrainingRows {
        TrainingRows(x: rows.x.map { Float($0) }, columns: columns, targets: .labels(rows.labels))
    }

    private static func losses(_ row: TrainingCurve.Row) -> String {
        let held = row.validationLoss.map { ", validation loss \(NumberText.fixed($0, 4))" } ?? ""
        return "loss \(NumberText.fixed(row.trainingLoss, 4))\(held)"
    }
}

extension EstimatorOptions {
    /// Whether training is in 32-bit floats, and draws random numbers.
    var isFloat: Bool {
        if case .mlp = self { true } else { false }
    }
}

extension StageError {
    /// A failure of training, in the words of a pipeline where it has some.
    init(_ error: EstimatorError) {
        switch error {
        case .notConverged(let iterations, _): self.init(ModelFinding.notConverged(iterations: iterations))
        case .diverged(let epoch, _): self.init(ModelFinding.diverged(epoch: epoch))
        default: self.init(error.description)
        }
    }
}

extension StageRun {
    /// The transform at a port; nil when nothing goes in.
    func transform(_ port: String) throws -> FittedTransform? {
        guard let artifact = input(port) else { return nil }
        do {
            return try FittedTransform(json: JSONValue(parsing: Files.read(artifact.path)))
        } catch let error as StageError {
            throw error
        } catch {
            throw StageError(StageLibraryFinding.badTransform("'\(artifact.basename)': \(error)"))
        }
    }
}
