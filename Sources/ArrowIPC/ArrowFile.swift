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
        var fields: [WrittenField] = []
        var dictionary: Int64 = 0
        for column in frame.columns {
            guard column.storage.columnTypes.contains(column.type) else {
                throw ArrowError(
                    .unwritable(
                        column: column.name, type: column.type.rawValue, storage: column.storage.name))
            }
            var field = WrittenField(column: column, role: roles[column.name], isLarge: false)
            switch column.storage {
            case .dictionary(_, let levels):
                field.dictionary = dictionary
                field.isLarge = levels.reduce(0) { $0 + $1.utf8.count } > Int32.max
                dictionary += 1
            case .utf8(let texts): field.isLarge = isLarge(texts.offsets)
            case .binary(let values): field.isLarge = isLarge(values.offsets)
            default: break
            }
            fields.append(field)
        }
        let writer = try ArrowFileWriter(path)
        try writer.write(frame, fields)
    }

    /// Whether some batch has more bytes than 32-bit offsets reach.
    private static func isLarge(_ offsets: [Int]) -> Bool {
        let rows = offsets.count - 1
        return stride(from: 0, to: rows, by: ArrowFileWriter.batchRows).contains { start in
            let end = min(start + ArrowFileWriter.batchRows, rows)
            return offsets[end] - offsets[start] > Int32.max
        }
    }

    /// Reads a whole table. Integers of every width become int64, floats
    /// float64, texts of every layout utf8, bytes binary, timestamps microseconds UTC.
    ///
    /// - Complexity: O(bytes); copies in bulk where the layouts agree.
    public static func read(_ path: String) throws(ArrowError) -> ArrowTable {
        try ArrowFileReader(path).table(rows: .max)
    }

    /// Names, types, roles, whether nulls occur, and rows, without touching a
    /// body; levels of categories stay unknown.
    ///
    /// - Complexity: O(columns x batches).
    public static func type(of path: String) throws(ArrowError) -> (type: TableType, rows: Int) {
        try ArrowFileReader(path).type()
    }

    /// How many nulls each column has, and rows, without touching a body.
    ///
    /// - Complexity: O(columns x batches).
    public static func nullCounts(of path: String) throws(ArrowError) -> (counts: [Int], rows: Int) {
        try ArrowFileReader(path).nullCounts()
    }

    /// The first rows, from the batches that hold them; levels are all there.
    /// - Precondition: `rows` is not negative.
    public static func head(_ path: String, rows: Int) throws(ArrowError) -> ArrowTable {
        precondition(rows >= 0, "\(rows) rows")
        return try ArrowFileReader(path).table(rows: rows)
    }
}
