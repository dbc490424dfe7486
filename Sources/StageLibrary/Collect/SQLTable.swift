import ArrowIPC
import DataFrames
import PipelineLanguage
import SQLDatabases
import TableTypes

/// Rows of a database on their way to a table and its rejects: they have types already, and a column beside them that says
/// what did not fit.
struct SQLTable {
    private let columns: [DataColumn]
    private let misfits: [SchemaReading.Misfit]

    init(_ rows: DataFrame) {
        let (columns, misfits) = Misfits.split(rows)
        self.columns = columns
        self.misfits = misfits.map { .init(row: $0.row, column: $0.column, reason: $0.reason) }
    }

    static let outputs = [
        OutputPort("table", .table, "The rows that fit, columns in the schema's order."),
        OutputPort(
            "rejects", .table, "Why rows were left out: row (from 1, in their order), column, reason."),
    ]

    static func check(_ check: inout StageCheck) {
        if let type = check.schema?.tableType { check.outputs["table"] = .table(type) }
        FileSource.checkFields(&check)
        check.outputs["rejects"] = .table(RejectedRows.typeOfOneFile)
    }

    /// The schema of rows for which none is declared: an enum's levels are those the database tells.
    static func schema(of columns: [Column]) -> TableSchema {
        TableSchema(
            columns.map { column in
                TableSchema.Field(
                    column.name, SchemaInference.fieldType(column.type),
                    constraints: .init(levels: column.type == .category ? column.levels : nil))
            })
    }

    var schema: TableSchema {
        Self.schema(
            of: columns.map { column in
                var levels: [String]?
                if case .dictionary(_, let known) = column.storage { levels = known }
                return Column(column.name, column.type, levels: levels)
            })
    }

    /// Holds the rows to the schema and writes both outputs.
    ///
    /// - Parameter name: What messages call the rows.
    /// - Throws: `StageError` when more rows do not fit than `max_rejects` says, and when the columns are not the schema's.
    func write(_ run: StageRun, name: String) throws {
        let schema = run.schema ?? self.schema
        let declared = schema.tableType
        let sources = try columns.map { try Self.source($0, declared[$0.name]) }
        let reading = try SchemaReading(sources, schema, found: misfits)
        let rejects = RejectedRows(
            reading.misfits.map { .init(file: 0, row: $0.row + 1, column: $0.column, reason: $0.reason) })
        try rejects.hold(to: run.maxRejects, files: [name])
        try run.write(reading.table, to: "table")
        try run.write(rejects.table(nil), to: "rejects")
    }

    /// A column of another type than the schema's is read again from its texts, as a file's would be.
    private static func source(_ column: DataColumn, _ declared: Column?) throws -> SchemaReading.Source {
        guard let declared else { return .typed(column) }
        if column.type == .category, case .dictionary(_, let levels) = column.storage,
            declared.type == .category,
            declared.levels == nil || declared.levels == levels
        {
            return .typed(column)
        }
        if column.type == declared.type, column.type != .category { return .typed(column) }
        if column.type == .integer, declared.type == .number { return .typed(column) }
        if case .boolean(let values) = column.storage, declared.type.isNumeric {
            let numbers = ColumnStorage.int64(values.map { $0 ? 1 : 0 })
            return .typed(DataColumn(column.name, .integer, numbers, validity: column.validity))
        }
        let cells = CellText(column: column)
        let texts = try (0..<column.count).map { try cells.text($0) }
        return .texts(
            TextColumn(
                column.name, StringStorage(texts.map { $0 ?? "" }),
                validity: ValidityBitmap(texts.map { $0 != nil })))
    }
}
