import CanonicalJSON
import Estimators
import Testing

/// `Goldens/folds.json` holds scikit-learn's folds of the same rows.
@Suite struct RowFoldsTests {
    private struct Case {
        let rows: Int
        let folds: Int
        let json: JSONValue

        func sizes(_ splitter: String, _ side: String) -> [Int] {
            Goldens.integers(json[splitter]?[side])
        }
        func codes(_ name: String) -> [Int32] { Goldens.integers(json[name]).map(Int32.init) }
    }

    private let cases: [Case]

    init() throws {
        cases = try (Goldens.read("folds.json")["cases"]?.array ?? []).map { json in
            Case(
                rows: Int(try #require(json["rows"]?.integer)),
                folds: Int(try #require(json["folds"]?.integer)), json: json)
        }
        try #require(cases.count == 7)
    }

    private func rows(_ folds: RowFolds, _ count: Int, _ side: RowFolds.Side) -> [[Int]] {
        (0..<folds.folds).map { fold in (0..<count).filter { folds.side($0, fold: fold) == side } }
    }

    /// Every row is tested once, and is learned from in all other folds.
    private func expectCover(_ folds: RowFolds, _ count: Int) {
        let (train, test) = (rows(folds, count, .train), rows(folds, count, .test))
        #expect(test.flatMap { $0 }.sorted() == Array(0..<count))
        for fold in 0..<folds.folds { #expect((train[fold] + test[fold]).sorted() == Array(0..<count)) }
    }

    @Test func `plain folds have the sizes of KFold`() throws {
        for sample in cases {
            let folds = try RowFolds(rows: sample.rows, folds: sample.folds, seed: 5)
            expectCover(folds, sample.rows)
            #expect(rows(folds, sample.rows, .test).map(\.count) == sample.sizes("plain", "test"))
            #expect(rows(folds, sample.rows, .train).map(\.count) == sample.sizes("plain", "train"))
        }
    }

    @Test func `stratified folds have the sizes of StratifiedKFold, and so many rows of each class`() throws {
        for sample in cases {
            let classes = sample.codes("classes")
            let folds = try RowFolds(rows: sample.rows, folds: sample.folds, method: .stratified(classes))
            expectCover(folds, sample.rows)
            let test = rows(folds, sample.rows, .test)
            #expect(test.map(\.count).sorted() == sample.sizes("stratified", "test").sorted())
            let theirs = (sample.json["stratified"]?["counts"]?.array ?? []).map { Goldens.integers($0) }
            for label in 0...Int(try #require(classes.max())) {
                let ours = test.map { rows in rows.count { classes[$0] == label } }
                #expect(ours.sorted() == theirs.map { $0[label] }.sorted(), "class \(label)")
            }
        }
    }

    @Test func `grouped folds have the sizes of GroupKFold, and groups are whole`() throws {
        for sample in cases {
            let groups = sample.codes("groups")
            let folds = try RowFolds(
                rows: sample.rows, folds: sample.folds, method: .group(groups), seed: 3)
            expectCover(folds, sample.rows)
            let test = rows(folds, sample.rows, .test)
            #expect(test.map(\.count) == sample.sizes("grouped", "test"))
            #expect(test.map { rows in Set(rows.map { groups[$0] }).count }.reduce(0, +) == Set(groups).count)
        }
    }

    @Test func `in time folds are those of TimeSeriesSplit, whatever the order of the rows`() throws {
        for sample in cases {
            // Row r is the (r * 7 mod rows)th in time, 7 being prime to all numbers of rows.
            let step = sample.rows % 7 == 0 ? 3 : 7
            let times = (0..<sample.rows).map { Int64($0 * step % sample.rows) }
            for method in [RowSplit.Method.timestamps(times), .time(times.map(Double.init))] {
                let folds = try RowFolds(rows: sample.rows, folds: sample.folds, method: method, seed: 9)
                for (fold, ends) in (sample.json["time"]?.array ?? []).enumerated() {
                    let ends = Goldens.integers(ends)
                    let sides = [RowFolds.Side.train, .test].map { side in
                        (0..<sample.rows).filter { folds.side($0, fold: fold) == side }.map {
                            Int(times[$0])
                        }.sorted()
                    }
                    #expect(sides == [Array(ends[0]..<ends[1]), Array(ends[2]..<ends[3])])
                }
            }
        }
    }

    @Test func `the same seed gives the same folds and another seed others`() throws {
        for method in [RowSplit.Method.random, .group((0..<40).map { Int32($0 / 2) })] {
            let first = try RowFolds(rows: 40, folds: 4, method: method, seed: 1)
            #expect(first == (try RowFolds(rows: 40, folds: 4, method: method, seed: 1)))
            #expect(first != (try RowFolds(rows: 40, folds: 4, method: method, seed: 2)))
        }
    }

    @Test func `what cannot be cut says so`() {
        #expect(throws: RowSplitError.folds(1)) { try RowFolds(rows: 10, folds: 1) }
        #expect(throws: RowSplitError.folds(201)) { try RowFolds(rows: 1000, folds: 201) }
        #expect(throws: RowSplitError.emptyPart("3", rows: 3)) { try RowFolds(rows: 3, folds: 4) }
        #expect(throws: RowSplitError.emptyPart("2", rows: 3)) {
            try RowFolds(rows: 3, folds: 3, method: .timestamps([1, 2, 3]))
        }
        #expect(throws: RowSplitError.tooFewGroups(groups: 1, parts: 2)) {
            try RowFolds(rows: 3, folds: 2, method: .group([4, 4, 4]))
        }
        #expect(throws: RowSplitError.classTooSmall(label: 1, rows: 1, parts: 2)) {
            try RowFolds(rows: 3, folds: 2, method: .stratified([0, 0, 1]))
        }
        #expect(throws: RowSplitError.notANumber(row: 1)) {
            try RowFolds(rows: 3, folds: 2, method: .time([0, .nan, 1]))
        }
        #expect(throws: RowSplitError.keyCount(keys: 1, rows: 3)) {
            try RowFolds(rows: 3, folds: 2, method: .group([0]))
        }
    }
}
