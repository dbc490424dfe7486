import CanonicalJSON
import Platform
import Testing

@testable import Estimators

/// Against pandas and scipy; Goldens/make_statistics.py states versions and the digest of the data.
@Suite struct StatisticsTests {
    let golden: JSONValue
    init() throws { golden = try Goldens.read("statistics.json") }

    private static let names = ["normal", "related", "skewed", "counts", "far", "constant"]

    private func values(_ name: String) -> [Double] {
        golden["columns"]?[name]?["values"]?.array?.map { $0.number ?? .nan } ?? []
    }

    private func expectClose(
        _ ours: Double?, _ theirs: JSONValue?, _ tolerance: Double = 1e-9, _ what: String = ""
    ) {
        guard let theirs = theirs?.number, let ours else {
            #expect(ours == nil && theirs?.number == nil, "\(what): \(String(describing: ours))")
            return
        }
        #expect(abs(ours - theirs) <= tolerance * max(1, abs(theirs)), "\(what): \(ours), \(theirs)")
    }

    @Test(arguments: names) func `moments are those of pandas and scipy, in whatever pieces rows come`(
        name: String
    ) throws {
        let values = values(name)
        try #require(values.count == 240)
        for piece in [1, 7, 100, 240] {
            var moments = Moments()
            for start in stride(from: 0, to: values.count, by: piece) {
                moments.add(Array(values[start..<min(values.count, start + piece)]))
            }
            let column = golden["columns"]?[name]
            #expect(moments.count == values.count { !$0.isNaN })
            expectClose(moments.mean, column?["mean"], 1e-12, "mean")
            expectClose(moments.deviation, column?["deviation"], 1e-7, "deviation")
            // Of values a thousandth apart beyond a million eleven digits are gone.
            expectClose(moments.skewness, column?["skewness"], name == "far" ? 1e-5 : 1e-9, "skewness")
        }
    }

    @Test(arguments: names) func `quantiles, modes, counts and ranks are those of pandas and numpy`(
        name: String
    ) throws {
        let sorted = SortedValues(values(name))
        let column = try #require(golden["columns"]?[name])
        let quantiles = try #require(sorted.quantiles([0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]))
        #expect(quantiles.count == 7)
        for (ours, theirs) in zip(quantiles, Goldens.numbers(column["quantiles"])) {
            #expect(abs(ours - theirs) <= 1e-12 * abs(theirs))
        }
        let mode = try #require(sorted.mode())
        expectClose(Double(mode.distinct), column["distinct"])
        if name == "counts" || name == "constant" { expectClose(mode.value, column["mode"]) }
        let histogram = Histogram(sorted, edges: Goldens.numbers(column["edges"]))
        #expect(histogram.counts == Goldens.integers(column["histogram"]))
        let ranks = column["ranks"]?.array?.map { $0.number.map { UInt32($0 * 2) } ?? 0 }
        #expect(sorted.doubledRanks() == ranks)
    }

    @Test func `a sorted column is sorted, whatever its values`() {
        let odd: [Double] = [
            -0.0, 0, 0x1p-1030, -0x1p-1030, .nan, .infinity, -.infinity, 1e300, -1e300, 3, 3, -3, 0.1, 2,
            2e-5,
        ]
        for column in [[], [.nan], odd, (0..<5000).map { Double($0 &* 7919 % 5003) - 2500.5 }] as [[Double]] {
            let sorted = SortedValues(column)
            #expect(sorted.values == column.filter(\.isFinite).sorted())
            for (row, rank) in sorted.doubledRanks().enumerated() {
                let value = column[row]
                let (below, equal) = (
                    sorted.count(below: value), sorted.count(upTo: value) - sorted.count(below: value)
                )
                #expect(rank == (value.isFinite ? UInt32(2 * below + equal + 1) : 0))
            }
        }
        #expect(SortedValues([.nan]).quantiles([0.5]) == nil && SortedValues([]).mode() == nil)
    }

    // MARK: Pairs

    private func pairs(_ columns: [[Double]], batch: Int, threads: Int) -> PairSums {
        let pool = WorkerPool(size: threads)
        var sums = PairSums(
            centres: columns.map { column in
                let present = column.filter(\.isFinite)
                return present.reduce(0, +) / Double(max(1, present.count))
            })
        for start in stride(from: 0, to: columns[0].count, by: batch) {
            sums.add(columns.map { Array($0[start..<min($0.count, start + batch)]) }, pool)
        }
        return sums
    }

    @Test func `correlations are pandas', over the rows that both columns have`() throws {
        let columns = Self.names.map(values)
        let ranks = columns.map { SortedValues($0).doubledRanks().map { $0 == 0 ? .nan : Double($0) } }
        for (data, name) in [(columns, "pearson"), (ranks, "spearman")] {
            let sums = pairs(data, batch: 37, threads: 1)
            for i in data.indices {
                for j in data.indices where i != j {
                    // Of 'far', a thousandth around a million, pandas loses eight digits; fractions agree with ours.
                    let tolerance = i == 4 || j == 4 ? 1e-7 : 1e-12
                    expectClose(
                        sums.correlation(i, j), golden[name]?.array?[i].array?[j], tolerance,
                        "\(name) \(i) \(j)")
                }
            }
        }
        #expect(pairs(columns, batch: 50, threads: 1).rows(1, 2) < 90)
    }

    @Test func `threads change no bit of a correlation`() {
        let columns = (0..<7).map { column in
            (0..<1000).map { row -> Double in
                let word = (row * 7919 + column * 104_729) % 1009
                return row % 13 == column ? .nan : Double(word) / 7
            }
        }
        let (one, three) = (pairs(columns, batch: 100, threads: 1), pairs(columns, batch: 100, threads: 3))
        for i in 0..<7 { for j in 0..<7 { #expect(one.correlation(i, j) == three.correlation(i, j)) } }
    }

    @Test func `associations of levels are scipy's`() throws {
        let names = ["a", "b", "c"]
        let codes = names.map { Goldens.integers(golden["levels"]?[$0]).map { Int32($0) } }
        let numbers = Self.names.map(values)
        var sums = LevelAssociations(levels: [4, 3, 2], centres: [100, 0, 3, 3, 1e6, 4])
        let pool = WorkerPool(size: 2)
        for start in stride(from: 0, to: 240, by: 100) {
            let rows = start..<min(240, start + 100)
            sums.add(codes.map { Array($0[rows]) }, numbers.map { Array($0[rows]) }, pool)
        }
        for i in 0..<3 {
            for j in 0..<3 where i != j {
                expectClose(sums.cramersV(i, j), golden["cramer"]?.array?[i].array?[j], 1e-12, "V \(i) \(j)")
            }
            for j in numbers.indices {
                expectClose(
                    sums.correlationRatio(level: i, number: j), golden["eta"]?.array?[i].array?[j], 1e-8,
                    "eta \(i) \(j)")
            }
        }
    }

    // MARK: Drift

    @Test func `drift is as scipy tests it`() throws {
        let before = SortedValues(Goldens.numbers(golden["reference"]))
        let now = SortedValues(values("normal"))
        let test = try #require(Drift.kolmogorovSmirnov(before, now))
        expectClose(test.statistic, golden["ks"]?["statistic"], 1e-12)
        expectClose(test.p, golden["ks"]?["p"], 1e-12)
        let counts = try #require(Drift.decileCounts(expected: before, actual: now))
        #expect(counts.expected.count == 11 && counts.actual.reduce(0, +) == 240)
        expectClose(
            Drift.stabilityIndex(expected: counts.expected, actual: counts.actual), golden["psi"], 1e-12)
        for one in golden["chi_square"]?.array ?? [] {
            let (e, a) = (Goldens.integers(one["expected"]), Goldens.integers(one["actual"]))
            let test = try #require(Drift.chiSquare(expected: e, actual: a))
            expectClose(test.statistic, one["statistic"], 1e-12)
            expectClose(test.p, one["p"], 1e-11)
            expectClose(Double(test.degrees), one["degrees"])
            expectClose(Drift.stabilityIndex(expected: e, actual: a), one["psi"], 1e-12)
        }
        #expect(Drift.chiSquare(expected: [3, 0], actual: [9, 0]) == nil)
        #expect(Drift.kolmogorovSmirnov(before, SortedValues([.nan])) == nil)
        #expect(Drift.stabilityIndex(expected: [1, 2], actual: [0, 0]) == 0)
    }

    @Test func `tail probabilities are scipy's`() {
        for one in golden["kolmogorov"]?.array ?? [] {
            let (x, p) = (Goldens.numbers(one)[0], Goldens.numbers(one)[1])
            #expect(abs(TailProbabilities.kolmogorov(x) - p) <= 1e-12, "\(x)")
        }
        for one in golden["chi2"]?.array ?? [] {
            let (x, degrees, p) = (
                Goldens.numbers(one)[0], Int(Goldens.numbers(one)[1]), Goldens.numbers(one)[2]
            )
            #expect(abs(TailProbabilities.chiSquare(x, degrees: degrees) - p) <= 1e-12, "\(x) \(degrees)")
        }
        #expect(TailProbabilities.chiSquare(0, degrees: 3) == 1 && TailProbabilities.kolmogorov(0) == 1)
        #expect(TailProbabilities.chiSquare(.infinity, degrees: 3) == 0)
    }

    // MARK: Histograms

    @Test func `bins are round, hold every value and are not too many`() throws {
        let columns: [(values: [Double], areIntegers: Bool)] = [
            ([3], true), ([2.5, 2.5], false), ([0, 0, 0], false), ((0..<1000).map { Double($0 % 7) }, true),
            ((0..<1000).map { Double($0) * 1e-9 }, false), ([1e300, -1e300, 5], false),
            ([0x1p-1030, 0x1p-1029], false),
            ((0..<999).map { Double($0) } + [1e9], false), ([1e15, 1e15 + 1], true),
            ([.greatestFiniteMagnitude, -.greatestFiniteMagnitude], false),
        ]
        for (values, areIntegers) in columns {
            let histogram = try #require(Histogram(SortedValues(values), areIntegers: areIntegers))
            #expect(histogram.counts.reduce(0, +) == values.count, "\(values.prefix(3)) \(histogram)")
            #expect(
                histogram.counts.count <= 2 * Histogram.most
                    && histogram.edges.count == histogram.counts.count + 1)
            #expect(zip(histogram.edges, histogram.edges.dropFirst()).allSatisfy { $0 < $1 })
        }
        let days = try #require(Histogram(SortedValues((0..<1000).map { Double($0 % 7) }), areIntegers: true))
        #expect(days.edges == (0...7).map { Double($0) - 0.5 })
        #expect(Histogram(SortedValues([.nan])) == nil)
        let most = try #require(Histogram(SortedValues((0..<100).map { Double($0) } + [1e6]), within: 0...99))
        #expect(most.counts.reduce(0, +) == 100 && most.edges.last! <= 110)
    }
}
