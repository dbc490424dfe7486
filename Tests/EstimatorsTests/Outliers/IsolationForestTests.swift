import CanonicalJSON
import Platform
import Testing

@testable import Estimators

@Suite struct IsolationForestTests {
    private static func golden() throws -> (x: [Double], planted: Int, scores: [Double]) {
        let golden = try ColumnGoldens.read("outliers")
        return (
            ColumnGoldens.matrix(golden["x"]), Int(golden["planted"]?.number ?? 0),
            ColumnGoldens.numbers(golden["scores"])
        )
    }

    @Test func `planted outliers rank first, and ranks are like those of scikit-learn's forest`() throws {
        let (x, planted, theirs) = try Self.golden()
        let forest = try IsolationForest(fitting: x, columns: 4)
        let scores = try forest.scores(x)
        let isPlanted = scores.indices.map { $0 < planted }
        #expect(try #require(Metrics.auc(isPlanted, scores)) == 1)
        #expect(scores.allSatisfy { $0 > 0 && $0 < 1 })
        // Spearman's correlation of two random forests' scores.
        let (a, b) = (Self.ranks(scores), Self.ranks(theirs))
        let middle = Double(scores.count - 1) / 2
        let product = a.indices.reduce(0) { $0 + (a[$1] - middle) * (b[$1] - middle) }
        let square = a.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }
        #expect(product / square > 0.95, "\(product / square)")
        // Trees differ, but the formula is the same: so are the levels of the scores.
        let gap = zip(scores, theirs).reduce(0) { $0 + ($1.0 - $1.1).magnitude } / Double(scores.count)
        #expect(gap < 0.01, "\(gap)")
    }

    private static func ranks(_ values: [Double]) -> [Double] {
        var ranks = [Double](repeating: 0, count: values.count)
        for (rank, place) in values.indices.sorted(by: { (values[$0], $0) < (values[$1], $1) }).enumerated() {
            ranks[place] = Double(rank)
        }
        return ranks
    }

    @Test func `the threshold is the paper's, or leaves a share of the rows above it`() throws {
        let (x, planted, _) = try Self.golden()
        #expect(try IsolationForest(fitting: x, columns: 4).threshold == 0.5)
        #expect(try IsolationForest(fitting: x, columns: 4).flags(x).prefix(planted).allSatisfy { $0 })
        var options = IsolationForest.Options()
        options.threshold = .contamination(0.04)
        let flags = try IsolationForest(fitting: x, columns: 4, options).flags(x)
        #expect(flags.indices.filter { flags[$0] } == Array(0..<planted))
    }

    @Test func `expected paths are the paper's`() {
        #expect([0, 1, 2].map { IsolationTree.expectedPath($0) } == [0, 0, 1])
        // 2 H(255) - 2 * 255 / 256, H by Euler's constant.
        #expect((IsolationTree.expectedPath(256) - 10.244_770_920_1).magnitude < 1e-9)
    }

    @Test func `shuttle's anomalies are found`() throws {
        let path = "\(Goldens.root)/../shared/data/shuttle-anomaly/shuttle.csv"
        let file =
            (try? Files.read(path)) ?? (try? Files.read("/work/shared/data/shuttle-anomaly/shuttle.csv"))
        guard let file else { return print("skipped: no folder shuttle-anomaly") }
        var (x, labels): ([Double], [Bool]) = ([], [])
        for line in file.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
            .dropFirst()
        {
            let fields = line.split(separator: UInt8(ascii: ",")).map {
                Double(String(decoding: $0, as: UTF8.self)) ?? .nan
            }
            try #require(fields.count == 10)
            x += fields.dropLast()
            labels.append(fields[9] == 1)
        }
        let scores = try IsolationForest(fitting: x, columns: 9, threads: 2).scores(x, threads: 2)
        // scikit-learn's forest: 0.998 (the data set's README).
        let auc = Metrics.auc(labels, scores) ?? .nan
        #expect(auc > 0.99, "\(auc)")
    }

    @Test func `threads change nothing, seeds do`() throws {
        let (x, _, _) = try Self.golden()
        var options = IsolationForest.Options()
        options.trees = 20
        options.threshold = .contamination(0.1)
        let one = try IsolationForest(fitting: x, columns: 4, options)
        for threads in [2, 5] {
            #expect(try IsolationForest(fitting: x, columns: 4, options, threads: threads) == one)
            #expect(try one.scores(x, threads: threads) == one.scores(x))
        }
        options.seed = 1
        #expect(try IsolationForest(fitting: x, columns: 4, options) != one)
    }

    @Test func `missing values, constant columns and single rows have scores`() throws {
        var (x, planted, _) = try Self.golden()
        for place in stride(from: 1, to: x.count, by: 7) { x[place] = .nan }
        let scores = try IsolationForest(fitting: x, columns: 4).scores(x)
        #expect(try #require(Metrics.auc(scores.indices.map { $0 < planted }, scores)) > 0.98)
        for x in [
            [1.0, 2], [3, 3, 3, 3, 3, 3], [.nan, .nan, .nan, .nan],
            [1e308, -1e308, 0, .leastNonzeroMagnitude],
        ] {
            let scores = try IsolationForest(fitting: x, columns: 2).scores(x)
            #expect(scores.allSatisfy { $0 > 0 && $0 < 1 }, "\(x) \(scores)")
        }
        #expect(try IsolationForest(fitting: [1, 2], columns: 2).scores([]) == [])
    }

    @Test func `what has no trees is an error`() {
        #expect(throws: EstimatorError.noRows) { try IsolationForest(fitting: [], columns: 2) }
        #expect(throws: EstimatorError.shape(values: 3, rows: 1, columns: 2)) {
            try IsolationForest(fitting: [1, 2, 3], columns: 2)
        }
        #expect(throws: EstimatorError.notFinite(row: 0, column: 1)) {
            try IsolationForest(fitting: [1, .infinity], columns: 2)
        }
        expectRefused(
            IsolationForest.Options.treesRange,
            whole: {
                var options = IsolationForest.Options()
                options.trees = $0
                _ = try IsolationForest(fitting: [1], columns: 1, options)
            })
        expectRefused(
            IsolationForest.Options.sampleRange,
            whole: {
                var options = IsolationForest.Options()
                options.sample = $0
                _ = try IsolationForest(fitting: [1], columns: 1, options)
            })
        expectRefused(IsolationForest.Options.contaminationRange) {
            var options = IsolationForest.Options()
            options.threshold = .contamination($0)
            _ = try IsolationForest(fitting: [1], columns: 1, options)
        }
    }
}
