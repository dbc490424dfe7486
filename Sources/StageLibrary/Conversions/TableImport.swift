import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// `table.import`: a table file that a command wrote, held to its schema.
enum TableImport {
    static let kind = StageKind(
        "table.import",
        versions: [
            .init(1, "first"), .init(2, "formats, enums of every type and JSON in texts are held to"),
            .init(3, "whole numbers and times are compared to their last digit, texts by their bytes"),
        ],
        summary: "Reads CSV, JSON lines, Arrow or Parquet, told by the suffix, as a typed table.",
        documentation: """
            CSV is cut at commas, `.tsv` at tabs; JSON lines have one object a row, a missing key is a null. Without a schema the types are inferred
            from all rows, or are those of an Arrow or Parquet file, and the schema is told as the fact `schema`. Every row must fit.
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
        switch suffix {
        case "csv", "tsv":
            let csv = try CSVSource(
                path: file.path, name: file.basename, ["delimiter": suffix == "tsv" ? "tab" : ","])
            try copy(csv, file, run.schema ?? csv.inferredSchema(rows: .max), run)
        case "jsonl", "ndjson":
            try MemoryBudget(run, "'\(file.basename)' is held in memory").check(file: file.path)
            try copy(JSONLines(path: file.path, name: file.basename), file, run)
        case "arrow", "feather", "ipc":
            try copy(TypedFile(arrow: file.path, name: file.basename), file, run)
        case "parquet": try copy(TypedFile(parquet: file.path, name: file.basename), file, run)
        default:
            throw StageError(
                "'\(file.basename)' is no table file by its suffix",
                notes: [("expected", "csv, tsv, jsonl, arrow, parquet")],
                fix: "name it by its form, such as table.csv"
            )
        }
    }

    private static func copy(_ lines: JSONLines, _ file: StageRun.Artifact, _ run: StageRun) throws {
        let schema = run.schema ?? lines.inferredSchema
        let reading = try SchemaReading(lines.columns(schema), schema, found: lines.misfits(schema))
        if let first = reading.misfits.first {
            throw StageError(
                TableFinding.misfit(
                    file: file.basename, row: lines.numbers[first.row], column: first.column,
                    reason: first.reason, others: Set(reading.misfits.map(\.row)).count - 1, limit: nil))
        }
        try run.write(reading.table, to: "table")
        tellSchema(run, schema)
    }

    private static func copy(_ typed: TypedFile, _ file: StageRun.Artifact, _ run: StageRun) throws {
        var typed = typed
        let schema = run.schema ?? TableFile.schema(of: typed.type)
        let met = schema.openCategories
        let table = TableWriter(run, "table", roles: schema.roles, sorting: met)
        let rejects = RejectLog(limit: nil)
        var rows = SchemaBatches(run, schema, met: met, rejects: rejects) { try table.append($0) }
        try typed.eachBatch { try rows.append($0) }
        try rejects.finish(files: [file.basename])
        try table.finish()
        tellSchema(run, schema)
    }

    private static func copy(
        _ csv: CSVSource, _ file: StageRun.Artifact, _ schema: TableSchema, _ run: StageRun
    ) throws {
        let table = TableWriter(run, "table", roles: schema.roles, sorting: schema.openCategories)
        let rejects = RejectLog(limit: nil)
        let reading = try CSVReading(
            schema, missing: csv.missing, threads: run.threads, rejects: rejects
        ) { try table.append($0) }
        try csv.read(into: reading, memory: run.memory)
        try reading.finish()
        try rejects.finish(files: [file.basename])
        try table.finish()
        tellSchema(run, schema)
    }

    private static func tellSchema(_ run: StageRun, _ schema: TableSchema) {
        if run.schema == nil { run.tell(.fact(port: "table", name: "schema", schema.json)) }
    }
}
