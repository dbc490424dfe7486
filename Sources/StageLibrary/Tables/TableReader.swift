import ArrowIPC
import DataFrames
import PipelineLanguage
import TableTypes

/// The table of an input, batch by batch; see `ArrowReader`.
struct TableReader {
    private var reader: ArrowReader
    private let name: String
    /// Rows that have been given.
    private(set) var position = 0
    /// Names, types, levels and whether nulls occur, as `ArrowTable.tableType` has them.
    let type: TableType
    /// Of the whole table.
    let rows: Int
    /// Of a row, on average.
    let rowBytes: Int
    /// Of a piece; see `eachPiece`.
    let pieceRows: Int

    var roles: [String: ColumnRole] { reader.roles }

    /// - Parameters:
    ///   - columns: Those to read, in this order; nil is all.
    ///   - memory: Bytes that may be used.
    /// - Throws: `StageError` for an artifact that is no table of ours.
    init(
        _ artifact: StageRun.Artifact, columns: [String]? = nil, memory: Int64? = nil
    ) throws(StageError) {
        name = artifact.basename
        do throws(ArrowError) {
            reader = try ArrowReader(artifact.path, columns: columns)
            (type, rows) = try reader.typeWithLevels()
        } catch {
            throw Self.error(error, artifact.basename)
        }
        let most = min(128 << 20, (memory ?? .max) / 16)
        rowBytes = max(1, reader.fileBytes / max(1, rows))
        pieceRows = max(ArrowReader.rowsAtOnce, Int(most) / rowBytes)
    }

    private static func error(_ error: ArrowError, _ name: String) -> StageError {
        StageError("'\(name)': \(error.message)", fix: error.fix)
    }

    /// The next rows; nil behind the last.
    mutating func next() throws(StageError) -> DataFrame? {
        do throws(ArrowError) {
            let frame = try reader.next()
            position += frame?.count ?? 0
            return frame
        } catch {
            throw Self.error(error, name)
        }
    }

    /// The columns without rows.
    mutating func empty() throws(StageError) -> DataFrame {
        do throws(ArrowError) {
            return try reader.empty()
        } catch {
            throw Self.error(error, name)
        }
    }

    /// Calls for every batch, or once without rows where there are none: a table has a piece at least.
    ///
    /// - Parameter body: Is given the batch and the rows before it.
    mutating func eachBatch(_ body: (DataFrame, Int) throws -> Void) throws {
        while true {
            let first = position
            guard let frame = try next() else { break }
            try body(frame, first)
        }
        if position == 0 { try body(empty(), 0) }
    }

    /// All rows at once.
    ///
    /// - Throws: `StageError` where they do not fit.
    mutating func all(_ budget: MemoryBudget) throws -> DataFrame {
        var all = DataFrameBuilder()
        var only: DataFrame?
        let rows = rows
        try eachBatch { frame, first in
            guard frame.count < rows else {
                only = frame
                return
            }
            all.append(frame, 0..<frame.count)
            try budget.check(rows: first + frame.count)
        }
        return only ?? all.take()
    }

    /// As `eachBatch`, with as many batches at once as a sixteenth of the memory holds, for what costs something with
    /// every piece.
    ///
    /// - Parameter limit: Rows of a piece at most, where more would gain nothing; a piece has a batch at least.
    mutating func eachPiece(
        atMost limit: Int = .max, _ body: (DataFrame, Int) throws -> Void
    ) throws {
        var piece = DataFrameBuilder()
        var first = 0
        let (rows, most) = (rows, min(limit, pieceRows))
        try eachBatch { frame, position in
            let isOnly = frame.count == rows
            if !isOnly {
                if piece.count == 0 { first = position }
                piece.append(frame, 0..<frame.count)
                if piece.count < most, position + frame.count < rows { return }
            }
            try body(isOnly ? frame : piece.take(), first)
        }
    }
}

extension StageRun {
    /// The table at a port, batch by batch.
    ///
    /// - Precondition: Something goes into the port.
    func reader(_ port: String, columns: [String]? = nil) throws(StageError) -> TableReader {
        guard let artifact = input(port) else { preconditionFailure("nothing goes into '\(port)'") }
        return try TableReader(artifact, columns: columns, memory: memory)
    }
}
