import DataFrames
import Platform
import TableTypes

/// Reads a file row group by row group, so that one larger than memory passes.
///
///     var reader = try ParquetReader("events.parquet", columns: ["user", "time"])
///     while let frame = try reader.next() { ... }
public struct ParquetReader {
    private let source: ParquetSource
    private let selected: [SelectedColumn]
    private let threads: Int
    /// Of all that is read of the file: one for each row group would let many small ones unfold without end.
    private let budget: Budget
    private var nextGroup = 0
    /// Rows that `next` has given.
    private var position = 0
    /// Of all row groups.
    public let rows: Int

    /// Opens a file and looks at its footer only.
    ///
    /// - Parameters:
    ///   - columns: Those to read; nil reads all. They come in the file's order.
    ///   - threads: Columns that are read at once, of large files.
    /// - Complexity: O(columns x row groups).
    public init(
        _ path: String, columns: [String]? = nil, threads: Int = Cores.available
    ) throws(ParquetError) {
        try self.init(path, columns: columns, threads: threads, budget: nil)
    }

    /// - Parameter budget: Nil is that of an honest file of this size.
    init(
        _ path: String, columns: [String]? = nil, threads: Int = Cores.available, budget: Budget?
    ) throws(ParquetError) {
        source = try ParquetSource(path)
        self.budget = budget ?? Budget(file: source.file.bytes.count)
        self.threads = source.bytes.count < ColumnWork.leastBytes ? 1 : threads
        selected = try source.columns(columns)
        var total = 0
        for group in source.metadata.rowGroups {
            let (sum, isOver) = total.addingReportingOverflow(group.rows)
            guard !isOver else { throw ParquetError(.damaged(place: "footer", what: "it has too many rows")) }
            total = sum
        }
        guard total == source.metadata.rows else {
            throw ParquetError(
                .damaged(
                    place: "footer",
                    what: "its row groups have \(total) rows, it says \(source.metadata.rows)"))
        }
        rows = selected.isEmpty ? 0 : total
    }

    /// Names, types, roles and whether nulls may be, from the footer alone.
    /// Levels of categories stay unknown.
    public var tableType: TableType {
        TableType(
            selected.map {
                Column($0.name, $0.type, role: $0.role, isNullable: nullCount($0).map { $0 > 0 } ?? true)
            })
    }

    /// What columns are for; only of those that have one.
    public var roles: [String: ColumnRole] {
        var roles: [String: ColumnRole] = [:]
        for column in selected { roles[column.name] = column.role }
        return roles
    }

    /// From the statistics; nil where some are missing.
    private func nullCount(_ column: SelectedColumn) -> Int? {
        guard case .leaf(let leaf) = column.node.shape else { return nil }
        if leaf.levels.definition == 0 { return 0 }
        var count = 0
        for group in source.metadata.rowGroups {
            guard let nulls = group.chunks[leaf.index].nullCount, nulls >= 0, nulls <= group.rows else {
                return nil
            }
            count += nulls
        }
        return count
    }

    /// The rows of the next row group; nil behind the last.
    ///
    /// - Complexity: O(bytes of the row group), all of it in memory.
    public mutating func next() throws(ParquetError) -> DataFrame? {
        guard nextGroup < source.metadata.rowGroups.count else { return nil }
        defer { nextGroup += 1 }
        let frame: DataFrame
        do throws(ParquetError) {
            frame = try self.frame(nextGroup..<(nextGroup + 1))
        } catch {
            throw error.moved(rows: position)
        }
        position += frame.count
        // What was read is in the frame now.
        for chunk in source.metadata.rowGroups[nextGroup].chunks {
            let start = min(chunk.dictionaryOffset ?? chunk.dataOffset, chunk.dataOffset)
            let (end, isOver) = start.addingReportingOverflow(chunk.size)
            if !isOver { source.file.forget(start..<end) }
        }
        return frame
    }

    /// All rows that `next` has not given.
    ///
    /// - Complexity: O(bytes).
    public mutating func rest() throws(ParquetError) -> DataFrame {
        defer { nextGroup = source.metadata.rowGroups.count }
        return try frame(nextGroup..<source.metadata.rowGroups.count)
    }

    private func frame(_ groups: Range<Int>) throws(ParquetError) -> DataFrame {
        let rows = groups.reduce(0) { $0 + source.metadata.rowGroups[$1].rows }
        let columns = try ColumnWork.map(selected.count, threads: threads) { (index) throws(ParquetError) in
            try column(index, groups, rows: rows)
        }
        do {
            return try DataFrame(columns)
        } catch {
            throw ParquetError(.damaged(place: "schema", what: error.description))
        }
    }

    private func column(
        _ index: Int, _ groups: Range<Int>, rows: Int
    ) throws(ParquetError) -> DataColumn {
        let decompressor = Decompressor()
        let reading = try selected[index].reading(rows: rows, budget: budget)
        for group in groups { try reading.append(source, group, decompressor) }
        return try reading.column()
    }
}
