import CanonicalJSON
import Testing

@testable import Estimators

@Suite struct SelectionTests {
    @Test func `columns that vary are those of scikit-learn's VarianceThreshold`() throws {
        let golden = try #require(try ColumnGoldens.read("selecting")["variances"]?.array)
        let names = ColumnGoldens.names(try ColumnGoldens.read("data")["numeric"])
        let columns = try names.map { try ColumnGoldens.column($0) }
        for (threshold, kept) in zip([0, 3.0, 1000], golden) {
            #expect(
                try VarianceThreshold(fitting: columns, threshold: threshold).kept == Goldens.integers(kept))
        }
        let odd = try VarianceThreshold(fitting: [[0.1, 0.1, 0.1], [.nan, .nan], [], [1, .nan, 2]])
        #expect(odd.kept == [3])
        #expect(odd.variances.map(\.isNaN) == [false, true, true, false])
        #expect(throws: EstimatorError.notFinite(row: 1, column: 1)) {
            try VarianceThreshold(fitting: [[1], [2, .infinity]])
        }
        expectRefused(VarianceThreshold.thresholdRange) {
            _ = try VarianceThreshold(fitting: [[1]], threshold: $0)
        }
    }

    @Test func `levels and numbers tell as much of each other as scikit-learn says, without its noise`()
        throws
    {
        let golden = try ColumnGoldens.read("selecting")
        let data = try ColumnGoldens.read("data")
        let symboling = ColumnGoldens.codes(data["symboling"])
        let levels = try #require(golden["levels"]?.array)
        try #require(levels.count == 10)
        for one in levels {
            let name = one.array?[0].string ?? ""
            let found = try MutualInformation.levels(
                ColumnGoldens.codes(data["levels"]?[name]?["codes"]), symboling)
            #expect(difference([found], [one.array?[1].number ?? .nan]) == nil, "\(name)")
        }
        let mixed = try #require(golden["mixed"]?.array)
        try #require(mixed.count == 45)
        for one in mixed {
            let (name, neighbors) = (one.array?[0].string ?? "", Int(one.array?[1].number ?? 0))
            let found = try MutualInformation.numbers(
                try ColumnGoldens.column(name), levels: symboling, neighbors: neighbors)
            #expect(difference([found], [one.array?[2].number ?? .nan]) == nil, "\(name) \(neighbors)")
        }
        let numbers = try #require(golden["numbers"]?.array)
        try #require(numbers.count == 3)
        for one in numbers {
            let (x, y) = (ColumnGoldens.numbers(one.array?[0]), ColumnGoldens.numbers(one.array?[1]))
            let found = try [1, 3, 7].map { try MutualInformation.numbers(x, y, neighbors: $0) }
            #expect(difference(found, ColumnGoldens.numbers(one.array?[2])) == nil)
        }
    }

    @Test func `neighbours in the plane are those that comparing all finds`() {
        var source = OrderStatisticsTests.RandomSource(state: 3)
        for bound in [UInt64(3), 50, 1 << 40] {
            let x = (0..<300).map { _ in Double(source.next() % bound) }
            let y = (0..<300).map { _ in Double(source.next() % bound) }
            let tree = PlaneTree(x, y)
            for point in x.indices {
                let all = x.indices.map { max((x[$0] - x[point]).magnitude, (y[$0] - y[point]).magnitude) }
                    .sorted()
                #expect(tree.neighborDistance(point, 3) == all[3])
            }
        }
    }

    @Test func `a copy tells much, a constant and a stranger little`() throws {
        var source = OrderStatisticsTests.RandomSource(state: 9)
        let x = (0..<2000).map { _ in Double(source.next() >> 11) }
        let y = (0..<2000).map { _ in Double(source.next() >> 11) }
        #expect(try MutualInformation.numbers(x, x) > 5)
        #expect(try MutualInformation.numbers(x, y) < 0.05)
        #expect(try MutualInformation.numbers(x, levels: x.map { $0 > 0x1p52 ? 1 : 0 }) > 0.65)
        #expect(try MutualInformation.numbers(x, levels: y.map { $0 > 0x1p52 ? 1 : 0 }) < 0.05)
        #expect(try MutualInformation.numbers(x, [Double](repeating: 7, count: 2000)) < 1e-9)
        #expect(try MutualInformation.levels([1, 2, 3], [7, 7, 7]) == 0)
        #expect(try MutualInformation.numbers([1, 2], levels: [0, 1]) == 0)
    }

    @Test func `what tells nothing is an error`() {
        #expect(throws: EstimatorError.noRows) { try MutualInformation.levels([], []) }
        #expect(throws: EstimatorError.targets(1, rows: 2)) { try MutualInformation.levels([1, 2], [1]) }
        #expect(throws: EstimatorError.noRows) { try MutualInformation.numbers([.nan], levels: [1]) }
        #expect(throws: EstimatorError.noRows) { try MutualInformation.numbers([1, 2, 3], [1, 2, 3]) }
        #expect(throws: EstimatorError.notFinite(row: 1, column: 0)) {
            try MutualInformation.numbers([1, .infinity], levels: [1, 1])
        }
        expectRefused(
            MutualInformation.neighborsRange,
            whole: {
                _ = try MutualInformation.numbers([1, 2], levels: [1, 1], neighbors: $0)
            })
    }
}
