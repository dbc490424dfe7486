import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// Rows that were left out, and why.
struct RejectedRows {
    struct Row: Hashable {
        /// From 0.
        var file: Int
        /// From 1.
        var row: Int
        /// Nil for what is wrong with the row as a whole.
        var column: String?
        var reason: String
    }

    /// By file and row; what is said of one row stays in its order.
    let rows: [Row]
    /// Rows, each counted once.
    let count: Int

    /// Columns of the output `rejects`.
    static let type = TableType([
        Column("file", .text, isNullable: false), Column("row", .integer, isNullable: false),
        Column("column", .text), Column("reason", .text, isNullable: false),
    ])

    /// Those of a kind that reads one file.
    static let typeOfOneFile = TableType(Array(type.columns.dropFirst()))

    init(_ rows: [Row]) {
        self.rows = rows.enumerated().sorted {
            ($0.element.file, $0.element.row, $0.offset) < ($1.element.file, $1.element.row, $1.offset)
        }
        .map(\.element)
        count = Set(rows.map { [$0.file, $0.row] }).count
    }

    /// - Parameter limit: How many there may be; nil where there may be none, and nobody can say otherwise.
    /// - Throws: `StageError` where there are more, which names the first.
    func hold(to limit: Int?, files: [String]) throws {
        guard count > limit ?? 0, let first = rows.first else { return }
        throw StageError(
            TableFinding.misfit(
                file: files[first.file], row: first.row, column: first.column, reason: first.reason,
                others: count - 1, limit: limit))
    }

    /// - Parameter files: What the files are called; nil leaves that column out.
    func table(_ files: [String]?) throws -> ArrowTable { ArrowTable(frame: try Self.frame(rows, files)) }

    static func frame(_ rows: [Row], _ files: [String]?) throws -> DataFrame {
        let names = files.map { files in
            DataColumn("file", .text, .utf8(StringStorage(rows.map { files[$0.file] })))
        }
        return try DataFrame(
            [
                names,
                DataColumn("row", .integer, .int64(rows.map { Int64($0.row) })),
                DataColumn(
                    "column", .text, .utf8(StringStorage(rows.map { $0.column ?? "" })),
                    validity: ValidityBitmap(rows.map { $0.column != nil })),
                DataColumn("reason", .text, .utf8(StringStorage(rows.map(\.reason)))),
            ].compactMap { $0 })
    }
}

extension StageRun {
    /// How many rows may not fit before it is an error.
    var maxRejects: Int { Int(parameters["max_rejects"]?.integer ?? 0) }
}
