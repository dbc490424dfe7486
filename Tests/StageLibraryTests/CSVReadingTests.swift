import ArrowIPC
import CanonicalJSON
import DataFrames
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

    private func read(_ bytes: [UInt8], threads: Int) throws -> CSVReading {
        try bytes.withUnsafeBytes {
            try CSVReading(
                $0, CSVFormat(), Self.schema, missing: nil, threads: threads)
        }
    }

    @Test func `any number of threads reads the same table and the same rejects`() throws {
        let bytes = Self.text(10_000)
        let one = try read(bytes, threads: 1)
        #expect(one.table.frame.count + one.rejects.count == 10_000)
        // Of each twenty rows the last one has no day in February, unless it was cut wrong.
        let cut = one.rejects.rows.filter { $0.column == nil && ($0.row - 2) % 20 == 19 }.count
        let dayless = one.rejects.rows.filter { $0.column == "at" }.count
        #expect(dayless == 500 - cut)
        #expect(Set(one.rejects.rows.compactMap(\.column)) == ["id", "name", "note", "at", "told"])
        #expect(one.table.frame["note"]?.nullCount ?? 0 > 7000)
        #expect(one.table.frame["told"]?.string(1) == "two, or more")
        #expect(one.table.frame["kind"]?.type == .category)
        for threads in [2, 3, 8] {
            let other = try read(bytes, threads: threads)
            let isSame = other.table == one.table && other.rejects.rows == one.rejects.rows
            #expect(isSame, "\(threads) threads")
        }
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
            #expect(throws: CSVError.encoding(offset: half, looksLikeGB18030: false)) {
                try read(bytes, threads: threads)
            }
        }
    }

    private func read(
        _ text: String, _ format: CSVFormat, _ fields: [TableSchema.Field], missing: [String] = [""]
    )
        throws -> CSVReading
    {
        try Array(text.utf8).withUnsafeBytes {
            try CSVReading($0, format, TableSchema(fields), missing: missing, threads: 1)
        }
    }

    @Test func `levels told twice are the first of each`() throws {
        let field = TableSchema.Field("c", constraints: .init(levels: ["a", "a", "b", "c"]))
        let column = try #require(read("c\nb\nc\na\n", CSVFormat(), [field]).table.frame["c"])
        #expect((0..<3).map { column.string($0) } == ["b", "c", "a"])
    }

    @Test func `two spellings of one text are one level and one missing value`() throws {
        let (one, two) = ("\u{E9}", "e\u{301}")
        let told = TableSchema.Field("c", constraints: .init(levels: [one, "x"]))
        let reading = try read("c\n\(two)\nx\n", CSVFormat(), [told])
        #expect(reading.rejects.count == 0 && reading.table.frame["c"]?.string(0) == one)
        let open = try read("c\n\(two)\n\(one)\n", CSVFormat(), [.init("c", .category)]).table.tableType
        #expect(open["c"]?.levels?.count == 1)
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
        #expect(reading.table.frame.count == 1 && reading.rejects.count == 5000)
        #expect(reading.rejects.rows.last?.row == 5001)
    }
}
