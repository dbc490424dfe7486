import ArrowIPC
import CanonicalJSON
import DataFrames
import Parquet
import PipelineLanguage
import Platform
import TableTypes
import Testing

@testable import StageLibrary

/// Kinds that go batch by batch, over tables of several batches: what they write is what the whole table gives, to the
/// byte.
@Suite struct BatchByBatchTests {
    /// Rows in three batches, with nulls of every kind; one level comes in the last rows only.
    private static func rows(_ count: Int, spread: Int = 5003) throws -> ArrowTable {
        let rows = 0..<count
        let key = rows.map { row in row % 97 == 13 ? nil : Int64(row &* 7919 % spread) }
        let levels = ["mid", "a", "zz", "late"]
        return try table(
            ["key": .id],
            .integers("key", key), .texts("text", rows.map { $0 % 11 == 3 ? nil : "t\($0 % 1009), \"é\"" }),
            .categories(
                "level", rows.map { $0 % 7 == 1 ? nil : levels[$0 > count - 50 ? 3 : $0 % 3] }, levels: levels
            ),
            .numbers("x", rows.map { $0 % 13 == 5 ? nil : Double($0) / 8 }),
            DataColumn("day", .date, .date32(rows.map { Int32($0 % 20_000) })))
    }

    private func bytes(_ table: ArrowTable) throws -> [UInt8] {
        let path = try scratchFolder() + "/whole.arrow"
        try ArrowFile.write(table.frame, roles: table.roles, to: path)
        return try Files.read(path)
    }

    /// Rows of the right table by their key, found one by one.
    private func partners(_ right: DataFrame) throws -> [Int64: [Int]] {
        guard case .int64(let keys)? = right["key"]?.storage else { return [:] }
        return Dictionary(grouping: keys.indices.filter { right["key"]?.isValid($0) == true }) { keys[$0] }
    }

    /// - Parameter spread: Of the right keys: many that stand once, or some that stand often.
    @Test(arguments: [40_000, 900])
    func `a join is that of the whole tables`(spread: Int) throws {
        let left = try Self.rows(140_000)
        // Behind all rows one that is null throughout: what left rows without a partner meet.
        let some = try Self.rows(3000, spread: spread).frame
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
            #expect(try made == bytes(whole), "\(how): \(pairs.count) rows")
            #expect(outcome.facts["table.rows"] == .integer(Int64(pairs.count)))
        }
    }

    @Test func `as of a time each left row is by itself`() throws {
        let left = try Self.rows(140_000)
        let right = try Self.rows(500)
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
        let a = try Self.rows(140_000)
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
        #expect(try Files.read(output) == bytes(whole))
    }

    @Test func `every form of file is that of the whole table`() throws {
        let input = try Self.rows(300_000)
        let export = try KindHarness("table.export")
        func made(_ form: String) throws -> [UInt8] {
            let outcome = try export.run(["form": .string(form)], tables: ["in": input])
            #expect(outcome.facts["file.rows"] == 300_000 && outcome.facts["file.columns"] == 5)
            return try Files.read(outcome.path("file"))
        }
        #expect(try made("arrow") == bytes(input))
        let path = try scratchFolder() + "/whole.parquet"
        try ParquetFile.write(input.frame, roles: input.roles, to: path)
        #expect(try made("parquet") == Files.read(path))
        for (form, writer) in [
            ("csv", RowWriter(csv: input.frame)), ("jsonl", RowWriter(jsonLines: input.frame)),
        ] {
            var text = TextBytes()
            writer.begin(&text)
            try writer.append(0..<300_000, to: &text)
            let whole = text.withBytes { Array($0) }
            #expect(try made(form) == whole, "\(form)")
        }
    }

    @Test func `a date that no text holds is told with its row in the table`() throws {
        let rows = 70_000
        let days = (0..<rows).map { $0 == 69_998 ? Int32.max : 0 }
        let far = try table([:], DataColumn("day", .date, .date32(days)))
        for form in ["csv", "jsonl"] {
            let said = try KindHarness("table.export").failure(
                ["form": .string(form)], tables: ["in": far])
            #expect(said == "row 69999, column 'day': the date lies outside the years 1 to 9999")
        }
    }

    /// A file of several row groups, or of several batches.
    private func file(_ form: String, _ table: ArrowTable) throws -> String {
        let path = try scratchFolder() + "/a.\(form)"
        guard form == "parquet" else {
            try ArrowFile.write(table.frame, roles: table.roles, to: path)
            return path
        }
        var writer = try ParquetWriter(path, roles: table.roles)
        for start in stride(from: 0, to: table.frame.count, by: 30_000) {
            var group = DataFrameBuilder()
            group.append(table.frame, start..<min(start + 30_000, table.frame.count))
            try writer.append(group.take())
        }
        try writer.finish()
        return path
    }

    @Test(arguments: ["parquet", "arrow"])
    func `a typed file is collected as if it came at once`(form: String) throws {
        let count = 140_000
        let input = try Self.rows(count)
        let path = try file(form, input)
        // Levels are those that occur, sorted.
        let sorted = DataColumn.categories(
            "level", (0..<count).map { input.frame["level"]?.string($0) }, levels: ["a", "late", "mid", "zz"])
        let columns = input.frame.columns.map { $0.name == "level" ? sorted : $0 }
        let whole = ArrowTable(frame: try DataFrame(columns), roles: input.roles)
        let outcome = try KindHarness("collect.\(form)").run(paths: ["path": path])
        #expect(try Files.read(outcome.path("table")) == bytes(whole))
        #expect(outcome.facts["rejects.rows"] == 0)
        let imported = try KindHarness("table.import").run(paths: ["in": path])
        #expect(try Files.read(imported.path("table")) == bytes(whole))
    }

    @Test(arguments: ["parquet", "arrow"])
    func `what must be unique is found far apart, and its row named`(form: String) throws {
        let rows = 70_000
        let ids = (0..<rows).map { $0 == rows - 2 ? 5 : Int64($0) }
        let path = try file(form, table([:], .integers("id", ids), .texts("t", ids.map { "t\($0)" })))
        let keyed = try schema([
            "fields": [["name": "id", "type": "integer", "constraints": ["unique": true]], ["name": "t"]]
        ])
        let collect = try KindHarness("collect.\(form)")
        let outcome = try collect.run(["max_rejects": 1], paths: ["path": path], schema: keyed)
        #expect(
            try rejects(outcome) == ["a.\(form)/69999 id: '5' was there before, but must be unique"])
        #expect(outcome.facts["table.rows"] == 69_999)
        let error = #expect(throws: StageError.self) { try collect.run(paths: ["path": path], schema: keyed) }
        #expect(
            error?.message
                == "'a.\(form)': row 69999, column 'id': '5' was there before, but must be unique")
    }

    @Test func `JSON lines are collected as if they came at once`() throws {
        // More than one piece of them; a level, a fault and a repeated key stand in the last.
        let rows = 200_000
        var text: [UInt8] = []
        for row in 0..<rows {
            let id = row == rows - 3 ? 7 : row
            let level = row > rows - 9 ? "late" : ["b", "a"][row % 2]
            text += Array("{\"id\":\(id),\"level\":\"\(level)\",\"note\":\"text of row \(row)\"}\n".utf8)
            if row == rows - 5 { text += Array("[1]\n\n".utf8) }
        }
        let keyed = try schema([
            "fields": [
                ["name": "id", "type": "integer", "constraints": ["unique": true]],
                ["name": "level", "type": "category"], ["name": "note"],
            ]
        ])
        let outcome = try KindHarness("collect.jsonl").run(
            ["max_rejects": 2], files: ["path": ("a.jsonl", text)], schema: keyed)
        #expect(
            try rejects(outcome) == [
                "a.jsonl/199997 -: it is no JSON object",
                "a.jsonl/200000 id: '7' was there before, but must be unique",
            ])
        let kept = (0..<rows).filter { $0 != rows - 3 }
        let whole = try table(
            [:], .integers("id", kept.map { Int64($0) }),
            .categories(
                "level", kept.map { $0 > rows - 9 ? "late" : ["b", "a"][$0 % 2] }, levels: ["a", "b", "late"]),
            .texts("note", kept.map { "text of row \($0)" }))
        #expect(try Files.read(outcome.path("table")) == bytes(whole))
    }

    @Test(arguments: [1, 4, 9, 100]) func `pieces of lines are the text`(size: Int) {
        for text in ["", "\n", "one\ntwo\nthree", "a\n\u{FEFF}b\nc\n", "long line without an end"] {
            let bytes = Array(text.utf8)
            bytes.withUnsafeBytes { all in
                var pieces = LinePieces(all, size: size)
                var joined: [UInt8] = []
                var isFirst = true
                while let piece = pieces.next() {
                    #expect(piece.lines == joined.count { $0 == 0x0A })
                    #expect(isFirst || joined.last == 0x0A && piece.bytes.first != 0xEF)
                    joined += piece.bytes
                    isFirst = false
                }
                #expect(joined == bytes && !isFirst)
            }
        }
    }
}
