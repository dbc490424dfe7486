import ArrowIPC
import CanonicalJSON
import DataFrames
import Parquet
import PipelineLanguage
import Platform
import TableTypes
import Testing

@testable import StageLibrary

/// Files that are read and written batch by batch.
@Suite struct FilesByBatchTests {
    @Test func `every form of file is that of the whole table`() throws {
        let input = try ByBatch.rows(300_000)
        let export = try KindHarness("table.export")
        func made(_ form: String) throws -> [UInt8] {
            let outcome = try export.run(["form": .string(form)], tables: ["in": input])
            #expect(outcome.facts["file.rows"] == 300_000 && outcome.facts["file.columns"] == 5)
            return try Files.read(outcome.path("file"))
        }
        #expect(try made("arrow") == ByBatch.bytes(input))
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

    @Test func `a date that must be unique is told with its row in the file`() throws {
        let days = (0..<70_000).map { $0 == 69_998 ? Int32.max : Int32($0) }
        let path = try file("arrow", table([:], DataColumn("day", .date, .date32(days))))
        let schema = try schema([
            "fields": [["name": "day", "type": "date", "constraints": ["unique": true]]]
        ])
        let said = stageError { try KindHarness("collect.arrow").run(paths: ["path": path], schema: schema) }
        #expect(said == "row 69999, column 'day': the date lies outside the years 1 to 9999")
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
        let input = try ByBatch.rows(count)
        let path = try file(form, input)
        // Levels are those that occur, sorted.
        let sorted = DataColumn.categories(
            "level", (0..<count).map { input.frame["level"]?.string($0) }, levels: ["a", "late", "mid", "zz"])
        let columns = input.frame.columns.map { $0.name == "level" ? sorted : $0 }
        let whole = ArrowTable(frame: try DataFrame(columns), roles: input.roles)
        let outcome = try KindHarness("collect.\(form)").run(paths: ["path": path])
        #expect(try Files.read(outcome.path("table")) == ByBatch.bytes(whole))
        #expect(outcome.facts["rejects.rows"] == 0)
        let imported = try KindHarness("table.import").run(paths: ["in": path])
        #expect(try Files.read(imported.path("table")) == ByBatch.bytes(whole))
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
        #expect(try Files.read(outcome.path("table")) == ByBatch.bytes(whole))
    }

    @Test(arguments: [1, 4, 9, 100]) func `pieces of lines are the text`(size: Int) throws {
        for text in ["", "\n", "one\ntwo\nthree", "a\n\u{FEFF}b\nc\n", "long line without an end"] {
            let bytes = Array(text.utf8)
            let pieces = LinePieces(MemoryStream(bytes), size: size)
            var joined: [UInt8] = []
            var isFirst = true
            while let piece = try pieces.next() {
                #expect(piece.lines == joined.count { $0 == 0x0A })
                #expect(isFirst || joined.last == 0x0A && piece.bytes.first != 0xEF)
                joined += piece.bytes
                isFirst = false
            }
            #expect(joined == bytes && !isFirst)
        }
    }
}
