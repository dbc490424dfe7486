import CanonicalJSON
import Testing

@testable import Estimators

@Suite struct EncoderTests {
    private static func levels(_ name: String) throws -> (names: [String], codes: [Int32]) {
        let one = try #require(try ColumnGoldens.read("data")["levels"]?[name])
        return (ColumnGoldens.names(one["names"]), ColumnGoldens.codes(one["codes"]))
    }

    private static func target(_ kind: String) throws -> EncoderTarget {
        let price = try ColumnGoldens.column("price")
        switch kind {
        case "continuous": return .number(price)
        case "binary": return .classes(price.map { $0 > 10_000 ? 1 : 0 }, count: 2)
        default: return .classes(Goldens.integers(try ColumnGoldens.read("data")["symboling"]), count: 6)
        }
    }

    @Test func `target encoding has the numbers of scikit-learn`() throws {
        let cases = try #require(try ColumnGoldens.read("encoding")["target"]?.array)
        try #require(cases.count == 90)
        let price = try ColumnGoldens.column("price")
        let known = price.indices.filter { !price[$0].isNaN }
        for one in cases {
            let parts = one.array ?? []
            let (name, kind, smooth) = (parts[0].string ?? "", parts[1].string ?? "", parts[2].number ?? 0)
            let (names, codes) = try Self.levels(name)
            let target: EncoderTarget =
                switch try Self.target(kind) {
                case .number(let values): .number(known.map { values[$0] })
                case .classes(let labels, let count): .classes(known.map { labels[$0] }, count: count)
                }
            let encoder = try TargetEncoder(
                fitting: known.map { codes[$0] }, levels: names.count, target: target,
                smoothing: smooth < 0 ? .auto : .rows(smooth))
            // Each level, null and one not seen.
            let encoded = encoder((0..<names.count).map { Int32($0) } + [-1, Int32(names.count)])
            let rows = (0..<names.count + 2).flatMap { row in encoded.map { $0[row] } }
            #expect(difference(rows, ColumnGoldens.matrix(parts[3])) == nil, "\(name) \(kind) \(smooth)")
        }
    }

    @Test func `out of fold, each row is encoded by the others, as scikit-learn does it with our folds`()
        throws
    {
        let golden = try #require(try ColumnGoldens.read("encoding")["folds"])
        let (names, codes) = try Self.levels("make")
        let target = try Self.target("multiclass")
        #expect(TargetEncoder.folds(target, count: 5, seed: 7) == Goldens.integers(golden["fold"]))
        let encoded = try TargetEncoder.outOfFold(codes, levels: names.count, target: target, seed: 7)
        let rows = codes.indices.flatMap { row in encoded.map { $0[row] } }
        #expect(difference(rows, ColumnGoldens.matrix(golden["values"])) == nil)
    }

    @Test func `folds are even, in all and in each class`() throws {
        let labels = (0..<1003).map { $0 % 7 == 0 ? 2 : $0 % 2 }
        let folds = TargetEncoder.folds(.classes(labels, count: 3), count: 4, seed: 1)
        for label in [nil, 0, 1, 2] {
            let own = folds.indices.filter { label == nil || labels[$0] == label }
            let sizes = (0..<4).map { fold in own.count { folds[$0] == fold } }
            #expect(sizes.max()! - sizes.min()! <= 1)
        }
        #expect(folds != TargetEncoder.folds(.classes(labels, count: 3), count: 4, seed: 2))
        let numbers = TargetEncoder.folds(.number(labels.map(Double.init)), count: 4, seed: 1)
        #expect(Set(numbers) == [0, 1, 2, 3])
    }

    @Test func `an own target does not show in the encoding of its row`() throws {
        // One level a row: encoded by the others, every row is the mean of the others.
        let target = (0..<50).map { Double($0 % 3) }
        let encoded = try TargetEncoder.outOfFold(
            (0..<50).map(Int32.init), levels: 50, target: .number(target), folds: 50)
        for row in target.indices {
            #expect((encoded[0][row] - (target.reduce(0, +) - target[row]) / 49).magnitude < 1e-12)
        }
    }

    @Test func `hashing has the columns and signs of scikit-learn's FeatureHasher`() throws {
        let cases = try #require(try ColumnGoldens.read("encoding")["hashed"]?.array)
        try #require(cases.count == 6)
        for one in cases {
            let parts = one.array ?? []
            let encoder = try HashedEncoder(
                columns: Int(parts[0].number ?? 0), alternatesSign: parts[1] == .boolean(true))
            let found = ColumnGoldens.names(parts[2]).map { encoder($0) }
            #expect(found.map(\.column) == Goldens.integers(parts[3]))
            #expect(found.map(\.value) == Goldens.numbers(parts[4]))
        }
    }

    @Test func `ordinal encoding has the numbers of scikit-learn`() throws {
        let golden = try #require(try ColumnGoldens.read("encoding")["ordinal"]?.object)
        try #require(golden.count == 10)
        for (name, expected) in golden {
            let (names, codes) = try Self.levels(name)
            // Levels in another order, one that no row has among them.
            let others = ["never"] + names.reversed()
            let texts = codes.map { $0 < 0 ? nil : names[Int($0)] }
            let moved = codes.map { $0 < 0 ? -1 : Int32(names.count) - $0 }
            let encoder = OrdinalEncoder(fitting: texts)
            #expect(encoder.levels == names)
            // scikit-learn gives None a place behind all levels; null stays missing here.
            let places = ColumnGoldens.numbers(expected).map { Int($0) == names.count ? .nan : $0 }
            #expect(difference(try encoder(moved, levels: others), places) == nil)
        }
    }

    @Test func `an unseen level is what was asked for`() throws {
        let encoder = OrdinalEncoder(levels: ["b", "a"], unknown: .value(-1))
        #expect(try encoder([0, 1, 2], levels: ["a", "b", "c"]) == [1, 0, -1])
        let error = #expect(throws: EstimatorError.unseenLevel("c")) {
            try OrdinalEncoder(levels: ["b", "a"])([0, 2], levels: ["a", "b", "c"])
        }
        #expect(error?.description.contains("'c'") ?? false)
        #expect(throws: EstimatorError.label(3, row: 0, classes: 3)) {
            try encoder([3], levels: ["a", "b", "c"])
        }
    }

    @Test func `frequencies are counts or shares of the rows with a level`() throws {
        let codes: [Int32] = [0, 2, 2, -1, 2]
        let shares = try FrequencyEncoder(fitting: codes, levels: 4)
        #expect(shares.counts == [1, 0, 3, 0])
        #expect(Array(shares([0, 1, 2, 7])) == [0.25, 0, 0.75, 0])
        #expect(shares([-1])[0].isNaN)
        #expect(try FrequencyEncoder(fitting: codes, levels: 4, output: .count)([2, 9]) == [3, 0])
        #expect(try FrequencyEncoder(fitting: [], levels: 0)([5]) == [0])
    }

    @Test func `what cannot be encoded is an error`() {
        let target = EncoderTarget.number([1, 2])
        #expect(throws: EstimatorError.label(3, row: 1, classes: 3)) {
            try TargetEncoder(fitting: [0, 3], levels: 3, target: target)
        }
        #expect(throws: EstimatorError.targets(2, rows: 1)) {
            try TargetEncoder(fitting: [0], levels: 3, target: target)
        }
        #expect(throws: EstimatorError.noRows) {
            try TargetEncoder(fitting: [], levels: 3, target: .number([]))
        }
        #expect(throws: EstimatorError.targetNotFinite(row: 0)) {
            try TargetEncoder(fitting: [0], levels: 1, target: .number([.nan]))
        }
        #expect(throws: EstimatorError.label(-1, row: 0, classes: 2)) {
            try TargetEncoder(fitting: [0], levels: 1, target: .classes([-1], count: 2))
        }
        #expect(throws: EstimatorError.self) {
            try TargetEncoder.outOfFold([0, 1], levels: 2, target: target)
        }
        #expect(throws: EstimatorError.label(-2, row: 0, classes: 1)) {
            try FrequencyEncoder(fitting: [-2], levels: 1)
        }
        #expect(throws: EstimatorError.tooLarge) {
            try TargetEncoder(fitting: [0, 1], levels: 2, target: .number([1.7e308, 1.7e308]))
        }
        let learned: [(means: [Double], values: [[Double]])] = [
            ([], []), ([.nan], [[1]]), ([1], [[]]), ([1], [[1], [2]]), ([1, 2], [[1], [2, 3]]),
        ]
        for (means, values) in learned {
            #expect(throws: EstimatorError.self, "\(values)") {
                try TargetEncoder(means: means, values: values)
            }
        }
        expectRefused(TargetEncoder.smoothingRange) {
            _ = try TargetEncoder(fitting: [0, 1], levels: 2, target: target, smoothing: .rows($0))
        }
        expectRefused(
            TargetEncoder.foldsRange,
            whole: {
                _ = try TargetEncoder.outOfFold([0, 1], levels: 2, target: target, folds: $0)
            })
        expectRefused(
            HashedEncoder.columnsRange,
            whole: {
                _ = try HashedEncoder(columns: $0)
            })
    }
}
