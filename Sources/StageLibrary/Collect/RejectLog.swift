import ArrowIPC
import DataFrames
import PipelineLanguage
import TableTypes

/// Rows that are left out while a table is read, told in the order of the files and of their rows. They go on batch by
/// batch, like the rows that fit; once there are more than there may be they are only counted.
final class RejectLog {
    private let limit: Int?
    private let passOn: (([RejectedRows.Row]) throws -> Void)?
    private var first: RejectedRows.Row?
    private var last: (file: Int, row: Int)?
    private var held: [RejectedRows.Row] = []
    /// Rows, each counted once.
    private(set) var count = 0

    private static let batchRows = 65_536

    /// - Parameters:
    ///   - limit: How many there may be; nil where there may be none, and nobody can say otherwise.
    ///   - batch: Is given some of them; nil where nobody wants them.
    init(limit: Int?, batch: (([RejectedRows.Row]) throws -> Void)? = nil) {
        self.limit = limit
        passOn = batch
    }

    /// Whether there are more than there may be.
    var isOver: Bool { count > limit ?? 0 }

    func append(_ rows: [RejectedRows.Row]) throws {
        for row in rows {
            if first == nil { first = row }
            if last?.row != row.row || last?.file != row.file { count += 1 }
            last = (row.file, row.row)
            if passOn != nil, !isOver { held.append(row) }
        }
        if held.count >= Self.batchRows { try pass() }
    }

    private func pass() throws {
        try passOn?(held)
        held = []
    }

    /// Passes the last ones on.
    ///
    /// - Throws: `StageError` where there are more than there may be, which names the first.
    func finish(files: [String]) throws {
        if isOver, let first {
            throw StageError(
                TableFinding.misfit(
                    file: files[first.file], row: first.row, column: first.column, reason: first.reason,
                    others: count - 1, limit: limit))
        }
        try pass()
    }
}
