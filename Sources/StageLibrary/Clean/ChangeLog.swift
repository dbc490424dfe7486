import ArrowIPC
import DataFrames
import PipelineLanguage
import Platform
import TableTypes

/// What one step has done to a table, in the order it was done. Steps follow each other in the log and take turns with
/// the rows, so what is long goes into a file until its turn has come.
final class ChangeLog {
    private var rows: [Int64] = []
    private var columns: [String?] = []
    private var before: [String?] = []
    private var after: [String?] = []
    private var rules: [String] = []
    private let path: String
    private var file: ArrowWriter?

    private static let most = 65_536

    /// The columns without rows.
    static var empty: DataFrame { ChangeLog(path: "").take() }

    /// - Parameter path: Of a file that is gone when the log has been told.
    init(path: String) { self.path = path }

    /// A value, or without a column a row that was left out.
    func append(
        _ row: Int, column: String? = nil, before old: String? = nil, after new: String? = nil, rule: String
    ) {
        rows.append(Int64(row))
        columns.append(column)
        before.append(old)
        after.append(new)
        rules.append(rule)
    }

    /// Keeps the log short; to be called now and then.
    func shorten() throws {
        guard rows.count >= Self.most else { return }
        if file == nil { file = ArrowWriter(path) }
        try file?.append(take())
    }

    /// Tells all.
    func write(to output: TableWriter) throws {
        if let file = file.take() {
            try file.finish()
            defer { try? Files.remove(path) }
            var reader = try ArrowReader(path)
            while let frame = try reader.next() { try output.append(frame) }
        }
        try output.append(take())
    }

    private func take() -> DataFrame {
        defer { (rows, columns, before, after, rules) = ([], [], [], [], []) }
        func texts(_ name: String, _ values: [String?]) -> DataColumn {
            DataColumn(
                name, .text, .utf8(StringStorage(values.lazy.map { $0 ?? "" })),
                validity: ValidityBitmap(values.lazy.map { $0 != nil }))
        }
        return DataFrame(
            checked: [
                DataColumn("row", .integer, .int64(rows)), texts("column", columns), texts("before", before),
                texts("after", after), texts("rule", rules),
            ])
    }
}
