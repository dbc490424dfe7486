import ArrowIPC
import DataFrames
import Platform
import TableTypes

/// Tables as Parquet files: pages compressed with zstd, row groups of 262,144
/// rows, and in the footer Arrow's schema, where what Parquet has no word for
/// stands (`sluice.type`, `sluice.role`, which columns are categories).
///
/// Source: apache/parquet-format 2.11, github.com/apache/parquet-format.
public enum ParquetFile {
    /// Writes a table; put in place by rename when complete. The bytes are a
    /// function of the table, the roles and the version of libzstd; what stands
    /// in null rows does not count. Roles of columns the table does not have are
    /// passed over.
    ///
    /// - Throws: `ParquetError`; `SystemError`.
    /// - Complexity: O(bytes), a row group's packed columns in memory.
    public static func write(_ frame: DataFrame, roles: [String: ColumnRole] = [:], to path: String) throws {
        var writer = try ParquetWriter(path, roles: roles)
        try writer.append(frame)
        try writer.finish()
    }

    /// Reads a whole table, or some of its columns. Integers of every width
    /// become int64, floats and decimals float64, timestamps microseconds UTC,
    /// lists, maps and structures canonical JSON.
    ///
    /// - Complexity: O(bytes).
    public static func read(
        _ path: String, columns: [String]? = nil
    ) throws(ParquetError) -> ArrowTable {
        var reader = try ParquetReader(path, columns: columns)
        return ArrowTable(frame: try reader.rest(), roles: reader.roles)
    }

    /// Names, types, roles, whether nulls may occur, and rows, from the footer;
    /// levels of categories stay unknown.
    ///
    /// - Complexity: O(columns x row groups).
    public static func type(of path: String) throws(ParquetError) -> (type: TableType, rows: Int) {
        let reader = try ParquetReader(path)
        return (reader.tableType, reader.rows)
    }
}
