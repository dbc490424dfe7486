import ArrowIPC
import CanonicalJSON
import DataFrames
import Platform
import TableTypes

/// Writes a file piece by piece, so that one larger than memory can be made;
/// it is put in place by rename when it is finished, and leaves nothing behind
/// when it is not.
public struct ParquetWriter: ~Copyable {
    /// Rows of a row group, the last one's apart.
    public static let groupRows = 262_144

    private var file: FileReplacement
    private let threads: Int
    private let roles: [String: ColumnRole]
    /// Without rows: names and types that all pieces have.
    private var columns: [DataColumn]?
    private var groups: [WrittenGroup] = []

    /// - Parameter threads: Columns that are packed at once; the bytes do not
    ///   depend on it.
    /// - Throws: `ParquetError` where libzstd is not installed; `SystemError`.
    public init(
        _ path: String, roles: [String: ColumnRole] = [:], threads: Int = Cores.available
    ) throws {
        // Said before anything is written.
        _ = try Compressor()
        var file = try FileReplacement(path)
        try file.write(ParquetSource.mark)
        self.file = file
        self.threads = threads
        self.roles = roles
    }

    /// Appends rows, as row groups of at most `groupRows`.
    ///
    /// - Throws: `ParquetError` where a column's storage cannot hold its type,
    ///   or names and types are not those of the rows before; `SystemError`.
    /// - Complexity: O(bytes), a row group's packed columns in memory.
    public mutating func append(_ frame: DataFrame) throws {
        try check(frame)
        for start in stride(from: 0, to: frame.count, by: Self.groupRows) {
            try append(frame, start..<min(start + Self.groupRows, frame.count))
        }
    }

    private mutating func check(_ frame: DataFrame) throws(ParquetError) {
        for column in frame.columns {
            if case .binary = column.storage {
                throw ParquetError(.bytes(column: column.name, type: column.type.rawValue))
            }
        }
        for column in frame.columns where !column.storage.columnTypes.contains(column.type) {
            throw ParquetError(.unwritable(column: column.name, type: column.type.rawValue))
        }
        // Of a category the levels stay: they are all a table without rows has.
        let found = frame.columns.map { $0.gather([]) }
        let expected = columns ?? found
        func words(_ columns: [DataColumn]) -> [String] {
            columns.map { "\($0.name) (\($0.type.rawValue), \($0.storage.leaf.kind))" }
        }
        guard words(found) == words(expected) else {
            throw ParquetError(.otherColumns(expected: words(expected), found: words(found)))
        }
        columns = expected
    }

    private mutating func append(_ frame: DataFrame, _ rows: Range<Int>) throws {
        var group = WrittenGroup(rows: rows.count)
        let columns = frame.columns
        let isLarge = rows.count * columns.count * 8 >= ColumnWork.leastBytes
        let chunks = try ColumnWork.map(columns.count, threads: isLarge ? threads : 1) {
            (index) throws(ParquetError) in
            try ChunkPacking(columns[index], rows, Compressor()).packed()
        }
        for chunk in chunks {
            group.chunks.append(WrittenChunk(chunk, at: file.count))
            try file.write(chunk.bytes)
        }
        groups.append(group)
    }

    /// Writes the footer and puts the file in place.
    ///
    /// - Throws: `SystemError`; `ParquetError` never, once rows were taken.
    public consuming func finish() throws {
        let frame = try DataFrame(columns ?? [])
        // Levels lie in the dictionaries of row groups, so there has to be one.
        let hasLevels = frame.columns.contains {
            if case .dictionary(_, let levels) = $0.storage { !levels.isEmpty } else { false }
        }
        if groups.isEmpty, hasLevels { try append(frame, 0..<0) }
        let note = Base64.encode(ArrowSchemaNote.bytes(of: frame, roles: roles))
        var footer = MetadataWriting.footer(frame.columns, groups, notes: [(arrowSchemaKey, note)])
        let count = UInt32(footer.count)
        footer += (0..<4).map { UInt8(truncatingIfNeeded: count >> UInt32(8 * $0)) } + ParquetSource.mark
        try file.write(footer)
        try file.finish()
    }
}
