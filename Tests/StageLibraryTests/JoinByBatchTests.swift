import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import TableTypes
import Testing

@testable import StageLibrary

/// Joins and unions of tables that pass batch by batch.
@Suite struct JoinByBatchTests {
    /// Rows of the right table by their key, found one by one.
    private func partners(_ right: DataFrame) throws -> [Int64: [Int]] {
        guard case .int64(let keys)? = right["key"]?.storage else { return [:] }
        return Dictionary(grouping: keys.indices.filter { right["key"]?.isValid($0) == true }) { keys[$0] }
    }

    /// - Parameter spread: Of the right keys: many that stand once, or some that stand often.
    @Test(arguments: [40_000, 900])
    func `a join is that of the whole tables`(spread: Int) throws {
        let left = try ByBatch.rows(140_000)
        // Behind all rows one that is null throughout: what left rows without a partner meet.
        let some = try ByBatch.rows(3000, spread: spread).frame
        let partners = try partners(some)
        let nothing = some.columns.map { column in
            DataColumn(
                column.name, column.type, column.gather([0]).storage, validity: ValidityBitmap([false]))
        }
        var builder = DataFrameBuilder()
        builder.append(some, 0..<some.count)
        builder.append(try DataFrame(nothing), 0..<1)
        let right = builder.take()
        guard case .int64(let keys)? = left.frame["key"]?.storage else { return }
        func met(_ row: Int) -> [Int] {
            left.frame["key"]?.isValid(row) == true ? partners[keys[row]] ?? [] : []
        }
        let join = try KindHarness("join.tables")
        for how in ["inner", "left", "anti"] {
            var pairs: [(left: Int, right: Int)] = []
            for row in 0..<left.frame.count {
                let met = met(row)
                if how != "anti" { pairs += met.map { (row, $0) } }
                if how != "inner", met.isEmpty { pairs.append((row, right.count - 1)) }
            }
            let others = how == "anti" ? [] : right.columns.filter { $0.name != "key" }
            let columns =
                left.frame.columns.map { $0.gather(pairs.map(\.left)) }
                + others.map { column in
                    var taken = column.gather(pairs.map(\.right))
                    taken.name += "_right"
                    return taken
                }
            let whole = ArrowTable(frame: try DataFrame(columns), roles: left.roles)
            let outcome = try join.run(
                ["on": ["key"], "how": .string(how)],
                tables: ["left": left, "right": ArrowTable(frame: some)])
            let made = try Files.read(outcome.path("table"))
            #expect(try made == ByBatch.bytes(whole), "\(how): \(pairs.count) rows")
            #expect(outcome.facts["table.rows"] == .integer(Int64(pairs.count)))
        }
    }

    @Test(arguments: [[0, 1], [0, 1, 1]] as [[Int64]])
    func `rows that meet long texts pass few at a time`(keys: [Int64]) throws {
        let left = try table([:], .integers("key", [0, 1, 0, 1, 0, 1, 0])).frame
        let text = String(repeating: "x", count: 1 << 20)
        let right = try table([:], .integers("key", keys), .texts("document", keys.map { "\($0)\(text)" }))
            .frame
        let plan = JoinPlan(
            ["on": ["key"]], left: left.tableType, right: right.tableType, rightName: nil)
        func joined(memory: Int64?) throws -> (rows: DataFrame, longest: Int) {
            let join = try TableJoin(plan, right: right, leftRowBytes: 8, memory: memory)
            var (rows, longest) = (DataFrameBuilder(), 0)
            try join.each(of: left) {
                longest = max(longest, $0.count)
                rows.append($0, 0..<$0.count)
            }
            return (rows.take(), longest)
        }
        let whole = try joined(memory: nil)
        #expect(whole.longest == whole.rows.count && whole.rows.count >= left.count)
        for (memory, most) in [(1, 1), (16 << 20, 1), (64 << 20, 3)] as [(Int64, Int)] {
            let parts = try joined(memory: memory)
            #expect(parts.longest == most)
            #expect(parts.rows == whole.rows)
        }
    }

    @Test func `as of a time each left row is by itself`() throws {
        let left = try ByBatch.rows(140_000)
        let right = try ByBatch.rows(500)
        let join = try KindHarness("join.tables")
        for direction in ["backward", "forward", "nearest"] {
            let parameters: JSONValue = [
                "how": "asof", "time": ["left": "day", "right": "day"], "direction": .string(direction),
                "tolerance": "9d",
            ]
            let all = try join.run(parameters, tables: ["left": left, "right": right]).table("table")
            // Of rows here and there, which come in other batches then.
            let places = stride(from: 5, to: left.frame.count, by: 4001).map { $0 }
            let some = try join.run(parameters, tables: ["left": left.gather(places), "right": right])
            #expect(try some.table("table") == all.gather(places))
        }
    }

    @Test func `a left key that comes twice is found in another batch`() throws {
        let left = try table([:], .integers("key", (0..<70_000).map { $0 == 69_999 ? 3 : Int64($0) }))
        let right = try table([:], .integers("key", [1, 2]))
        let said = try KindHarness("join.tables").failure(
            ["on": ["key"], "validate": "one_to_one"], tables: ["left": left, "right": right])
        #expect(
            said?.hasPrefix("validate: one_to_one: rows 4 and 70000 of 'left' have the same key\n") == true)
    }

    @Test func `a join that would never end is told before it begins`() throws {
        let many = try table([:], .integers("key", [Int64](repeating: 1, count: 50_000)))
        let said = try KindHarness("join.tables").failure(
            ["on": ["key"]], tables: ["left": many, "right": many])
        #expect(
            said == """
                the result would have 2500000000 rows, more than a table can have
                  fix: make keys narrower, or aggregate a table before the join
                """)
    }

    @Test func `a union is that of the whole tables`() throws {
        let a = try ByBatch.rows(140_000)
        let b = try table(
            [:], .numbers("key", (0..<70_000).map { Double($0) }),
            .categories("level", (0..<70_000).map { ["new", "a"][$0 % 2] }, levels: ["new", "a"]))
        let workspace = try Workspace()
        let output = workspace.place("table")
        let empty = try workspace.table("in", a.gather([]))
        let inputs = try [a, b].enumerated().map { number, table in
            let path = workspace.place("\(number)")
            try ArrowFile.write(table.frame, roles: table.roles, to: path)
            return StageRun.Artifact(port: "in", type: .table, path: path, basename: "\(number)")
        }
        try KindHarness("join.union").kind.run(
            StageRun(
                parameters: ["missing": "null"], inputs: [empty] + inputs, outputs: ["table": output]))
        func text(_ column: DataColumn?, _ row: Int) -> String? { column?.string(row) }
        let rows = a.frame.count..<(a.frame.count + b.frame.count)
        let none = b.frame.count
        let whole = try table(
            ["key": .id],
            .numbers(
                "key",
                (a.frame["key"]?.numbers ?? []).map { $0.isNaN ? nil : $0 }
                    + rows.map { Double($0 - 140_000) }),
            .texts(
                "text",
                (0..<a.frame.count).map { text(a.frame["text"], $0) } + [String?](repeating: nil, count: none)
            ),
            .categories(
                "level",
                (0..<a.frame.count).map { text(a.frame["level"], $0) } + rows.map { ["new", "a"][$0 % 2] },
                levels: ["mid", "a", "zz", "late", "new"]),
            .numbers(
                "x",
                (a.frame["x"]?.numbers ?? []).map { $0.isNaN ? nil : $0 }
                    + [Double?](repeating: nil, count: none)),
            DataColumn(
                "day", .date, .date32((0..<rows.upperBound).map { $0 < 140_000 ? Int32($0 % 20_000) : 0 }),
                validity: ValidityBitmap((0..<rows.upperBound).map { $0 < 140_000 })))
        #expect(try Files.read(output) == ByBatch.bytes(whole))
    }
}
