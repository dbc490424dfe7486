import DataFrames
import TableTypes
import Testing

@testable import TableOperations

/// Joins against two nested loops.
@Suite struct JoiningTests {
    /// Rows of both tables, -1 for none: left rows looked up `piece` at a time, pairs taken `most` at a time.
    private func pairs(
        _ left: [DataColumn], _ right: [DataColumn], _ kind: Joining.Kind, piece: Int = .max, most: Int = .max
    ) throws -> [[Int32]] {
        let lookup = try KeyLookup(right)
        var all: [[Int32]] = []
        var count = 0
        for start in stride(from: 0, through: left[0].count, by: min(piece, left[0].count + 1)) {
            let rows = Array(start..<min(left[0].count, start + min(piece, left[0].count)))
            let keys = left.map { $0.gather(rows) }
            count += lookup.count(of: keys, kind)
            var calls = 0
            lookup.pairs(of: keys, kind, atOnce: most) { pairs in
                calls += 1
                #expect(pairs.count <= max(most, rows.count))
                #expect(pairs.hasGaps == pairs.right.contains(-1))
                all += whole(pairs).map { [$0[0] + Int32(start), $0[1]] }
            }
            #expect(calls > 0)
        }
        #expect(count == all.count)
        return all
    }

    private func whole(_ pairs: Joining.Pairs) -> [[Int32]] {
        (0..<pairs.count).map { [pairs.left?[$0] ?? Int32($0), pairs.right.isEmpty ? -1 : pairs.right[$0]] }
    }

    private func meet(_ a: [DataColumn], _ row: Int, _ b: [DataColumn], _ other: Int) -> Bool {
        zip(a, b).allSatisfy { x, y in
            x.cell(row) != .null && y.cell(other) != .null && x.cell(row).key == y.cell(other).key
        }
    }

    @Test(arguments: keyTypes, [(0, 0), (0, 5), (5, 0), (40, 25)])
    func `rows that meet are those of two nested loops`(type: ColumnType, rows: (Int, Int)) throws {
        var random = Random(state: 21)
        for round in 0..<6 {
            let nulls = round % 2 == 0
            let spread = round < 4 ? 5 : 400
            func keys(_ rows: Int) -> [DataColumn] {
                [randomColumn("a", type, rows: rows, nulls: nulls, &random, spread: spread)]
                    + (round % 3 > 0 ? [randomColumn("b", .text, rows: rows, nulls: nulls, &random)] : [])
                    + (round % 3 > 1 ? [randomColumn("c", .integer, rows: rows, nulls: nulls, &random)] : [])
            }
            let (left, right) = (keys(rows.0), keys(rows.1))
            var inner: [[Int32]] = []
            var outer: [[Int32]] = []
            var alone: [[Int32]] = []
            for row in 0..<rows.0 {
                let met = (0..<rows.1).filter { meet(left, row, right, $0) }.map { [Int32(row), Int32($0)] }
                inner += met
                outer += met.isEmpty ? [[Int32(row), -1]] : met
                if met.isEmpty { alone.append([Int32(row), -1]) }
            }
            for (piece, most) in [(Int.max, Int.max), (1, 1), (7, 2), (40, 5)] {
                #expect(try pairs(left, right, .inner, piece: piece, most: most) == inner)
                #expect(try pairs(left, right, .left, piece: piece, most: most) == outer)
                #expect(try pairs(left, right, .anti, piece: piece, most: most) == alone)
            }
            let most = Dictionary(grouping: inner) { $0[0] }.values.map(\.count).max() ?? 0
            #expect(try KeyLookup(right).mostPartners >= most)
        }
    }

    @Test func `a category meets a text of the same bytes`() throws {
        let category = DataColumn("k", .category, .dictionary(indices: [2, 0, 1], levels: ["a", "a", "b"]))
        let text = DataColumn("k", .text, .utf8(StringStorage(["b", "c", "a"])))
        #expect(try pairs([category], [text], .inner) == [[0, 0], [1, 2], [2, 2]])
        #expect(try pairs([text], [category], .inner) == [[0, 0], [2, 1], [2, 2]])
    }

    @Test func `keys that must be unique name the two rows that are not`() throws {
        func column(_ values: [Int64?]) -> [DataColumn] {
            [
                DataColumn(
                    "k", .integer, .int64(values.map { $0 ?? 0 }),
                    validity: ValidityBitmap(values.map { $0 != nil }))
            ]
        }
        let (unique, repeated) = (column([1, nil, nil, 3]), column([1, 3, nil, 1]))
        try Joining.requireUnique(unique)
        #expect(try KeyLookup(unique, isUnique: true).count(of: repeated, .inner) == 3)
        #expect(throws: Joining.DuplicateKey(first: 0, second: 3)) { try Joining.requireUnique(repeated) }
        #expect(throws: Joining.DuplicateKey(first: 0, second: 3)) {
            try KeyLookup(repeated, isUnique: true)
        }
        #expect(try KeyLookup(repeated).mostPartners == 2)
    }

    @Test func `columns follow the pairs, and a null row stays null`() throws {
        var random = Random(state: 8)
        for type in keyTypes {
            for nulls in [true, false] {
                let left = randomColumn("l", type, rows: 9, nulls: nulls, &random)
                let right = randomColumn("r", type, rows: 4, nulls: nulls, &random)
                let places: [Int32] = [8, 0, 0, 3]
                let rows = Joining.Pairs(left: places, right: [3, -1, 0, 1], hasGaps: true, count: 4)
                let made = Joining.columns([(left, "x")], [(right, "y")], by: rows)
                #expect(made.map(\.name) == ["x", "y"] && made.map(\.type) == [type, type])
                #expect(sameBits(made[0].cells, places.map { left.cell(Int($0)) }))
                #expect(sameBits(made[1].cells, rows.right.map { $0 < 0 ? .null : right.cell(Int($0)) }))
            }
        }
    }

    @Test(arguments: [1, 3, 7, 8])
    func `parts of pairs together are all of them`(most: Int) {
        let places: [Int32] = [4, 0, 0, 3, 2, 2, 1]
        for pairs in [
            Joining.Pairs(left: nil, right: [3, -1, 0, 1, 1, 2, 0], hasGaps: true, count: 7),
            Joining.Pairs(left: places, right: [3, 2, 0, 1, 1, 2, 0], hasGaps: false, count: 7),
            Joining.Pairs(left: places, right: [], hasGaps: false, count: 7),
            Joining.Pairs(left: nil, right: [], hasGaps: false, count: 0),
        ] {
            var parts: [[[Int32]]] = []
            pairs.eachPart(atMost: most) {
                #expect($0.count <= most)
                parts.append(whole($0))
            }
            #expect(parts.flatMap { $0 } == whole(pairs))
            #expect(parts.count == max(1, (pairs.count + most - 1) / most))
        }
    }

    @Test(arguments: TimeLookup.Direction.allCases, [nil, 0, 25] as [Int64?])
    func `as of a time is what a look at every row says`(direction: TimeLookup.Direction, tolerance: Int64?) {
        var random = Random(state: 33)
        for round in 0..<8 {
            let nulls = round % 2 == 0
            let (n, m) = (30, [0, 1, 20, 20][round % 4])
            let left = randomColumn("t", .date, rows: n, nulls: nulls, &random, spread: 9)
            let right = randomColumn("t", .date, rows: m, nulls: nulls, &random, spread: 9)
            let keys =
                round < 4
                ? (left: [], right: [])
                : (
                    left: [randomColumn("k", .text, rows: n, nulls: nulls, &random, spread: 3)],
                    right: [randomColumn("k", .text, rows: m, nulls: nulls, &random, spread: 3)]
                )
            let lookup = TimeLookup(right, keys: keys.right, direction: direction, tolerance: tolerance)
            let got = lookup.pairs(of: left, keys: keys.left)
            let (mine, theirs) = (left.instants, right.instants)
            for row in 0..<n {
                var best = -1
                for other in 0..<m {
                    guard left.isValid(row), right.isValid(other), meet(keys.left, row, keys.right, other)
                    else { continue }
                    let distance = mine[row] - theirs[other]
                    if direction == .backward && distance < 0 || direction == .forward && distance > 0 {
                        continue
                    }
                    if let tolerance, abs(distance) > tolerance { continue }
                    guard best >= 0 else {
                        best = other
                        continue
                    }
                    let old = mine[row] - theirs[best]
                    // Nearer; at equal distance the earlier time, of one time the last
                    // row looking back and the first looking forward.
                    if abs(distance) < abs(old) || abs(distance) == abs(old) && distance > old
                        || distance == old && direction != .forward && distance >= 0
                    {
                        best = other
                    }
                }
                #expect(got.right[row] == Int32(best), "round \(round), row \(row)")
            }
        }
    }

    @Test func `a distance of more than 63 bits is no overflow`() {
        let left = DataColumn("t", .integer, .int64([.max, .min]))
        let right = DataColumn("t", .integer, .int64([.min, .max]))
        func nearest(_ right: DataColumn) -> [Int32] {
            TimeLookup(right, direction: .nearest, tolerance: .max).pairs(of: left).right
        }
        #expect(nearest(right) == [1, 0])
        let far = DataColumn("t", .integer, .int64([.min]))
        #expect(nearest(far) == [-1, 0])
    }

    @Test func `a union brings columns, types and levels together`() throws {
        let a = try DataFrame([
            DataColumn("i", .integer, .int64([1, 2]), validity: ValidityBitmap([true, false])),
            DataColumn("c", .category, .dictionary(indices: [1, 0], levels: ["b", "a"])),
            DataColumn("t", .category, .dictionary(indices: [0, 0], levels: ["東"])),
            DataColumn("d", .date, .date32([1, 2])),
        ])
        let b = try DataFrame([
            DataColumn("d", .timestamp, .timestamp([5])), DataColumn("t", .text, .utf8(StringStorage(["ä"]))),
            DataColumn("c", .category, .dictionary(indices: [1], levels: ["a", "z"])),
            DataColumn("i", .number, .float64([0.5])), DataColumn("new", .boolean, .boolean([true])),
        ])
        let together = [
            Column("i", .number), Column("c", .category, levels: ["b", "a", "z"]), Column("t", .text),
            Column("d", .timestamp), Column("new", .boolean),
        ]
        // A table may come in pieces.
        let pieces = [a.gather([0]), a.gather([1]), b, a.gather([])]
        let made = zip(pieces, [a, a, b, a]).map { piece, table in
            Union.Member(table.tableType, of: together).rows(piece)
        }
        var all = DataFrameBuilder()
        for columns in made {
            let frame = try DataFrame(columns)
            all.append(frame, 0..<frame.count)
        }
        let columns = all.take().columns
        #expect(columns[0].cells == [.number(1), .null, .number(0.5)])
        #expect(columns[1].storage == .dictionary(indices: [1, 0, 2], levels: ["b", "a", "z"]))
        #expect(columns[2].cells == [.text("東"), .text("東"), .text("ä")])
        #expect(columns[3].cells == [.timestamp(86_400_000_000), .timestamp(172_800_000_000), .timestamp(5)])
        #expect(columns[4].cells == [.null, .null, .boolean(true)])
        #expect(Union.joined(.integer, .text) == nil && Union.joined(.date, .integer) == nil)
    }

    @Test func `rows are sorted with nulls last either way and equal rows in order`() throws {
        var random = Random(state: 4)
        for type in keyTypes {
            let frame = try DataFrame([
                randomColumn("a", type, rows: 60, nulls: true, &random),
                randomColumn("b", .integer, rows: 60, nulls: true, &random),
            ])
            for isDescending in [false, true] {
                let order = Sorting.order(of: frame, by: [("a", isDescending), ("b", false)])
                #expect(order.sorted() == Array(0..<60))
                let a = try #require(frame["a"])
                for (x, y) in zip(order, order.dropFirst()) {
                    #expect(isOrdered(frame, x, y, isDescending), "\(type) \(a.cell(x)) \(a.cell(y))")
                }
            }
        }
    }

    private func isOrdered(_ frame: DataFrame, _ x: Int, _ y: Int, _ isDescending: Bool) -> Bool {
        func sign(_ name: String, _ descending: Bool) -> Int {
            guard let column = frame[name] else { return 0 }
            let (a, b) = (column.cell(x), column.cell(y))
            if a.key == b.key { return 0 }
            if a == .null { return 1 }
            if b == .null { return -1 }
            let isLess = GroupingTests.reference("min(v)", [b, a]).key == a.key
            let isNaN = { (cell: Cell) in if case .number(let x) = cell { x.isNaN } else { false } }
            let less = isNaN(a) ? false : isNaN(b) ? true : isLess
            return less != descending ? -1 : 1
        }
        let first = sign("a", isDescending)
        let second = sign("b", false)
        return first != 0 ? first < 0 : second != 0 ? second < 0 : x < y
    }
}
