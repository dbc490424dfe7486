import DataFrames
import PipelineLanguage
import Platform
import TableTypes

/// The rows of CSV files held to a schema, some at a time: cut, read as their types, held to the constraints while they
/// are near. A row that does not fit in any column is left out, and every misfit said. What comes of them goes on batch by
/// batch; nothing is kept but levels, and texts that must be unique.
final class CSVReading {
    /// Records at a time: their bytes and the places of their fields stay in the second-level cache while one column
    /// after another is read from them.
    private static let records = 2048

    private let batchRows: Int
    private let columns: CSVColumns
    private let workers: WorkerPool
    private let rejects: RejectLog
    private let isFull: (DataFrame) throws -> Void
    private var chunks = (CSVChunk(), CSVChunk())
    private var files = 0

    /// - Parameters:
    ///   - missing: Texts that stand for no value; nil takes those of the schema.
    ///   - threads: Never change the result: each column is read by one of them, while one cuts the next rows.
    ///   - batchRows: Rows that are passed on at a time, with those that do not fit.
    ///   - batch: Is given the rows that fit, columns in the schema's order.
    /// - Throws: `StageError` for constraints that are none.
    init(
        _ schema: TableSchema, missing: [String]?, threads: Int, rejects: RejectLog, batchRows: Int = 65_536,
        batch: @escaping (DataFrame) throws -> Void
    ) throws {
        self.batchRows = batchRows
        columns = try CSVColumns(schema, missing: missing)
        workers = WorkerPool(size: max(1, min(threads, columns.fields.count)))
        self.rejects = rejects
        isFull = batch
    }

    /// Reads one more file, whose rows follow those before.
    ///
    /// - Parameter name: What messages call the file; nil where there is only one.
    /// - Throws: `CSVError`; `StageError` when the columns are not the schema's; what `batch` throws.
    /// - Complexity: O(bytes); memory for a batch of rows.
    func read(_ feed: CSVFeed, _ format: CSVFormat, name: String? = nil) throws {
        var (chunk, coming) = chunks
        defer { files += 1 }
        var names = try CSVHeader.read(feed, format, chunk)
        // Without a header the schema's fields name the columns, by place.
        if !format.hasHeader, columns.fields.count == names.count {
            names = columns.fields.map(\.builder.name)
        }
        do {
            try columns.begin(names)
        } catch let error as StageError {
            throw name.map { error.at("'\($0)'") } ?? error
        }
        // Rows that were cut and are in no batch yet, and how many may follow.
        var room = batchRows - columns.count
        try feed.cut(into: chunk, records: min(Self.records, room))
        while true {
            let isLast = feed.isAtEnd
            room = batchRows - columns.count - chunk.rows
            if room <= 0 { room = batchRows }
            var failure: (any Error)?
            workers.runEach(columns.fields.count + 1) { item in
                guard item == 0 else { return columns.read(chunk, field: item - 1) }
                if isLast { return }
                do {
                    try feed.cut(into: coming, records: min(Self.records, room))
                } catch {
                    failure = error
                }
            }
            try rejects.append(columns.finish(chunk, file: files))
            if let failure { throw failure }
            if columns.count >= batchRows { try pass() }
            if isLast { break }
            (chunk, coming) = (coming, chunk)
        }
    }

    /// Passes the last rows on; a table has a batch at least, which may have no rows.
    func finish() throws { try pass() }

    private func pass() throws {
        let frame = try columns.take()
        // Of a run that is to fail only the rejects are still counted.
        if !rejects.isOver { try isFull(frame) }
    }
}
