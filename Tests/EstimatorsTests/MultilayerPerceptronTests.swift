import Autograd
import CanonicalJSON
import NeuralNetworks
import TensorCore
import TensorKernels
import Testing

@testable import Estimators

/// Numbers in [-1, 1), the same in every run.
private func uniform(_ count: Int, seed: UInt64) -> [Float] {
    let philox = Philox(seed: seed)
    return (0..<count).map { Float(philox(SIMD4(UInt32($0), 0, 0, 99))[0] >> 8) / 8_388_608 - 1 }
}

/// Rows of `columns` numbers, classes by a bent rule.
private func bent(_ count: Int, columns: Int, classes: Int, seed: UInt64 = 5) -> TrainingRows {
    let x = uniform(count * columns, seed: seed)
    let labels = (0..<count).map { row -> Int in
        let line = x[row * columns..<(row + 1) * columns]
        let square = line.reduce(0) { $0 + $1 * $1 } / Float(columns)
        return Swift.min(Int(square * Float(2 * classes)), classes - 1)
    }
    return TrainingRows(x: x, columns: columns, targets: .labels(labels))
}

private func bits(_ fit: MultilayerPerceptron.Fit) -> [UInt64] {
    fit.model.parameters.flatMap { $0.values.map { UInt64($0.bitPattern) } }
        + fit.history.flatMap { [$0.trainingLoss.bitPattern, ($0.validationLoss ?? 0).bitPattern] }
}

/// The loss of a network in doubles, by definition, one element at a time;
/// tanh and gelu are written by exp, as the kernels cannot be asked.
private struct SlowReference {
    let sizes: [Int]
    let activation: MultilayerPerceptron.Activation
    let rows: TrainingRows
    let batch: [Int]
    let classWeights: [Float]?
    /// What each hidden layer's elements are multiplied by, row by row.
    let factors: [[Float]]

    func activated(_ x: Double) -> Double {
        switch activation {
        case .relu: return x > 0 ? x : 0
        case .tanh: return 1 - 2 / (Elementary.exp(2 * x) + 1)
        case .gelu:
            let u = (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
            return 0.5 * x * (1 + (1 - 2 / (Elementary.exp(2 * u) + 1)))
        }
    }

    func loss(weights: [[Double]], biases: [[Double]]) -> Double {
        var (sum, divisor) = (0.0, 0.0)
        for (place, row) in batch.enumerated() {
            var line = (0..<sizes[0]).map { Double(rows.x[row * sizes[0] + $0]) }
            for layer in weights.indices {
                line = (0..<sizes[layer + 1]).map { output in
                    line.indices.reduce(biases[layer][output]) {
                        $0 + line[$1] * weights[layer][output * sizes[layer] + $1]
                    }
                }
                guard layer + 1 < weights.count else { break }
                line = line.map(activated)
                for j in line.indices { line[j] *= Double(factors[layer][place * line.count + j]) }
            }
            switch rows.targets {
            case .labels(let labels):
                let weight = Double(classWeights?[labels[row]] ?? 1)
                let total = line.reduce(0) { $0 + Elementary.exp($1) }
                sum += weight * (Elementary.log(total) - line[labels[row]])
                divisor += weight
            case .values(let wanted):
                for (j, value) in line.enumerated() {
                    let error = value - Double(wanted[row * line.count + j])
                    sum += error * error
                    divisor += 1
                }
            }
        }
        return sum / divisor
    }
}

@Suite struct MultilayerPerceptronTests {
    @Test(arguments: MultilayerPerceptron.Activation.allCases, [0, 0.3])
    func gradientsAgreeWithDifferencesOfAScalarReferenceInDouble(
        activation: MultilayerPerceptron.Activation, dropout: Double
    ) throws {
        let classes = bent(9, columns: 3, classes: 3)
        let values = TrainingRows(x: classes.x, columns: 3, targets: .values(uniform(18, seed: 8)))
        let batch = [7, 0, 3, 8, 1, 2, 5]
        for (rows, task) in [
            (classes, MultilayerPerceptron.Task.classification(classes: 3)),
            (values, .regression(outputs: 2)),
        ] {
            let classWeights: [Float]? = task == .classification(classes: 3) ? [1, 2, 0.5] : nil
            let options = TrainingOptions(
                hidden: [5, 4], activation: activation, dropout: dropout, seed: 11, classWeights: classWeights
            )
            let training = PerceptronTraining(rows, task, options)
            let linears = training.network.linears
            for (index, linear) in linears.enumerated() {
                let bias = try #require(linear.bias)
                let values = uniform(bias.value.count, seed: UInt64(20 + index))
                bias.value = try Tensor(values, bias.value.shape, in: training.network.context)
            }
            let (loss, gradients) = training.gradients(batch)
            let sizes = [3, 5, 4, task.outputs]
            let factors = try (0..<2).map { layer in
                try Tensor(repeating: Float(1), [7, sizes[layer + 1]], in: training.network.context)
                    .dropping(Drops(chance: dropout, seed: 11, step: 1, layer: layer, samples: batch))
                    .values(Float.self)
            }
            let reference = SlowReference(
                sizes: sizes, activation: activation, rows: rows, batch: batch, classWeights: classWeights,
                factors: factors)
            let weights = training.network.layers.map { $0.weights.map { Double($0) } }
            let biases = training.network.layers.map { $0.biases.map { Double($0) } }
            let exact = reference.loss(weights: weights, biases: biases)
            #expect(abs(loss.sum / loss.divisor - exact) < 1e-6 * (1 + exact), "\(task)")
            let h = 1e-6
            for (layer, linear) in linears.enumerated() {
                let ours = try #require(gradients[linear.weight]).transposed().values(Float.self)
                for index in weights[layer].indices {
                    var (up, down) = (weights, weights)
                    up[layer][index] += h
                    down[layer][index] -= h
                    let slope =
                        (reference.loss(weights: up, biases: biases)
                            - reference.loss(weights: down, biases: biases)) / (2 * h)
                    #expect(abs(Double(ours[index]) - slope) < 2e-6, "\(task) weight \(layer) \(index)")
                }
                let bias = try #require(linear.bias.flatMap { gradients[$0] }).values(Float.self)
                for index in biases[layer].indices {
                    var (up, down) = (biases, biases)
                    up[layer][index] += h
                    down[layer][index] -= h
                    let slope =
                        (reference.loss(weights: weights, biases: up)
                            - reference.loss(weights: weights, biases: down)) / (2 * h)
                    #expect(abs(Double(bias[index]) - slope) < 2e-6, "\(task) bias \(layer) \(index)")
                }
            }
        }
    }

    /// 20 steps: 4 epochs of 5, the last of each with fewer rows.
    @Test(arguments: MultilayerPerceptron.Activation.allCases)
    func twentyStepsHaveTheSameBitsOnEveryLevelAndForAnyNumberOfThreads(
        activation: MultilayerPerceptron.Activation
    ) throws {
        let rows = bent(150, columns: 7, classes: 3)
        let held = bent(40, columns: 7, classes: 3, seed: 6)
        for optimizer in [TrainingOptions.Optimizer.adamW(), .sgd(momentum: 0.9)] {
            var options = TrainingOptions(
                hidden: [19, 6], activation: activation, dropout: 0.2, optimizer: optimizer,
                learningRate: 0.01, batchSize: 32, epochs: 4, seed: 3, level: .plain)
            let expected = try MultilayerPerceptron.fit(
                rows, task: .classification(classes: 3), options: options, validation: held)
            #expect(expected.history.last?.steps == 20)
            let x = try expected.model.predictions(held.x, columns: 7, level: .plain)
            for level in KernelLevel.allCases where level <= .best {
                for threads in [1, 2, 3] {
                    options.level = level
                    options.threads = threads
                    let fit = try MultilayerPerceptron.fit(
                        rows, task: .classification(classes: 3), options: options, validation: held)
                    #expect(bits(fit) == bits(expected), "\(level) \(threads) threads")
                    #expect(
                        try fit.model.predictions(held.x, columns: 7, level: level, threads: threads) == x)
                }
            }
        }
    }

    /// Steps whose products and functions are worth several workers.
    @Test func workThatIsSharedHasTheSameBits() throws {
        let rows = bent(1100, columns: 40, classes: 2)
        var options = TrainingOptions(
            hidden: [128, 96], activation: .gelu, dropout: 0.2, batchSize: 512, epochs: 1, seed: 3,
            level: .plain)
        let task = MultilayerPerceptron.Task.classification(classes: 2)
        let expected = try MultilayerPerceptron.fit(rows, task: task, options: options, validation: rows)
        for level in KernelLevel.allCases where level <= .best {
            for threads in [1, 2, 3] {
                options.level = level
                options.threads = threads
                let fit = try MultilayerPerceptron.fit(rows, task: task, options: options, validation: rows)
                #expect(bits(fit) == bits(expected), "\(level) \(threads) threads")
            }
        }
    }

    @Test func aRowIsPredictedAloneAsAmongOthers() throws {
        let rows = bent(1500, columns: 5, classes: 2)
        let options = TrainingOptions(hidden: [8], activation: .gelu, batchSize: 500, epochs: 2)
        let model = try MultilayerPerceptron.fit(
            rows, task: .classification(classes: 2), options: options
        ).model
        let all = try model.predictions(rows.x, columns: 5)
        for row in [0, 1023, 1024, 1499] {
            let one = try model.predictions(Array(rows.x[5 * row..<5 * row + 5]), columns: 5)
            #expect(one == Array(all[2 * row..<2 * row + 2]))
            #expect(abs(one[0] + one[1] - 1) < 1e-6)
        }
    }

    @Test func aBentRuleAndABentCurveAreLearnt() throws {
        let rows = bent(600, columns: 2, classes: 3)
        let test = bent(300, columns: 2, classes: 3, seed: 77)
        let options = TrainingOptions(
            hidden: [32], activation: .gelu, learningRate: 0.01, batchSize: 32, epochs: 40)
        let fit = try MultilayerPerceptron.fit(rows, task: .classification(classes: 3), options: options)
        let p = try fit.model.predictions(test.x, columns: 2).map { Double($0) }
        guard case .labels(let labels) = test.targets else { return }
        let accuracy = Metrics.accuracy(labels, Metrics.decisions(p, classes: 3))
        #expect(accuracy > 0.9, "\(accuracy)")
        let first = try #require(fit.history.first).trainingLoss
        let last = try #require(fit.history.last).trainingLoss
        #expect(last < first / 3 && fit.history.count == 40, "\(first) \(last)")
        let x = uniform(400, seed: 1)
        let curve = TrainingRows(x: x, columns: 1, targets: .values(x.map { $0 * $0 }))
        let curved = try MultilayerPerceptron.fit(
            curve, task: .regression(outputs: 1),
            options: TrainingOptions(
                hidden: [16], activation: .tanh, optimizer: .sgd(momentum: 0.9), learningRate: 0.05,
                weightDecay: 0, epochs: 100))
        for value in [-0.8, 0, 0.5] as [Float] {
            let y = try curved.model.predictions([value], columns: 1)[0]
            #expect(abs(y - value * value) < 0.05, "\(value): \(y)")
        }
    }

    @Test func stoppingEarlyKeepsTheBestEpoch() throws {
        // Labels by chance: what is learnt of them does not hold elsewhere.
        let labels = uniform(80, seed: 2).map { $0 > 0 ? 1 : 0 }
        let rows = TrainingRows(x: uniform(320, seed: 3), columns: 4, targets: .labels(labels))
        let held = TrainingRows(x: uniform(320, seed: 4), columns: 4, targets: .labels(labels.reversed()))
        var options = TrainingOptions(hidden: [32], learningRate: 0.01, epochs: 60, patience: 4)
        var told: [MultilayerPerceptron.Epoch] = []
        let fit = try MultilayerPerceptron.fit(
            rows, task: .classification(classes: 2), options: options, validation: held
        ) { told.append($0) }
        #expect(told == fit.history)
        let losses = fit.history.map { $0.validationLoss ?? .nan }
        let lowest = try #require(losses.min())
        #expect(fit.epoch == (losses.firstIndex(of: lowest) ?? -1) + 1)
        #expect(fit.history.count == fit.epoch + 4 && fit.history.count < 60)
        // The same epochs without a stop end with the same weights.
        options.patience = nil
        options.epochs = fit.epoch
        let same = try MultilayerPerceptron.fit(
            rows, task: .classification(classes: 2), options: options, validation: held)
        #expect(same.model == fit.model && same.epoch == fit.epoch)
    }

    @Test func whatIsDroppedDependsOnRowAndStepNotOnPlace() throws {
        let network = PerceptronNetwork(
            [3, 50, 20, 2], .relu, dropout: 0.25, seed: 9, in: TensorContext())
        let rows = bent(20, columns: 3, classes: 2)
        func scores(_ numbers: [Int], step: Int) throws -> [[Float]] {
            let x = try Tensor(rows.gathered(numbers), [numbers.count, 3], in: network.context)
            let pass = Pass.training(Tape(), seed: 9, step: step, samples: numbers)
            let all: [Float] = try network(Variable(x), pass).value.values()
            return numbers.indices.map { Array(all[2 * $0..<2 * $0 + 2]) }
        }
        let some = try scores([4, 17, 2], step: 1)
        #expect(try scores([2, 4], step: 1) == [some[2], some[0]])
        #expect(try scores([4], step: 2) != [some[0]])
    }

    @Test func whatDivergesOrCannotBeTrainedIsSaid() throws {
        let rows = bent(40, columns: 2, classes: 2)
        func message(
            _ rows: TrainingRows, _ task: MultilayerPerceptron.Task = .classification(classes: 2),
            validation: TrainingRows? = nil, _ change: (inout TrainingOptions) -> Void = { _ in }
        ) -> String {
            var options = TrainingOptions(hidden: [4], epochs: 2)
            change(&options)
            do {
                _ = try MultilayerPerceptron.fit(rows, task: task, options: options, validation: validation)
                return "fitted"
            } catch { return "\(error)" }
        }
        #expect(message(rows) == "fitted")
        let far = TrainingRows(x: [1e30, 2e30, -1e30], columns: 1, targets: .values([1, 2, 3]))
        #expect(
            message(far, .regression(outputs: 1)) {
                $0.optimizer = .sgd()
                $0.batchSize = 1
                $0.learningRate = 1
            }
                == "training diverged in epoch 1, at step 2: loss or weights are not finite; scale the columns or "
                + "lower the learning rate")
        #expect(message(rows, .classification(classes: 3)) == "no row has label 2")
        #expect(
            message(TrainingRows(x: [1, 2], columns: 1, targets: .labels([0, 5])))
                == "row 1 has label 5; labels must be in [0, 2)")
        #expect(
            message(TrainingRows(x: [1, .nan], columns: 1, targets: .labels([0, 1])))
                == "the value in row 1, column 0 is not finite")
        #expect(
            message(
                TrainingRows(x: [1, 2], columns: 1, targets: .values([0, .nan])), .regression(outputs: 1))
                == "the target of row 1 is not finite")
        #expect(
            message(TrainingRows(x: [1, 2, 3], columns: 2, targets: .labels([0])))
                == "a matrix of 1 rows and 2 columns needs 2 values; got 3")
        #expect(
            message(TrainingRows(x: [], columns: 2, targets: .labels([]))) == "there is no row to train on")
        #expect(
            message(TrainingRows(x: [1, 2], columns: 1, targets: .labels([0])))
                == "2 rows need 2 targets an output; got 1")
        #expect(
            message(rows, .regression(outputs: 1))
                == "the targets is of the other kind; it must be labels for classes, else values")
        #expect(
            message(rows, validation: bent(9, columns: 3, classes: 2)) == "3 columns where training had 2")
        #expect(message(rows) { $0.patience = 2 } == "stopping early needs validation rows")
        #expect(message(rows) { $0.dropout = 1 } == "dropout is 1.0; it must be in [0, 1)")
        #expect(message(rows) { $0.batchSize = 0 } == "the batch size is 0; it must be at least 1")
        #expect(message(rows) { $0.learningRate = .nan } == "the learning rate is nan; it must be above 0")
        #expect(
            message(rows) { $0.classWeights = [1] }
                == "the list of class weights is [1.0]; it must be one number above 0 for each of 2 classes")
    }

    @Test func theModelSurvivesItsDescriptionAndTensors() throws {
        let rows = bent(60, columns: 3, classes: 3)
        let options = TrainingOptions(hidden: [5, 4], activation: .tanh, epochs: 2)
        let model = try MultilayerPerceptron.fit(
            rows, task: .classification(classes: 3), options: options
        ).model
        #expect(
            model.parameters.map { "\($0.name) \($0.shape)" } == [
                "layers.0.weight [5, 3]", "layers.0.bias [5]", "layers.1.weight [4, 5]", "layers.1.bias [4]",
                "layers.2.weight [3, 4]", "layers.2.bias [3]",
            ])
        let text = model.architecture.canonicalText
        #expect(
            text == #"{"activation":"tanh","estimator":"mlp","hidden":[5,4],"inputs":3,"outputs":3,"#
                + #""task":"classification"}"#)
        let read = try MultilayerPerceptron(
            architecture: JSONValue(parsing: text), parameters: model.parameters.reversed())
        #expect(read == model)
        func message(_ text: String) -> String {
            do {
                _ = try MultilayerPerceptron(
                    architecture: JSONValue(parsing: text), parameters: model.parameters)
                return "read"
            } catch { return "\(error)" }
        }
        func described(_ activation: String, _ hidden: String, _ inputs: String) -> String {
            message(
                #"{"activation":"\#(activation)","estimator":"mlp","hidden":\#(hidden),"inputs":\#(inputs),"#
                    + #""outputs":3,"task":"classification"}"#)
        }
        #expect(described("tanh", "[5,4]", "3") == "read")
        #expect(
            described("sine", "[5,4]", "3")
                == "'activation' of the model's description must be 'relu' or 'gelu' or 'tanh'")
        #expect(
            described("tanh", "5", "3")
                == "'hidden' of the model's description must be a list of whole numbers")
        let size = "of the model's description must be a whole number from 1 to 16777216"
        #expect(described("tanh", "[5,0]", "3") == "'hidden' \(size)")
        #expect(described("tanh", "[5,4]", "9223372036854775807") == "'inputs' \(size)")
        #expect(
            described("tanh", "[5]", "3")
                == "tensor 'layers.1.weight' has shape [4, 5]; the model's description needs [3, 5]")
        #expect(
            described("tanh", "[5,4,3]", "3") == "the model's weights have no tensor 'layers.3.weight'")
        #expect(throws: EstimatorError.columns(2, expected: 3)) { try model.predictions([1, 2], columns: 2) }
    }
}
