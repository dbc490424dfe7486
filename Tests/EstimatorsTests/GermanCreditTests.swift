import CanonicalJSON
import Estimators
import Glibc
import Testing

/// Goldens/make.py states the peer's version and the input's digest.
private func golden() throws -> JSONValue {
    let folder = "\(#filePath)".split(separator: "/").dropLast().joined(separator: "/")
    guard let file = fopen("/\(folder)/Goldens/german_credit.json", "r") else {
        throw EstimatorError.missingClass(-1)
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { break }
        bytes += buffer[..<count]
    }
    return try JSONValue(parsing: bytes)
}

private func numbers(_ value: JSONValue?) -> [Double] { value?.array?.compactMap(\.number) ?? [] }
private func digits(_ value: JSONValue?) -> [Int] { value?.string?.utf8.map { Int($0) - 48 } ?? [] }

private struct Credit {
    var numeric: [[Double]]
    var codes: [[String]]
    var labels: [Int]

    init(_ golden: JSONValue) {
        numeric = golden["numbers"]?.array?.map { numbers($0) } ?? []
        codes =
            golden["codes"]?.array?.map { row in
                let text = Array((row.string ?? "").utf8)
                return stride(from: 0, to: text.count, by: 2).map {
                    String(decoding: text[$0..<$0 + 2], as: UTF8.self)
                }
            } ?? []
        labels = digits(golden["labels"])
    }

    /// Fitted on `train`; the rows of `train` and of `test`, row by row.
    func prepared(_ train: [Int], _ test: [Int]) -> (train: [Double], test: [Double], columns: Int) {
        var columns: [(train: [Double], test: [Double])] = []
        for j in numeric[0].indices {
            let scaler = StandardScaler(fitting: train.map { numeric[$0][j] })
            columns.append((scaler(train.map { numeric[$0][j] }), scaler(test.map { numeric[$0][j] })))
        }
        for j in codes[0].indices {
            let encoder = OneHotEncoder(fitting: train.map { codes[$0][j] })
            for pair in zip(encoder(train.map { codes[$0][j] }), encoder(test.map { codes[$0][j] })) {
                columns.append((pair.0, pair.1))
            }
        }
        let left = train.indices.flatMap { row in columns.map { $0.train[row] } }
        let right = test.indices.flatMap { row in columns.map { $0.test[row] } }
        return (left, right, columns.count)
    }
}

@Suite struct GermanCreditTests {
    @Test func coefficientsAndMetricsAgreeWithScikitLearn() throws {
        let golden = try golden()
        let credit = Credit(golden)
        try #require(credit.labels.count == 1000)
        let rows = Array(0..<1000)
        let x = credit.prepared(rows, rows)
        let model = try LogisticRegression(
            fitting: x.train, columns: x.columns, labels: credit.labels, classes: 2)
        let expected = numbers(golden["coefficients"])
        try #require(expected.count == model.coefficients[0].count)
        for (ours, theirs) in zip(model.coefficients[0], expected) { #expect(abs(ours - theirs) < 1e-5) }
        #expect(abs(model.intercepts[0] - (golden["intercept"]?.number ?? .nan)) < 1e-5)
        let p = model.probabilities(x.test)
        let good = stride(from: 1, to: p.count, by: 2).map { p[$0] }
        let truth = credit.labels.map { $0 == 1 }
        #expect(
            abs(Metrics.logLoss(credit.labels, p, classes: 2) - (golden["log_loss"]?.number ?? .nan)) < 1e-8)
        #expect(abs(Metrics.brier(truth, good) - (golden["brier"]?.number ?? .nan)) < 1e-8)
        #expect(abs((Metrics.auc(truth, good) ?? .nan) - (golden["auc_all"]?.number ?? .nan)) < 1e-4)
    }

    @Test func theAreaUnderTheCurveAgreesWithScikitLearnOnTenTimesFiveFolds() throws {
        let golden = try golden()
        let credit = Credit(golden)
        let expected = numbers(golden["auc"])
        try #require(expected.count == 50)
        var sum = 0.0
        for (run, folds) in (golden["folds"]?.array ?? []).enumerated() {
            let fold = digits(folds)
            for index in 0..<5 {
                let train = fold.indices.filter { fold[$0] != index }
                let test = fold.indices.filter { fold[$0] == index }
                let x = credit.prepared(train, test)
                let model = try LogisticRegression(
                    fitting: x.train, columns: x.columns, labels: train.map { credit.labels[$0] }, classes: 2)
                let p = model.probabilities(x.test)
                let auc = try #require(
                    Metrics.auc(test.map { credit.labels[$0] == 1 }, test.indices.map { p[2 * $0 + 1] }))
                #expect(abs(auc - expected[5 * run + index]) < 0.005, "run \(run), fold \(index)")
                sum += auc
            }
        }
        #expect(sum / 50 >= 0.77, "mean \(sum / 50)")
    }

    @Test func aNetworkRanksTheApplicantsOfFiveFolds() throws {
        let golden = try golden()
        let credit = Credit(golden)
        let fold = digits(golden["folds"]?.array?.first)
        try #require(fold.count == 1000)
        var sum = 0.0
        for index in 0..<5 {
            let train = fold.indices.filter { fold[$0] != index }
            let test = fold.indices.filter { fold[$0] == index }
            let x = credit.prepared(train, test)
            let rows = TrainingRows(
                x: x.train.map { Float($0) }, columns: x.columns,
                targets: .labels(train.map { credit.labels[$0] }))
            let fit = try MultilayerPerceptron.fit(
                rows, task: .classification(classes: 2),
                options: TrainingOptions(hidden: [64, 32], dropout: 0.3, epochs: 12, seed: 7))
            let p = try fit.model.predictions(x.test.map { Float($0) }, columns: x.columns)
            sum += try #require(
                Metrics.auc(
                    test.map { credit.labels[$0] == 1 }, test.indices.map { Double(p[2 * $0 + 1]) }))
        }
        #expect(sum / 5 >= 0.70, "mean \(sum / 5)")
    }

    @Test func threeClassesAgreeWithScikitLearn() throws {
        let iris = try golden()["iris"]
        let labels = numbers(iris?["labels"]).map { Int($0) }
        let model = try LogisticRegression(
            fitting: numbers(iris?["x"]), columns: 4, labels: labels, classes: 3)
        let expected = iris?["coefficients"]?.array?.flatMap { numbers($0) } ?? []
        try #require(expected.count == 12)
        for (ours, theirs) in zip(model.coefficients.flatMap { $0 }, expected) {
            #expect(abs(ours - theirs) < 1e-5)
        }
        for (ours, theirs) in zip(model.intercepts, numbers(iris?["intercepts"])) {
            #expect(abs(ours - theirs) < 1e-4)
        }
    }
}
