import CanonicalJSON
import Estimators
import Testing

@Suite struct PenguinsTests {
    private let golden: JSONValue
    private let labels: [Int]
    /// N x 4, scaled.
    private let x: [Double]

    init() throws {
        golden = try Goldens.read("penguins.json")
        labels = Goldens.digits(golden["labels"])
        let measured = Goldens.numbers(golden["measured"])
        try #require(labels.count == 342 && measured.count == 4 * 342)
        let count = labels.count
        let columns = (0..<4).map { j in
            let column = (0..<count).map { measured[4 * $0 + j] }
            return StandardScaler(fitting: column)(column)
        }
        x = (0..<count).flatMap { row in columns.map { $0[row] } }
    }

    private func expectClose(
        _ ours: [Double], _ theirs: [Double], within bound: Double, _ what: Comment,
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(ours.count == theirs.count && !ours.isEmpty, what, sourceLocation: location)
        for (mine, other) in zip(ours, theirs) {
            #expect(abs(mine - other) <= bound, what, sourceLocation: location)
        }
    }

    @Test func threeSpeciesHaveTheCoefficientsOfScikitLearn() throws {
        let model = try LogisticRegression(fitting: x, columns: 4, labels: labels, classes: 3)
        expectClose(
            model.coefficients.flatMap { $0 }, Goldens.numbers(golden["coefficients"]), within: 1e-7, "plain")
        expectClose(model.intercepts, Goldens.numbers(golden["intercepts"]), within: 1e-7, "plain")
        let weighted = try LogisticRegression(
            fitting: x, columns: 4, labels: labels, classes: 3, classWeights: [1, 2.5, 0.5])
        expectClose(
            weighted.coefficients.flatMap { $0 }, Goldens.numbers(golden["weighted"]?["coefficients"]),
            within: 1e-7, "weighted")
        expectClose(
            weighted.intercepts, Goldens.numbers(golden["weighted"]?["intercepts"]), within: 1e-7, "weighted")
    }

    @Test func probabilitiesAndMetricsOfThreeSpeciesAgreeWithScikitLearn() throws {
        let two = labels.indices.flatMap { [x[4 * $0], x[4 * $0 + 3]] }
        let model = try LogisticRegression(fitting: two, columns: 2, labels: labels, classes: 3, c: 0.02)
        let p = Goldens.numbers(golden["probabilities"])
        expectClose(model.probabilities(two), p, within: 1e-8, "probabilities")
        let guess = Metrics.decisions(p, classes: 3)
        #expect(guess == Goldens.digits(golden["guess"]))
        #expect(Metrics.decisions(model.probabilities(two), classes: 3) == guess)
        let confusion = Metrics.confusion(labels, guess, classes: 3)
        #expect(confusion.flatMap { $0 } == Goldens.integers(golden["confusion"]))
        #expect(Metrics.accuracy(labels, guess) == golden["accuracy"]?.number)
        let macro = Metrics.macroScores(confusion)
        expectClose(
            [macro.precision, macro.recall, macro.f1], Goldens.numbers(golden["macro"]), within: 1e-14,
            "macro")
        let weighted = Metrics.weightedScores(confusion)
        expectClose(
            [weighted.precision, weighted.recall, weighted.f1], Goldens.numbers(golden["weighted_scores"]),
            within: 1e-14, "weighted")
        expectClose(
            [
                Metrics.macroAUC(labels, p, classes: 3) ?? .nan, Metrics.logLoss(labels, p, classes: 3),
                Metrics.brier(labels, p, classes: 3),
                Metrics.brier(labels.map { $0 == 2 }, labels.indices.map { p[3 * $0 + 2] }),
            ], ["auc", "log_loss", "brier", "brier_last"].map { golden[$0]?.number ?? .nan }, within: 1e-13,
            "probability metrics")
        #expect(Metrics.macroAUC([0, 1], [0.1, 0.9, 0, 0.9, 0.1, 0], classes: 3) == nil)
    }

    @Test func curvesOfOneSpeciesAgreeWithScikitLearn() throws {
        let p = Goldens.numbers(golden["probabilities"])
        let isOwn = labels.map { $0 == 2 }
        let scores = labels.indices.map { p[3 * $0 + 2] }
        let points = Metrics.rocCurve(isOwn, scores).dropFirst()
        let expected = golden["roc"]?.array?.flatMap { Goldens.numbers($0) } ?? []
        expectClose(
            points.flatMap { [$0.falsePositiveRate, $0.truePositiveRate, $0.threshold] }, expected,
            within: 1e-15, "curve")
        let bins = Metrics.calibration(isOwn, scores)
        #expect(bins.reduce(0) { $0 + $1.count } == 342)
        expectClose(
            bins.flatMap { [$0.meanProbability, $0.fractionPositive] },
            golden["calibration"]?.array?.flatMap { Goldens.numbers($0) } ?? [], within: 1e-14, "calibration")
    }

    @Test func theModelSurvivesItsDescriptionAndTensors() throws {
        let model = try LogisticRegression(fitting: x, columns: 4, labels: labels, classes: 3)
        #expect(model.parameters.map(\.name) == ["coefficients", "intercepts"])
        #expect(model.parameters.map(\.shape) == [[3, 4], [3]])
        let text = model.architecture.canonicalText
        #expect(
            text
                == #"{"classes":3,"columns":4,"estimator":"logistic_regression","iterations":\#(model.iterations)}"#
        )
        let read = try LogisticRegression(
            architecture: JSONValue(parsing: text), parameters: model.parameters.reversed())
        #expect(read == model)
        func message(
            _ change: (inout [NamedTensor<Double>]) -> Void, _ from: String = "", _ to: String = ""
        ) -> String {
            var tensors = model.parameters
            change(&tensors)
            do {
                let text = text.split(
                    separator: from.isEmpty ? "\u{0}" : from, omittingEmptySubsequences: false
                )
                .joined(separator: to)
                _ = try LogisticRegression(architecture: JSONValue(parsing: text), parameters: tensors)
                return "read"
            } catch { return "\(error)" }
        }
        #expect(message { $0.removeLast() } == "the model's weights have no tensor 'intercepts'")
        #expect(
            message { $0.append(NamedTensor(name: "more", shape: [], values: [1])) }
                == "the model's weights have a tensor 'more' that its description lacks")
        #expect(
            message { $0[0].shape = [4, 3] }
                == "tensor 'coefficients' has shape [4, 3]; the model's description needs [3, 4]")
        #expect(
            message { $0[1].values.removeLast() } == "tensor 'intercepts' holds 2 values; its shape needs 3")
        #expect(message { $0[0].values[5] = .infinity } == "element 5 of tensor 'coefficients' is not finite")
        #expect(
            message({ _ in }, "\"classes\":3", "\"classes\":1")
                == "'classes' of the model's description must be a whole number from 2 to 16777216")
        #expect(
            message({ _ in }, "logistic_regression", "forest")
                == "'estimator' of the model's description must be 'logistic_regression'")
    }
}
