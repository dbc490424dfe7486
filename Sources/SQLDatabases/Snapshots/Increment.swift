import ArrowIPC
import DataFrames
import TableTypes

/// Rows that are added to a snapshot from before.
struct Increment {
    private let previous: SQLSnapshot.Previous
    private let watermark: String
    private let dialect: SQLDialect
    private let rows: SQLRows
    /// The first new rows.
    private let first: DataFrame
    /// How many old rows stay: those below the last value.
    private let kept: Int
    private let old: Int

    /// Nil where nothing can be added: the columns are others, the database does not begin with the value the snapshot ends
    /// with, so that what lies before it may be another too, or it has more or fewer rows below that value.
    init?(
        _ previous: SQLSnapshot.Previous, _ watermark: String, _ dialect: SQLDialect, _ rows: SQLRows
    ) throws {
        guard let first = try rows.next(), first.count > 0, let column = first[watermark],
            dialect.watermark(column, 0) == previous.watermark
        else { return nil }
        var reader = try ArrowReader(previous.path)
        let empty = try reader.empty()
        guard empty.columns.map(Shape.init) == first.columns.map(Shape.init) else { return nil }
        self.previous = previous
        self.watermark = watermark
        self.dialect = dialect
        self.rows = rows
        self.first = first
        var kept = 0
        var old = 0
        var values = try ArrowReader(previous.path, columns: [watermark])
        let last = column.gather([0])
        while let frame = try values.next() {
            kept += Self.rows(of: frame.columns[0], below: last)
            old += frame.count
        }
        // Rows below it came late, or are gone.
        guard rows.below == kept else { return nil }
        self.kept = kept
        self.old = old
    }

    private struct Shape: Equatable {
        var name: String
        var type: String
        var levels: [String]?

        init(_ column: DataColumn) {
            name = column.name
            type = column.type.rawValue
            if case .dictionary(_, let known) = column.storage { levels = known }
        }
    }

    /// Of a column that never falls, those before the first with the value of another's first row.
    private static func rows(of column: DataColumn, below last: DataColumn) -> Int {
        func count<Value: Equatable>(_ values: [Value], _ last: [Value]) -> Int {
            values.firstIndex(of: last[0]) ?? values.count
        }
        return switch (column.storage, last.storage) {
        case (.int64(let values), .int64(let last)): count(values, last)
        case (.timestamp(let values), .timestamp(let last)): count(values, last)
        case (.date32(let values), .date32(let last)): count(values, last)
        default: 0
        }
    }

    func write(to path: String, tell: (Int) -> Void) throws -> SQLSnapshot {
        // Rows that may be those the snapshot has already.
        var fresh = [first]
        var count = first.count
        var isAll = false
        while !isAll, count <= old - kept, count <= ArrowReader.rowsAtOnce {
            guard let frame = try rows.next() else {
                isAll = true
                break
            }
            fresh.append(frame)
            count += frame.count
        }
        if isAll, count == old - kept, try isTail(fresh) {
            return SQLSnapshot(rows: old, watermark: previous.watermark, isUnchanged: true)
        }
        var target = SnapshotTarget(path, dialect, watermark)
        var reader = try ArrowReader(previous.path)
        var left = kept
        while left > 0, let frame = try reader.next() {
            try target.append(frame.count <= left ? frame : frame.gather(Array(0..<left)), tell)
            left -= frame.count
        }
        for frame in fresh { try target.append(frame, tell) }
        while let frame = try rows.next() { try target.append(frame, tell) }
        return try target.finish()
    }

    /// Whether rows are the last of the snapshot.
    private func isTail(_ fresh: [DataFrame]) throws -> Bool {
        var found = DataFrameBuilder()
        for frame in fresh { found.append(frame, 0..<frame.count) }
        var tail = DataFrameBuilder()
        var reader = try ArrowReader(previous.path)
        var row = 0
        while let frame = try reader.next() {
            if row + frame.count > kept { tail.append(frame, max(0, kept - row)..<frame.count) }
            row += frame.count
        }
        return tail.take() == found.take()
    }
}
