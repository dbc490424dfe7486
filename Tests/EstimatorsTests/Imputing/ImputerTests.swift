import CanonicalJSON
import Estimators
import Testing

@Suite struct ImputerTests {
    @Test func `neighbours fill what scikit-learn's KNNImputer fills`() throws {
        let golden = try ColumnGoldens.read("imputing")
        let scaled = ColumnGoldens.matrix(golden["scaled"])
        let cases = try #require(golden["knn"]?.array)
        try #require(cases.count == 8)
        for one in cases {
            let parts = one.array ?? []
            let weights = try #require(NeighborImputer.Weights(rawValue: parts[1].string ?? ""))
            let imputer = try NeighborImputer(
                fitting: scaled, columns: 16, neighbors: Int(parts[0].number ?? 0), weights: weights)
            try Self.expect(
                try imputer(scaled), ColumnGoldens.numbers(parts[2]), of: scaled, "\(parts[0]) \(weights)")
        }
        let raw = ColumnGoldens.matrix(golden["masked"])
        let imputer = try NeighborImputer(fitting: raw, columns: 16)
        try Self.expect(try imputer(raw), ColumnGoldens.numbers(golden["raw"]), of: raw, "raw")
    }

    /// Goldens hold what was missing alone. Those that are null were decided by a tie there: most must not be.
    private static func expect(_ found: [Double], _ golden: [Double], of x: [Double], _ name: String) throws {
        let filled = x.indices.filter { x[$0].isNaN }.map { found[$0] }
        try #require(filled.count == golden.count)
        #expect(!filled.contains { $0.isNaN })
        #expect(x.indices.allSatisfy { x[$0].isNaN || x[$0] == found[$0] })
        let told = golden.indices.filter { !golden[$0].isNaN }
        #expect(told.count > golden.count / 2, "\(name)")
        #expect(difference(told.map { filled[$0] }, told.map { golden[$0] }) == nil, "\(name)")
    }

    /// What was missing.
    private static func filled(_ imputer: IterativeImputer, _ x: [Double]) throws -> [Double] {
        let found = try imputer(x)
        return x.indices.filter { x[$0].isNaN }.map { found[$0] }
    }

    @Test func `iterative imputing has the numbers of scikit-learn's IterativeImputer`() throws {
        let golden = try ColumnGoldens.read("imputing")
        let x = ColumnGoldens.matrix(golden["masked"])
        let imputer = try IterativeImputer(fitting: x, columns: 16)
        #expect(imputer.steps.count == 16 * Int(golden["rounds"]?.number ?? 0))
        #expect(difference(try Self.filled(imputer, x), ColumnGoldens.numbers(golden["iterative"])) == nil)
        let orders = try #require(golden["orders"]?.array)
        try #require(orders.count == 4)
        for one in orders {
            let order = try #require(IterativeImputer.Order(rawValue: one.array?[0].string ?? ""))
            let imputer = try IterativeImputer(
                fitting: x, columns: 16, rounds: 3, tolerance: 1e-9, order: order)
            #expect(
                difference(try Self.filled(imputer, x), ColumnGoldens.numbers(one.array?[1])) == nil,
                "\(order)")
        }
        // Learned from some rows, applied to others.
        let part = try IterativeImputer(fitting: Array(x.prefix(150 * 16)), columns: 16)
        #expect(
            difference(
                try Self.filled(part, Array(x.dropFirst(150 * 16))), ColumnGoldens.numbers(golden["other"]))
                == nil)
    }

    @Test func `both are nearer to values that were taken away than the median is`() throws {
        let golden = try ColumnGoldens.read("imputing")
        let masked = ColumnGoldens.matrix(golden["masked"])
        let names = ColumnGoldens.names(try ColumnGoldens.read("data")["numeric"])
        let whole = try names.map { try ColumnGoldens.column($0) }
        // In units of each column's deviation, so that all columns count.
        let scales = whole.map { column in StandardScaler(fitting: column.filter { !$0.isNaN }).deviation }
        let x = masked.indices.map { masked[$0] / scales[$0 % 16] }
        func error(_ filled: [Double]) -> Double {
            let taken = x.indices.filter { x[$0].isNaN && !whole[$0 % 16][$0 / 16].isNaN }
            let squares = taken.map { place in
                let truth = whole[place % 16][place / 16] / scales[place % 16]
                return (filled[place] - truth) * (filled[place] - truth)
            }
            return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
        }
        let medians = try (0..<16).map { column in
            try #require(MedianImputer(fitting: stride(from: column, to: x.count, by: 16).map { x[$0] }))
                .median
        }
        let median = error(x.indices.map { x[$0].isNaN ? medians[$0 % 16] : x[$0] })
        let near = error(try NeighborImputer(fitting: x, columns: 16)(x))
        let iterative = error(try IterativeImputer(fitting: x, columns: 16)(x))
        #expect(median > 0.8)
        #expect(near < 0.8 * median, "\(near) \(median)")
        #expect(iterative < 0.8 * median, "\(iterative) \(median)")
    }

    @Test func `threads change nothing`() throws {
        let x = ColumnGoldens.matrix(try ColumnGoldens.read("imputing")["masked"])
        let imputer = try NeighborImputer(fitting: x, columns: 16, weights: .distance)
        let one = try imputer(x)
        for threads in [2, 3, 8] { #expect(try imputer(x, threads: threads) == one) }
    }

    @Test func `of equal distances the first row is nearer`() throws {
        let x: [Double] = [0, 10, 1, 20, -1, 30, 0, .nan]
        #expect(try NeighborImputer(fitting: x, columns: 2, neighbors: 1)([0, .nan]) == [0, 10])
        #expect(try NeighborImputer(fitting: x, columns: 2, neighbors: 2)([0, .nan]) == [0, 15])
        #expect(
            try NeighborImputer(fitting: x, columns: 2, neighbors: 3, weights: .distance)([0, .nan]) == [
                0, 10,
            ])
    }

    @Test func `what cannot be compared gets the mean, and a column without values stays missing`() throws {
        let x: [Double] = [1, .nan, .nan, 3, .nan, .nan, .nan, 5, .nan]
        let near = try NeighborImputer(fitting: x, columns: 3)(x)
        #expect(Array(near.prefix(2)) == [1, 5])
        #expect([2, 5, 8].allSatisfy { near[$0].isNaN })
        let iterative = try IterativeImputer(fitting: x, columns: 3)(x)
        #expect([2, 5, 8].allSatisfy { iterative[$0].isNaN })
        #expect([0, 1, 3, 4, 6, 7].allSatisfy { !iterative[$0].isNaN })
        let row = try NeighborImputer(fitting: x, columns: 3)([.nan, .nan, .nan])
        #expect(Array(row.prefix(2)) == [2, 5])
        let one = try IterativeImputer(fitting: [1, .nan, 3], columns: 1)
        #expect(try one([.nan, 7]) == [2, 7])
    }

    @Test func `constant columns, one row and huge numbers are filled`() throws {
        let constant: [Double] = [2, 5, 2, .nan, .nan, 6, 2, 7]
        #expect(try NeighborImputer(fitting: constant, columns: 2)(constant)[4] == 2)
        #expect((try IterativeImputer(fitting: constant, columns: 2)(constant)[4] - 2).magnitude < 1e-9)
        #expect(try NeighborImputer(fitting: [1, 2], columns: 2)([.nan, 2]) == [1, 2])
        #expect(try IterativeImputer(fitting: [1, 2], columns: 2)([.nan, 2]) == [1, 2])
        let huge: [Double] = [1e200, 2e200, 3e200, .nan, 5e200, 6e200]
        let filled = try NeighborImputer(fitting: huge, columns: 2, weights: .distance)(huge)
        #expect(filled.allSatisfy { $0.isFinite })
        #expect(throws: EstimatorError.tooLarge) { try IterativeImputer(fitting: huge, columns: 2) }
        let tiny = [1e-200, 2e-200, 3e-200, .nan, 5e-200, 6e-200]
        #expect(try IterativeImputer(fitting: tiny, columns: 2)(tiny).allSatisfy { $0.isFinite })
        #expect(try NeighborImputer(fitting: tiny, columns: 2)(tiny).allSatisfy { $0.isFinite })
    }

    @Test func `what cannot be imputed is an error`() throws {
        #expect(throws: EstimatorError.noRows) { try NeighborImputer(fitting: [], columns: 2) }
        #expect(throws: EstimatorError.noRows) { try IterativeImputer(fitting: [], columns: 2) }
        let odd = EstimatorError.shape(values: 3, rows: 1, columns: 2)
        #expect(throws: odd) { try NeighborImputer(fitting: [1, 2, 3], columns: 2) }
        #expect(throws: odd) { try IterativeImputer(fitting: [1, 2, 3], columns: 2) }
        #expect(throws: odd) { try NeighborImputer(fitting: [1, 2], columns: 2)([1, 2, 3]) }
        #expect(throws: odd) { try IterativeImputer(fitting: [1, 2], columns: 2)([1, 2, 3]) }
        #expect(throws: EstimatorError.notFinite(row: 1, column: 0)) {
            try NeighborImputer(fitting: [1, 2, .infinity, 4], columns: 2)
        }
        #expect(throws: EstimatorError.notFinite(row: 0, column: 1)) {
            try IterativeImputer(fitting: [1, 2], columns: 2)([1, .infinity])
        }
        expectRefused(
            NeighborImputer.neighborsRange,
            whole: {
                _ = try NeighborImputer(fitting: [1], columns: 1, neighbors: $0)
            })
        expectRefused(
            IterativeImputer.roundsRange,
            whole: {
                _ = try IterativeImputer(fitting: [1], columns: 1, rounds: $0)
            })
        expectRefused(IterativeImputer.toleranceRange) {
            _ = try IterativeImputer(fitting: [1], columns: 1, tolerance: $0)
        }
    }
}
