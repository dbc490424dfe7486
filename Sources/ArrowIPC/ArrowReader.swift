import DataFrames
import Platform
import TableTypes

/// Reads a mapped file batch by batch, so that one larger than memory passes.
///
///     var reader = try ArrowReader("events.arrow", columns: ["user", "time"])
///     while let frame = try reader.next() { ... }
public struct ArrowReader {
    let container: ArrowContainer
    /// Places among the file's columns of those that are read.
    private let selected: [Int]
    private var levels: [Int64: ArrowLevels]?
    /// The next row is this one of this batch, and this one of the table.
    private var position = (batch: 0, row: 0, table: 0)
    /// The batch it is in, with what was unpacked of it.
    private var current: RecordBatch?
    /// Bytes that the batches so far unfold to, and those that they may.
    private var unfolded = 0
    private let mostUnfolded: Int

    /// Rows that are read at once: those of our batches. Other writers make longer ones.
    public static let rowsAtOnce = ArrowFileWriter.batchRows

    /// Opens a file and looks at its footer only.
    ///
    /// - Parameter columns: Those to read, in this order; nil reads all. Names the file does not have are passed over.
    /// - Complexity: O(columns + batches).
    public init(_ path: String, columns: [String]? = nil) throws(ArrowError) {
        try self.init(path, columns: columns, mostUnfolded: nil)
    }

    /// - Parameter mostUnfolded: Nil is what an honest file of this size may unfold to.
    init(_ path: String, columns: [String]? = nil, mostUnfolded: Int?) throws(ArrowError) {
        container = try ArrowContainer(path)
        let (bytes, isOver) = container.file.bytes.count.multipliedReportingOverflow(by: 1024)
        self.mostUnfolded = mostUnfolded ?? max(1 << 30, isOver ? .max : bytes)
        let fields = container.fields
        selected =
            columns.map { $0.compactMap { name in fields.firstIndex { $0.name == name } } }
            ?? Array(fields.indices)
    }

    /// Of the whole file.
    public var fileBytes: Int { container.file.bytes.count }

    /// Names of the columns that are read.
    public var names: [String] { selected.map { container.fields[$0].name } }

    /// What columns are for; only of those that have one.
    public var roles: [String: ColumnRole] {
        var roles: [String: ColumnRole] = [:]
        for place in selected { roles[container.fields[place].name] = container.fields[place].role }
        return roles
    }

    /// Names, types, roles and whether nulls occur of the columns that are read, and the rows; no body is touched, so
    /// levels stay unknown.
    ///
    /// - Complexity: O(columns x batches).
    public func type() throws(ArrowError) -> (type: TableType, rows: Int) {
        let (nulls, rows) = try container.nullCounts()
        let columns = selected.map { place in
            let field = container.fields[place]
            return Column(field.name, field.columnType, role: field.role, isNullable: nulls[place] > 0)
        }
        return (TableType(columns), rows)
    }

    /// The same with the levels of categories.
    public mutating func typeWithLevels() throws(ArrowError) -> (type: TableType, rows: Int) {
        var (type, rows) = try type()
        let levels = try allLevels()
        for (index, place) in selected.enumerated() {
            if let dictionary = container.fields[place].dictionary {
                type.columns[index].levels = levels[dictionary.id]?.texts ?? []
            }
        }
        return (type, rows)
    }

    /// The next rows, at most `rowsAtOnce` of them; nil behind the last. A table without rows has columns all the same:
    /// see `empty`.
    ///
    /// - Complexity: O(bytes); copies in bulk where the layouts agree.
    public mutating func next() throws(ArrowError) -> DataFrame? {
        while position.batch < container.batches.count {
            let batch: RecordBatch
            if let current { batch = current } else { batch = try self.batch(position.batch) }
            current = batch
            let rows = position.row..<min(position.row + Self.rowsAtOnce, batch.length)
            let block = container.batches[position.batch]
            let first = position.table
            position.row = rows.upperBound
            position.table += rows.count
            if rows.upperBound == batch.length {
                (position.batch, position.row) = (position.batch + 1, 0)
                current = nil
            }
            if rows.isEmpty { continue }
            let frame = try frame([(batch, rows)], rows: rows.count, from: first)
            if position.row == 0 {
                container.file.forget(block.offset..<(block.offset + block.metadata + block.body))
            }
            return frame
        }
        return nil
    }

    /// The columns without rows; levels are all there.
    public mutating func empty() throws(ArrowError) -> DataFrame { try frame([], rows: 0, from: 0) }

    /// The first rows of the table.
    mutating func head(_ limit: Int) throws(ArrowError) -> DataFrame {
        var parts: [(batch: RecordBatch, rows: Range<Int>)] = []
        var rows = 0
        for index in container.batches.indices where rows < limit {
            let batch = try self.batch(index)
            let taken = min(batch.length, limit - rows)
            try container.addRows(&rows, taken)
            parts.append((batch, 0..<taken))
        }
        return try frame(parts, rows: rows, from: 0)
    }

    /// A batch that was not read before. What one may unfold to many could, each of a file that is small: so they are
    /// counted together.
    private mutating func batch(_ index: Int) throws(ArrowError) -> RecordBatch {
        let batch = try container.batch(index)
        unfolded += batch.unfolded
        guard unfolded <= mostUnfolded else {
            throw ArrowError(
                .damaged(
                    place: batch.place,
                    what: "the file is said to unfold to more than \(mostUnfolded) bytes"))
        }
        return batch
    }

    private mutating func frame(
        _ parts: [(batch: RecordBatch, rows: Range<Int>)], rows: Int, from first: Int
    ) throws(ArrowError) -> DataFrame {
        let levels = try allLevels()
        let textLimit = mostUnfolded
        let isSelected = Set(selected)
        var columns = container.fields.enumerated().map { place, field in
            ColumnAssembly(
                field, rows: isSelected.contains(place) ? rows : 0, from: first, levels: levels,
                textLimit: textLimit)
        }
        for (batch, rows) in parts {
            var cursor = BatchCursor(batch)
            for place in columns.indices {
                if isSelected.contains(place) {
                    try columns[place].append(&cursor, rows)
                } else {
                    try cursor.pass(container.fields[place])
                }
            }
            try cursor.finish()
        }
        do {
            return try DataFrame(selected.map { columns[$0].column })
        } catch {
            throw ArrowError(.damaged(place: "schema", what: error.description))
        }
    }

    /// Read when they are first needed.
    private mutating func allLevels() throws(ArrowError) -> [Int64: ArrowLevels] {
        if let levels { return levels }
        let read = try container.dictionaries(of: Set(selected))
        levels = read
        return read
    }
}
