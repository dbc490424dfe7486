import ArrowIPC
import CanonicalJSON
import DataFrames
import Parquet
import PipelineLanguage
import Platform
import TableTypes

/// `table.export`: a table as a file that other programs read.
enum TableExport {
    static let kind = StageKind(
        "table.export",
        versions: [.init(1, "first")],
        summary: "Writes a table as CSV, JSON lines, Arrow or Parquet.",
        documentation: """
            CSV is RFC 4180 in UTF-8 with a header and LF: a null is an empty field, and so is an empty text, which CSV cannot tell from it. JSON
            lines have one object a row, keys sorted, a null as null. Numbers are the shortest texts that read back as the same; infinities are INF
            and -INF, NaN is a null. Images and audio are their files in Base64. Dates are 2024-12-31, times 2024-12-31T08:00:00Z. Parquet and Arrow keep types, roles and levels.
            """,
        example: """
            file:
              uses: table.export
              in: rows
              with: { form: csv }
            """,
        inputs: [InputPort("in", .table, "The table.")],
        outputs: [OutputPort("file", .file, "The file.")],
        parameters: [
            Parameter(
                "form",
                .choice([
                    .init("csv", "CSV."), .init("jsonl", "JSON lines."),
                    .init("arrow", "An Arrow IPC file, as stored."),
                    .init("parquet", "Parquet, compressed with zstd."),
                ]), .required, "What the file is.")
        ],
        libraries: ["csv": 1], check: { $0.outputs["file"] = .file }, run: run)

    private static func run(_ run: StageRun) throws {
        let form = run.parameters["form"]?.string ?? ""
        guard form != "parquet" else { return try writeParquet(run) }
        guard form != "arrow" else { return try run.write(run.table("in"), to: "file") }
        let frame = try run.table("in").frame
        var file = try FileReplacement(run.output("file"))
        let writer = form == "csv" ? RowWriter(csv: frame) : RowWriter(jsonLines: frame)
        var text = TextBytes()
        writer.begin(&text)
        var start = 0
        while start < frame.count {
            let rows = writer.piece(from: start)
            try writer.append(rows, to: &text)
            start = rows.upperBound
            // Bounded memory, few system calls.
            if text.count >= 1 << 18 {
                try text.withBytes { bytes throws(SystemError) in try file.write(bytes) }
                text.removeAll()
            }
        }
        try text.withBytes { bytes throws(SystemError) in try file.write(bytes) }
        try file.finish()
        tell(frame, run)
    }

    private static func writeParquet(_ run: StageRun) throws {
        let table = try run.table("in")
        do {
            try ParquetFile.write(table.frame, roles: table.roles, to: run.output("file"))
        } catch let error as ParquetError {
            throw StageError(error.message, fix: error.fix)
        }
        tell(table.frame, run)
    }

    private static func tell(_ frame: DataFrame, _ run: StageRun) {
        run.tell(.fact(port: "file", name: "rows", .integer(Int64(frame.count))))
        run.tell(.fact(port: "file", name: "columns", .integer(Int64(frame.columns.count))))
    }
}
