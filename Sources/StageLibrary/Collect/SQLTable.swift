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

    /// Holds rows to the schema and writes both outputs, batch by batch.
    ///
    /// - Parameters:
    ///   - shape: The columns without rows, as every batch has them.
    ///   - name: What messages call the rows.
    ///   - rows: Calls with the batches.
    /// - Throws: `StageError` when more rows do not fit than `max_rejects` says, and when the columns are not the schema's.
    static func write(
        _ run: StageRun, _ shape: DataFrame, name: String,
        rows: ((DataFrame) throws -> Void) throws -> Void
    ) throws {
        let shape = SQLTable(shape)
        let schema = run.schema ?? shape.schema
        let declared = schema.tableType
        // An enum's levels are those the database tells, in its order.
        let told = Set(shape.columns.filter { $0.type == .category }.map(\.name))
        try run.collect([name], named: nil, schema, told: told) { batches in
            try rows { frame in
                let table = SQLTable(frame)
                let first = batches.rows
                try batches.append(
                    CollectedRows(
                        columns: table.columns.map { try source($0, declared[$0.name], first: first) },
                        misfits: table.misfits, place: { (0, first + $0 + 1) }))
            }
        }
    }

    /// A column of another type than the schema's is read again from its texts, as a file's would be.
    ///
    /// - Parameter first: Rows before these.
    private static func source(
        _ column: DataColumn, _ declared: Column?, first: Int
    ) throws -> SchemaReading.Source {
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
        let texts = try (0..<column.count).map { try cells.text($0, number: first + $0) }
        return .texts(
            TextColumn(
                column.name, StringStorage(texts.map { $0 ?? "" }),
                validity: ValidityBitmap(texts.map { $0 != nil })))
    }
}
