import ArrowIPC
import CanonicalJSON
import DataFrames
import Platform
import TableTypes
import Testing

@testable import StageLibrary

@Suite struct CSVReadingTests {
    private static let schema = TableSchema(
        [
            .init("id", .integer, constraints: .init(required: true, minimum: 3)),
            .init("name", .string, role: .id, constraints: .init(unique: true)),
            .init("note", .string, constraints: .init(pattern: "(?s).{0,40}")),
            .init("kind", .category), .init("at", .datetime),
            .init("share", .number, constraints: .init(maximum: 0.99)),
            .init("told", .string, constraints: .init(levels: ["one", "two, or more", "a \"third\""])),
        ], missingValues: ["", "?"])

    /// Rows of which some are cut wrong, some do not fit, some come twice; with quotes that are doubled in several
    /// columns.
    private static func text(_ rows: Int) -> [UInt8] {
        var text = "id,name,note,kind,at,share,told\r\n"
        for row in 0..<rows {
            let told = ["one", "\"two, or more\"", "\"a \"\"third\"\"\"", "four"][row % 97 == 0 ? 3 : row % 3]
            let name = row % 501 == 500 ? "\"n\"\"\(row - 1)\"" : "\"n\"\"\(row)\""
            let note =
                row % 5 == 0
                ? "\"said \"\"\(row)\"\"\nand left\""
                : row % 1001 == 7 ? String(repeating: "x", count: 41) : "?"
            let at = "2024-02-\(11 + row % 20)T08:00:0\(row % 10)"
            text +=
                "\(row % 211 == 210 ? "x" : String(row)),\(name),\(note),k\(row * 7 % 13),\(at),0.\(row % 100),\(told)"
            text += row % 307 == 306 ? ",more\n" : row % 2 == 0 ? "\r\n" : "\n"
        }
        return Array(text.utf8)
    }

    /// A table in memory, as it goes to the writer.
    private struct Read {
        var table: ArrowTable
        var rejects: [RejectedRows.Row]
        var count: Int
    }

    /// - Parameter block: Bytes that are read at a time; nil is all of them.
    private func read(
        _ files: [[UInt8]], _ format: CSVFormat, _ schema: TableSchema, missing: [String]?,
        threads: Int = 1, block: Int? = nil
    ) throws -> Read {
        var rows = DataFrameBuilder()
        var rejects: [RejectedRows.Row] = []
        let log = RejectLog(limit: .max) { rejects += $0 }
        let reading = try CSVReading(schema, missing: missing, threads: threads, rejects: log) {
            rows.append($0, 0..<$0.count)
        }
        for file in files {
            guard let block else {
                try file.withUnsafeBytes { try reading.read(CSVFeed($0, format), format) }
                continue
            }
            let bytes = TextFeed(MemoryStream(file))
            try reading.read(CSVFeed(format, blockBytes: block, fill: bytes.fill), format)
        }
        try reading.finish()
        try log.finish(files: files.map { _ in "" })
        var frame = rows.take()
        // As the writer leaves them.
        frame = try DataFrame(
            frame.columns.map { schema.openCategories.contains($0.name) ? $0.sortedLevels : $0 })
        return Read(
            table: ArrowTable(frame: frame, roles: schema.roles), rejects: rejects, count: log.count)
    }

    private func read(_ bytes: [UInt8], threads: Int, block: Int? = nil) throws -> Read {
        try read(
            [bytes], CSVFormat(), Self.schema, missing: nil, threads: threads,
            block: block)
    }

    @Test func `any number of threads reads the same table and the same rejects`() throws {
        let bytes = Self.text(10_000)
        let one = try read(bytes, threads: 1)
        #expect(one.table.frame.count + one.count == 10_000)
        // Of each twenty rows the last one has no day in February, unless it was cut wrong.
        let cut = one.rejects.filter { $0.column == nil && ($0.row - 2) % 20 == 19 }.count
        let dayless = one.rejects.filter { $0.column == "at" }.count
        #expect(dayless == 500 - cut)
        #expect(Set(one.rejects.compactMap(\.column)) == ["id", "name", "note", "at", "told"])
        #expect(one.table.frame["note"]?.nullCount ?? 0 > 7000)
        #expect(one.table.frame["told"]?.string(1) == "two, or more")
        #expect(one.table.frame["kind"]?.type == .category)
        for (threads, block) in [(2, nil), (3, nil), (8, nil), (1, 1 << 12), (2, 100), (3, 1 << 16)] {
            let other = try read(bytes, threads: threads, block: block)
            let isSame = other.table == one.table && other.rejects == one.rejects
            #expect(isSame, "\(threads) threads, blocks of \(block ?? 0)")
        }
    }

    @Test func `rows beyond a batch, and those of several files, are one table`() throws {
        let whole = try read(Self.text(150_000), threads: 2)
        #expect(whole.table.frame.count > 2 * 65_536)
        var lines = Self.text(150_000).split(separator: 0x0A, omittingEmptySubsequences: false)
        // A record that no quote spans, far from the start.
        let cut = lines.indices.first { $0 > 80_000 && lines[$0].starts(with: Array("70008,".utf8)) }!
        let second = [lines[0]] + lines[cut...]
        lines.removeSubrange(cut...)
        let files = [Array(lines.joined(separator: [0x0A])), Array(second.joined(separator: [0x0A]))]
        let both = try read(
            files, CSVFormat(), Self.schema, missing: nil, threads: 2,
            block: 1 << 16)
        #expect(both.count == whole.count)
        let isSame =
            both.table == whole.table && both.rejects.map(\.reason) == whole.rejects.map(\.reason)
        #expect(isSame)
        #expect(both.rejects.last?.file == 1)
    }

    @Test func `what cannot be read further is thrown from wherever it is`() throws {
        var bytes = Self.text(5000)
        bytes += Array("1,\"never closed".utf8)
        for threads in [1, 2, 3] {
            #expect(throws: CSVError.unclosedQuote(row: 5002, column: 2)) {
                try read(bytes, threads: threads)
            }
        }
        let half = bytes.count / 2
        bytes[half] = 0xFF
        for threads in [1, 2, 3] {
            #expect(throws: CSVError.encoding(row: 2521, offset: half, looksLikeGB18030: false)) {
                try read(bytes, threads: threads, block: 1 << 14)
            }
        }
    }

    private func read(
        _ text: String, _ format: CSVFormat, _ fields: [TableSchema.Field], missing: [String] = [""]
    ) throws -> Read { try read([Array(text.utf8)], format, TableSchema(fields), missing: missing) }

    @Test func `levels told twice are the first of each`() throws {
        let field = TableSchema.Field("c", constraints: .init(levels: ["a", "a", "b", "c"]))
        let column = try #require(read("c\nb\nc\na\n", CSVFormat(), [field]).table.frame["c"])
        #expect((0..<3).map { column.string($0) } == ["b", "c", "a"])
    }

    @Test func `two spellings of one text are two levels and one missing value`() throws {
        let (one, two) = ("\u{E9}", "e\u{301}")
        let told = TableSchema.Field("c", constraints: .init(levels: [one, "x", two, two]))
        let reading = try read("c\n\(two)\nx\n\(one)\n", CSVFormat(), [told])
        if case .dictionary(let indices, _)? = reading.table.frame["c"]?.storage {
            #expect(indices == [2, 1, 0])
        }
        let half = TableSchema.Field("c", constraints: .init(levels: [one]))
        #expect(try read("c\n\(one)\n\(two)\n", CSVFormat(), [half]).count == 1)
        let open = try read("c\n\(one)\n\(two)\n\(one)\n", CSVFormat(), [.init("c", .category)]).table
        #expect(open.tableType["c"]?.levels?.map { Array($0.utf8) } == [Array(two.utf8), Array(one.utf8)])
        let unique = TableSchema.Field("c", constraints: .init(unique: true))
        #expect(try read("c\n\(one)\n\(two)\n", CSVFormat(), [unique]).count == 0)
        let missing = try read("c\n\(two)\nx\n", CSVFormat(), [.init("c")], missing: [one])
        #expect(missing.table.frame["c"]?.nullCount == 1)
    }

    @Test func `empty lines before the first record are none, later ones are where a record is one field`()
        throws
    {
        let reading = try read("\n\r\nx\n\ny\n", CSVFormat(hasHeader: false), [.init("c")])
        #expect(reading.table.frame.count == 3 && reading.table.frame["c"]?.string(0) == "x")
        #expect(reading.table.frame["c"]?.nullCount == 1)
    }

    @Test func `the first record that is none is the error, whatever follows`() {
        #expect(throws: CSVError.quoteInBareField(row: 1, column: 1)) {
            try read("a\"b,c\n1,\"open", CSVFormat(), [.init("a")])
        }
    }

    @Test func `what quotes is not looked at as a delimiter`() {
        let found = Array("|a|,|b|\n|1|,|2|\n".utf8).withUnsafeBytes {
            CSVFormat.delimiter(of: $0, quote: UInt8(ascii: "|"))
        }
        #expect(found == UInt8(ascii: ","))
    }

    @Test func `a file of nothing but records that do not fit is read to its end`() throws {
        let text = "a,b\n" + String(repeating: "x \"y\", 1\n", count: 5000) + "1,2\n"
        let reading = try read(text, CSVFormat(), [.init("a"), .init("b", .integer)])
        #expect(reading.table.frame.count == 1 && reading.count == 5000)
        #expect(reading.rejects.last?.row == 5001)
    }
}
