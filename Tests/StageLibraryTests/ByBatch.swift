import ArrowIPC
import DataFrames
import Platform
import TableTypes
import Testing

/// Tables of several batches. What a kind writes of one that goes batch by batch is what the whole table gives, to the
/// byte.
enum ByBatch {
    /// Rows in three batches, with nulls of every kind; one level comes in the last rows only.
    static func rows(_ count: Int, spread: Int = 5003) throws -> ArrowTable {
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

    static func bytes(_ table: ArrowTable) throws -> [UInt8] {
        let path = try scratchFolder() + "/whole.arrow"
        try ArrowFile.write(table.frame, roles: table.roles, to: path)
        return try Files.read(path)
    }
}
