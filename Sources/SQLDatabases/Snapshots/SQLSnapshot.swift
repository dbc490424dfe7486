import ArrowIPC
import DataFrames

/// What a fetch brought: the rows of a selection as an Arrow file, with what did not fit beside them (`Misfits`).
///
/// The file is a function of the rows: fetched all at once or by their watermark piece after piece, it has the same bytes.
public struct SQLSnapshot: Sendable, Hashable {
    public var rows: Int
    /// Of the last row; nil without a watermark, and without rows.
    public var watermark: SQLValue?
    /// Whether the snapshot before is what the database holds now; no file was written.
    public var isUnchanged = false

    /// A snapshot that was fetched before.
    public struct Previous: Sendable {
        public var path: String
        public var watermark: SQLValue

        public init(path: String, watermark: SQLValue) {
            self.path = path
            self.watermark = watermark
        }
    }

    /// Fetches rows into a file, which is there only when all of them are.
    ///
    /// With a snapshot from before, rows with its last watermark and those behind it are fetched: the old rows with that
    /// value give way to them, so that rows which came late with it are had too, and none twice. Where the database no
    /// longer shows that value first, or its columns are others, all rows are fetched.
    ///
    /// - Parameters:
    ///   - connect: Opens the rows of one selection from a value of the watermark on.
    ///   - dialect: Of the database.
    ///   - watermark: The column.
    ///   - tell: Called with the rows so far, now and then.
    /// - Throws: `SQLError`; `ArrowError`, `SystemError` for the file.
    /// - Complexity: O(bytes), one batch in memory.
    public static func fetch(
        _ connect: (SQLValue?) throws(SQLError) -> SQLRows, _ dialect: SQLDialect, watermark: String? = nil,
        previous: Previous? = nil, to path: String, tell: (Int) -> Void = { _ in }
    ) throws -> SQLSnapshot {
        if let watermark, let previous,
            let added = try Increment(previous, watermark, dialect, connect(previous.watermark))
        {
            return try added.write(to: path, tell: tell)
        }
        var target = SnapshotTarget(path, dialect, watermark)
        let rows = try connect(nil)
        while let frame = try rows.next() { try target.append(frame, tell) }
        return try target.finish()
    }
}

/// A snapshot while it is written.
struct SnapshotTarget: ~Copyable {
    private var writer: ArrowWriter
    private let dialect: SQLDialect
    private let watermark: String?
    private var last: SQLValue?

    init(_ path: String, _ dialect: SQLDialect, _ watermark: String?) {
        writer = ArrowWriter(path)
        self.dialect = dialect
        self.watermark = watermark
    }

    mutating func append(_ frame: DataFrame, _ tell: (Int) -> Void) throws {
        try writer.append(frame)
        if let watermark, frame.count > 0 {
            last = frame[watermark].flatMap { dialect.watermark($0, frame.count - 1) }
        }
        tell(writer.rows)
    }

    consuming func finish() throws -> SQLSnapshot {
        let snapshot = SQLSnapshot(rows: writer.rows, watermark: last)
        try writer.finish()
        return snapshot
    }
}
