import TensorKernels

/// What rows are to be mapped to.
public enum Targets: Sendable, Equatable {
    /// Class indices, one a row.
    case labels([Int])
    /// N x outputs values.
    case values([Float])
}

/// N x columns values, row by row, and their targets.
public struct TrainingRows: Sendable, Equatable {
    public var x: [Float]
    public var columns: Int
    public var targets: Targets

    public init(x: [Float], columns: Int, targets: Targets) {
        self.x = x
        self.columns = columns
        self.targets = targets
    }

    var count: Int { columns > 0 ? x.count / columns : 0 }

    /// Values of some rows, one row behind the other.
    func gathered(_ rows: [Int]) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(rows.count * columns)
        for row in rows { values += x[row * columns..<(row + 1) * columns] }
        return values
    }

    func check(_ task: MultilayerPerceptron.Task) throws(EstimatorError) {
        guard columns > 0 else { throw .columns(columns, expected: 1) }
        guard x.count % columns == 0 else { throw .shape(values: x.count, rows: count, columns: columns) }
        if count == 0 { throw .noRows }
        if let bad = x.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(row: bad / columns, column: bad % columns)
        }
        switch (targets, task) {
        case (.labels(let labels), .classification(let classes)):
            guard labels.count == count else { throw .targets(labels.count, rows: count) }
            if let row = labels.firstIndex(where: { !(0..<classes).contains($0) }) {
                throw .label(labels[row], row: row, classes: classes)
            }
        case (.values(let values), .regression(let outputs)):
            guard values.count == count * outputs else { throw .targets(values.count, rows: count) }
            if let bad = values.firstIndex(where: { !$0.isFinite }) {
                throw .targetNotFinite(row: bad / outputs)
            }
        default:
            throw .option(
                "the targets", value: "of the other kind", expected: "labels for classes, else values")
        }
    }
}

extension MultilayerPerceptron {
    /// One pass over the training rows.
    public struct Epoch: Sendable, Equatable {
        /// From 1.
        public let number: Int
        /// The steps so far.
        public let steps: Int
        /// Mean over the rows as they were trained on, dropout included.
        public let trainingLoss: Double
        /// Nil without validation rows.
        public let validationLoss: Double?
    }

    public struct Fit: Sendable, Equatable {
        public let model: MultilayerPerceptron
        public let history: [Epoch]
        /// The epoch whose weights the model has.
        public let epoch: Int
    }

    /// Trains from weights drawn by the seed.
    ///
    /// - Parameter progress: called behind each epoch.
    /// - Throws: `EstimatorError`; `.diverged` names epoch and step.
    ///
    /// Complexity: O(epochs N P) for P weights.
    public static func fit(
        _ rows: TrainingRows, task: Task, options: TrainingOptions = TrainingOptions(),
        validation: TrainingRows? = nil, progress: (Epoch) -> Void = { _ in }
    ) throws(EstimatorError) -> Fit {
        try options.check(task)
        try rows.check(task)
        try validation?.check(task)
        if let validation, validation.columns != rows.columns {
            throw .columns(validation.columns, expected: rows.columns)
        }
        if options.patience != nil, validation == nil { throw .patienceWithoutValidation }
        if case .labels(let labels) = rows.targets {
            var seen = [Bool](repeating: false, count: task.outputs)
            for label in labels { seen[label] = true }
            if let missing = seen.firstIndex(of: false) { throw .missingClass(missing) }
        }
        let training = PerceptronTraining(rows, task, options)
        var history: [Epoch] = []
        var best: (epoch: Int, loss: Double, layers: [Layer])?
        for number in 1...options.epochs {
            let loss = try training.epoch(number)
            let held = try validation.map { rows throws(EstimatorError) in
                try training.validationLoss(rows, epoch: number)
            }
            let epoch = Epoch(
                number: number, steps: training.step, trainingLoss: loss, validationLoss: held)
            history.append(epoch)
            progress(epoch)
            guard let patience = options.patience, let held else { continue }
            if best.map({ held < $0.loss }) ?? true {
                best = (number, held, training.network.layers)
            } else if let best, number - best.epoch >= patience {
                break
            }
        }
        let model = MultilayerPerceptron(
            inputs: rows.columns, hidden: options.hidden, activation: options.activation, task: task,
            layers: best?.layers ?? training.network.layers)
        return Fit(model: model, history: history, epoch: best?.epoch ?? history.count)
    }
}
