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
            let at = "2024-02-\(10 + row % 20)T08:00:0\(row % 10)"
            text +=
                "\(row % 211 == 210 ? "x" : String(row)),\(name),\(note),k\(row * 7 % 13),\(at),0.\(row % 100),\(told)"
            text += row % 307 == 306 ? ",more\n" : row % 2 == 0 ? "\r\n" : "\n"
        }
        return Array(text.utf8)
    }

    private func read(_ bytes: [UInt8], threads: Int) throws -> CSVReading {
        try bytes.withUnsafeBytes {
            try CSVReading(
                $0, CSVFormat(), Self.schema, missing: Set(Self.schema.missingValues), threads: threads)
        }
    }

    @Test func `any number of threads reads the same table and the same rejects`() throws {
        let bytes = Self.text(10_000)
        let one = try read(bytes, threads: 1)
        #expect(one.table.frame.count + one.rejects.rows == 10_000)
        // No day 30 of February: rows 19 of each 20. Ids below 3, rows cut wrong, levels that are none.
        #expect(
            one.rejects.all.filter { $0.column == "at" }.count == 500
                - one.rejects.all.filter { $0.column == nil && ($0.row - 2) % 20 == 19 }.count)
        #expect(Set(one.rejects.all.compactMap(\.column)) == ["id", "name", "note", "at", "told"])
        #expect(one.table.frame["note"]?.nullCount ?? 0 > 7000)
        #expect(one.table.frame["told"]?.string(1) == "two, or more")
        #expect(one.table.frame["kind"]?.type == .category)
        for threads in [2, 3, 8] {
            let other = try read(bytes, threads: threads)
            let isSame = other.table == one.table && other.rejects.all == one.rejects.all
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
}
