import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// The table of an output, written piece by piece; see `ArrowWriter`. When it is finished it tells the facts `rows` and
/// `columns`, the numbers of both.
final class TableWriter {
    private let run: StageRun
    private let port: String
    private var writer: ArrowWriter?
    private var columns = 0

    /// - Parameters:
    ///   - sorting: Categories whose levels come in the order they are met and are written sorted.
    /// - Precondition: The kind declares the output.
    init(_ run: StageRun, _ port: String, roles: [String: ColumnRole] = [:], sorting: Set<String> = []) {
        self.run = run
        self.port = port
        writer = ArrowWriter(run.output(port), roles: roles, sorting: sorting)
    }

    /// - Parameter isLast: That nothing comes behind: rows that fill no batch need not be held for it.
    /// - Throws: `StageError` for a column whose storage cannot hold its type; `SystemError`.
    func append(_ frame: DataFrame, isLast: Bool = false) throws {
        columns = frame.columns.count
        do {
            try writer?.append(frame, isLast: isLast)
        } catch let error as ArrowError {
            throw StageError("'\(port)': \(error.message)", fix: error.fix)
        }
    }

    /// - Precondition: There was a piece, and this is the first call.
    func finish() throws {
        guard let writer = writer.take() else { preconditionFailure("'\(port)' is finished") }
        let rows = writer.rows
        try writer.finish()
        run.tell(.fact(port: port, name: "rows", .integer(Int64(rows))))
        run.tell(.fact(port: port, name: "columns", .integer(Int64(columns))))
    }
}

extension TableSchema {
    /// Categories whose levels nobody tells: those that occur are theirs.
    var openCategories: Set<String> {
        Set(tableType.columns.lazy.filter { $0.type == .category && $0.levels == nil }.map(\.name))
    }
}
