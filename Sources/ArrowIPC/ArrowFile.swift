import DataFrames
import Platform
import TableTypes

/// A table as it came from a file, with what its columns are for.
public struct ArrowTable: Hashable, Sendable {
    public var frame: DataFrame
    /// Only of columns that have one.
    public var roles: [String: ColumnRole]

    public init(frame: DataFrame, roles: [String: ColumnRole] = [:]) {
        self.frame = frame
        self.roles = roles
    }

    /// What a plan would know of the table.
    public var tableType: TableType {
        var type = frame.tableType
        for index in type.columns.indices { type.columns[index].role = roles[type.columns[index].name] }
        return type
    }
}

/// Tables as Arrow IPC files: uncompressed, batches of 65,536 rows, what Arrow
/// has no word for in the field metadata (`sluice.type`, `sluice.role`).
///
/// Source: "Arrow Columnar Format" 1.5, arrow.apache.org/docs/format/Columnar.html.
public enum ArrowFile {
    /// Writes a table; put in place by rename when complete. The bytes are a
    /// function of the table and the roles only; what stands in null rows does
    /// not count. Roles of columns the table does not have are passed over.
    ///
    /// - Throws: `ArrowError` where a column's storage cannot hold its type;
    ///   `SystemError`.
    /// - Complexity: O(bytes), one batch in memory.
    public static func write(_ frame: DataFrame, roles: [String: ColumnRole] = [:], to path: String) throws {
        var writer = ArrowWriter(path, roles: roles)
        try writer.append(frame, isLast: true)
        try writer.finish()
    }

    /// Reads a whole table. Integers of every width become int64, floats
    /// float64, texts of every layout utf8, bytes binary, timestamps microseconds UTC.
    ///
    /// - Complexity: O(bytes); copies in bulk where the layouts agree.
    public static func read(_ path: String) throws(ArrowError) -> ArrowTable {
        try table(path, rows: .max)
    }

    /// Names, types, roles, whether nulls occur, and rows, without touching a
    /// body; levels of categories stay unknown.
    ///
    /// - Complexity: O(columns x batches).
    public static func type(of path: String) throws(ArrowError) -> (type: TableType, rows: Int) {
        try ArrowReader(path).type()
    }

    /// How many nulls each column has, and rows, without touching a body.
    ///
    /// - Complexity: O(columns x batches).
    public static func nullCounts(of path: String) throws(ArrowError) -> (counts: [Int], rows: Int) {
        try ArrowContainer(path).nullCounts()
    }

    /// The first rows, from the batches that hold them; levels are all there.
    /// - Precondition: `rows` is not negative.
    public static func head(_ path: String, rows: Int) throws(ArrowError) -> ArrowTable {
        precondition(rows >= 0, "\(rows) rows")
        return try table(path, rows: rows)
    }

    private static func table(_ path: String, rows: Int) throws(ArrowError) -> ArrowTable {
        var reader = try ArrowReader(path)
        return ArrowTable(frame: try reader.head(rows), roles: reader.roles)
    }
}
