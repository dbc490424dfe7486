import CanonicalJSON
import Estimators
import Testing

@Suite struct BinsTests {
    @Test func `bins have the edges and codes of scikit-learn's KBinsDiscretizer`() throws {
        let golden = try ColumnGoldens.read("binning")
        let columns = try #require(try ColumnGoldens.read("data")["columns"]?.object)
        for (name, values) in columns {
            let column = ColumnGoldens.numbers(values)
            let cases = try #require(golden[name]?["bins"]?.array)
            try #require(cases.count == 6)
            for one in cases {
                let (strategy, count) = (one.array?[0].string ?? "", Int(one.array?[1].number ?? 0))
                let bins =
                    strategy == "quantile"
                    ? try Bins.quantile(fitting: column, bins: count)
                    : try Bins.uniform(fitting: column, bins: count)
                #expect(
                    difference(bins.edges, ColumnGoldens.numbers(one.array?[2]), within: 1e-9) == nil,
                    "\(name) \(strategy) \(count)")
                #expect(bins(column) == ColumnGoldens.codes(one.array?[3]), "\(name) \(strategy) \(count)")
            }
        }
    }

    @Test func `tree bins have the cuts of scikit-learn's decision trees`() throws {
        let golden = try ColumnGoldens.read("binning")
        let data = try ColumnGoldens.read("data")
        let labels = Goldens.integers(data["symboling"])
        let price = try ColumnGoldens.column("price")
        for name in ColumnGoldens.names(data["numeric"]).dropFirst() {
            let column = try ColumnGoldens.column(name)
            let cases = try #require(golden[name]?["tree"]?.array)
            try #require(cases.count == 9)
            for one in cases {
                let parts = one.array ?? []
                let (count, least) = (Int(parts[1].number ?? 0), Int(parts[2].number ?? 0))
                let known = column.indices.filter { !price[$0].isNaN }
                let bins =
                    if let criterion = TreeBins.Criterion(rawValue: parts[0].string ?? "") {
                        try TreeBins.fit(
                            column, labels: labels, classes: 6, criterion: criterion, bins: count,
                            leastRows: least)
                    } else {
                        try TreeBins.fit(
                            known.map { column[$0] }, target: known.map { price[$0] }, bins: count,
                            leastRows: least)
                    }
                #expect(
                    difference(bins.edges, ColumnGoldens.numbers(parts[3])) == nil,
                    "\(name) \(parts[0]) \(count)")
            }
        }
    }

    @Test(arguments: [1, 3, 24, 25, 200], [false, true])
    func `codes count the edges below a value, however many there are`(
        count: Int, includesUpperEdge: Bool
    ) throws {
        let edges = (0..<count).map { Double($0) }
        let bins = try Bins(edges: edges, includesUpperEdge: includesUpperEdge)
        let values = (-4...2 * count + 9).map { Double($0) / 2 } + [.nan, .infinity, -.infinity, -0.0]
        let expected = values.map { value -> Int32 in
            if value.isNaN { return -1 }
            return Int32(edges.count { includesUpperEdge ? value > $0 : value >= $0 })
        }
        #expect(bins(values) == expected)
        // Of every length, since four are looked at at a time.
        for length in 0..<9 { #expect(bins(Array(values.suffix(length))) == Array(expected.suffix(length))) }
    }

    @Test func `columns of one value are one bin`() throws {
        for column in [[3.0], [3, 3, 3], [3, .nan]] {
            #expect(try Bins.quantile(fitting: column).count == 1)
            #expect(try Bins.uniform(fitting: column).count == 1)
            #expect(try TreeBins.fit(column, target: column.map { _ in 1 }).count == 1)
        }
        #expect(try Bins(edges: [])([1, .nan]) == [0, -1])
        #expect(try Bins.uniform(fitting: [1, 1.nextUp], bins: 9).edges.count <= 1)
    }

    @Test func `huge and tiny numbers are binned`() throws {
        for scale in [1e-300, 1, 1e300] {
            let column = (0..<100).map { (Double($0 * 37 % 100) + 0.5) * scale }
            let codes = column.indices.map { Int32($0 * 37 % 100 / 20) }
            #expect(try Bins.uniform(fitting: column + [0, 100 * scale])(column) == codes)
            #expect(try TreeBins.fit(column, labels: codes.map { Int($0) }, classes: 5)(column) == codes)
        }
        let wide: [Double] = [-1.7e308, -1.7e308, 1.7e308, 1.7e308]
        #expect(try Bins.quantile(fitting: wide, bins: 2)(wide) == [0, 0, 1, 1])
    }

    @Test func `tree bins keep to the least rows and the most bins`() throws {
        let column = (0..<100).map { Double($0) }
        let bins = try TreeBins.fit(
            column, labels: (0..<100).map { $0 / 10 % 2 }, classes: 2, bins: 7, leastRows: 10)
        #expect(bins.count == 7)
        #expect(bins.edges.allSatisfy { ($0 - 9.5).truncatingRemainder(dividingBy: 10) == 0 })
        var rows = [Int](repeating: 0, count: bins.count)
        for code in bins(column) { rows[Int(code)] += 1 }
        #expect(rows.allSatisfy { $0 >= 10 })
        // A pure column has nothing to cut.
        #expect(try TreeBins.fit(column, labels: column.map { _ in 1 }, classes: 2).count == 1)
    }

    @Test func `what cannot be binned is an error`() {
        #expect(throws: EstimatorError.noRows) { try Bins.quantile(fitting: [.nan]) }
        #expect(throws: EstimatorError.noRows) { try Bins.uniform(fitting: []) }
        #expect(throws: EstimatorError.tooLarge) {
            try Bins.uniform(fitting: [-1e308, 1.5e308])
        }
        #expect(throws: EstimatorError.notFinite(row: 0, column: 0)) {
            try Bins.quantile(fitting: [.infinity])
        }
        #expect(throws: EstimatorError.noRows) { try TreeBins.fit([.nan], target: [1]) }
        #expect(throws: EstimatorError.targets(1, rows: 2)) { try TreeBins.fit([1, 2], target: [1]) }
        #expect(throws: EstimatorError.targetNotFinite(row: 1)) {
            try TreeBins.fit([1, 2], target: [1, .nan])
        }
        #expect(throws: EstimatorError.label(2, row: 1, classes: 2)) {
            try TreeBins.fit([1, 2], labels: [1, 2], classes: 2)
        }
        expectRefused(
            Bins.countRange,
            whole: {
                _ = try Bins.quantile(fitting: [1, 2], bins: $0)
            })
        expectRefused(
            TreeBins.leafRange,
            whole: {
                _ = try TreeBins.fit([1, 2], target: [1, 2], leastRows: $0)
            })
    }
}
