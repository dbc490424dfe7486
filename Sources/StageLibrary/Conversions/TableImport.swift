import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// `table.import`: a table file that a command wrote, held to its schema.
enum TableImport {
    static let kind = StageKind(
        "table.import",
        versions: [.init(1, "first")],
        summary: "Reads CSV, JSON lines or Arrow, told by the suffix, as a typed table.",
        documentation: """
            CSV is cut at commas, `.tsv` at tabs; JSON lines have one object a row, a missing key is a null. Without a schema the types are inferred
            from all rows, and the schema is told as the fact `schema`. Every row must fit.
            """,
        example: """
            table:
              uses: table.import
              in: file
            """,
        inputs: [InputPort("in", .file, "The file.")], outputs: [OutputPort("table", .table, "The table.")],
        parameters: [], libraries: ["csv": 1], run: run)

    private static func run(_ run: StageRun) throws {
        guard let file = run.input("in") else { throw StageError("there is no file to read") }
        let suffix = file.basename.split(separator: ".").last.map { $0.lowercased() } ?? ""
        let columns: [SchemaReading.Source]
        let schema: TableSchema
        var found: [SchemaReading.Misfit] = []
        /// The number of a row in the file, as people count.
        var number: (Int) -> Int = { $0 + 1 }
        switch suffix {
        case "csv", "tsv":
            let csv = try CSVSource(
                path: file.path, name: file.basename, ["delimiter": suffix == "tsv" ? "tab" : ","])
            schema = try run.schema ?? csv.inferredSchema(rows: .max)
            let reading = try csv.reading(schema, threads: run.threads)
            if let first = reading.rejects.all.first {
                throw StageError(
                    TableFinding.misfit(
                        file: file.basename, row: first.row, column: first.column, reason: first.reason,
                        others: reading.rejects.rows - 1, limit: nil))
            }
            return try write(run, reading.table, schema)
        case "jsonl", "ndjson":
            let lines = try JSONLines(path: file.path, name: file.basename)
            schema = run.schema ?? lines.inferredSchema
            columns = lines.columns(schema)
            found = lines.misfits(schema)
            number = { lines.numbers[$0] }
        case "arrow", "feather", "ipc":
            let table: ArrowTable
            do {
                table = try ArrowFile.read(file.path)
            } catch {
                throw StageError("'\(file.basename)': \(error.message)", fix: error.fix)
            }
            schema = run.schema ?? Self.schema(of: table)
            columns = table.frame.columns.map(Self.source)
        case "parquet":
            throw StageError(
                "'\(file.basename)': Parquet is not read yet", notes: [("expected", "csv, jsonl, arrow")],
                fix:
                    "write the table as Arrow: pyarrow.feather.write_feather(..., compression='uncompressed')"
            )
        default:
            throw StageError(
                "'\(file.basename)' is no table file by its suffix",
                notes: [("expected", "csv, tsv, jsonl, arrow")], fix: "name it by its form, such as table.csv"
            )
        }
        let reading = try SchemaReading(columns, schema, found: found)
        if let first = reading.misfits.first {
            throw StageError(
                TableFinding.misfit(
                    file: file.basename, row: number(first.row), column: first.column, reason: first.reason,
                    others: Set(reading.misfits.map(\.row)).count - 1, limit: nil))
        }
        try write(run, reading.table, schema)
    }

    private static func write(_ run: StageRun, _ table: ArrowTable, _ schema: TableSchema) throws {
        try run.write(table, to: "table")
        if run.schema == nil { run.tell(.fact(port: "table", name: "schema", schema.json)) }
    }

    /// Text and categories are read as texts, so that a schema may make one
    /// of the other and its levels are held to.
    private static func source(_ column: DataColumn) -> SchemaReading.Source {
        switch column.storage {
        case .utf8(let texts): return .texts(TextColumn(column.name, texts, validity: column.validity))
        case .dictionary:
            return .texts(
                TextColumn(
                    column.name, StringStorage((0..<column.count).lazy.map { column.string($0) ?? "" }),
                    validity: column.validity))
        default: return .typed(column)
        }
    }

    private static func schema(of table: ArrowTable) -> TableSchema {
        TableSchema(
            table.tableType.columns.map {
                TableSchema.Field($0.name, SchemaInference.fieldType($0.type), role: $0.role)
            })
    }
}
