import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// The head of a stored table, for people: columns with what is known of the
/// whole table, and the first rows as texts.
public struct TablePreview: Sendable {
    public struct Heading: Hashable, Sendable {
        public var name: String
        public var type: ColumnType
        public var role: ColumnRole?
        /// Nulls in all rows.
        public var nulls: Int

        public init(_ name: String, _ type: ColumnType, role: ColumnRole? = nil, nulls: Int = 0) {
            self.name = name
            self.type = type
            self.role = role
            self.nulls = nulls
        }
    }

    public let columns: [Heading]
    /// Row after row; nil is null.
    public let cells: [[String?]]
    /// Of the whole table.
    public let rows: Int

    public init(columns: [Heading], cells: [[String?]], rows: Int) {
        self.columns = columns
        self.cells = cells
        self.rows = rows
    }

    /// - Throws: `ArrowError` for a file that is no table.
    /// - Complexity: O(columns × batches) and the rows shown.
    public init(ofTable path: String, rows shown: Int) throws {
        let (counts, all) = try ArrowFile.nullCounts(of: path)
        let table = try ArrowFile.head(path, rows: shown)
        rows = all
        columns = zip(table.frame.columns, counts).map {
            Heading($0.name, $0.type, role: table.roles[$0.name], nulls: $1)
        }
        let texts = table.frame.columns.map(CellText.init)
        cells = (0..<table.frame.count).map { row in
            texts.map { cell in
                guard cell.column.isValid(row) else { return nil }
                if case .binary(let values) = cell.column.storage { return "\(values[row].count) bytes" }
                return ((try? cell.text(row)) ?? nil) ?? Self.strange(cell.column, row)
            }
        }
    }

    /// What has no text of its own in a file for exchange: NaN, a date before
    /// the year 1 or past 9999.
    private static func strange(_ column: DataColumn, _ row: Int) -> String {
        switch column.storage {
        case .float64(let values): "\(values[row])"
        case .date32(let days): "day \(days[row])"
        case .timestamp(let times): "\(times[row]) µs"
        case .boolean, .int64, .utf8, .binary, .dictionary: ""
        }
    }
}

extension StageLibrary {
    /// The first rows of a stored table, a JSON object a line.
    ///
    /// - Throws: `StageError`, `ArrowError`.
    public static func jsonLines(ofTable path: String, rows: Int) throws -> [UInt8] {
        let frame = try ArrowFile.head(path, rows: rows).frame
        var text = TextBytes()
        try RowWriter(jsonLines: frame).append(0..<frame.count, to: &text)
        return text.withBytes { Array($0) }
    }

    /// A Table Schema that says what is known of a stored table's columns.
    ///
    /// - Throws: `ArrowError`.
    public static func schema(ofTable path: String) throws -> TableSchema {
        let type = try ArrowFile.head(path, rows: 0).tableType
        let nulls = try ArrowFile.nullCounts(of: path).counts
        return TableSchema(
            zip(type.columns, nulls).map { column, nulls in
                // More than can be read at a glance are not listed.
                let levels = column.levels.flatMap { 1...ColumnProfile.mostLevels ~= $0.count ? $0 : nil }
                return TableSchema.Field(
                    column.name, levels == nil ? SchemaInference.fieldType(column.type) : .string,
                    role: column.role, constraints: .init(required: nulls == 0, levels: levels))
            })
    }

    /// Writes a stored table in another form, by the conversion that command
    /// stages get theirs through.
    ///
    /// - Parameter form: `csv`, `jsonl`, `arrow` or `parquet`.
    /// - Throws: `StageError`; `SystemError`.
    public static func export(table path: String, as form: String, to target: String) throws {
        try TableExport.kind.run(
            StageRun(
                parameters: ["form": .string(form)],
                inputs: [.init(port: "in", type: .table, path: path, basename: "table.arrow")],
                outputs: ["file": target]))
    }
}
