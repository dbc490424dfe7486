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
        var input = try run.reader("in")
        switch run.parameters["form"]?.string {
        case "arrow":
            let file = TableWriter(run, "file", roles: input.roles)
            try input.eachBatch { frame, _ in try file.append(frame) }
            return try file.finish()
        case "parquet":
            do {
                try writeParquet(&input, to: run.output("file"))
            } catch let error as ParquetError {
                throw StageError(error.message, fix: error.fix)
            }
        case "csv": try writeText(&input, to: run.output("file"), RowWriter.init(csv:first:))
        default: try writeText(&input, to: run.output("file"), RowWriter.init(jsonLines:first:))
        }
        run.tell(.fact(port: "file", name: "rows", .integer(Int64(input.rows))))
        run.tell(.fact(port: "file", name: "columns", .integer(Int64(input.type.columns.count))))
    }

    private static func writeText(
        _ input: inout TableReader, to path: String, _ writer: (DataFrame, Int) -> RowWriter
    ) throws {
        var file = try FileReplacement(path)
        var text = TextBytes()
        try input.eachBatch { frame, first in
            let writer = writer(frame, first)
            if first == 0 { writer.begin(&text) }
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
        }
        try text.withBytes { bytes throws(SystemError) in try file.write(bytes) }
        try file.finish()
    }

    /// Row groups are those of the whole table, so its bytes too.
    private static func writeParquet(_ input: inout TableReader, to path: String) throws {
        var writer = try ParquetWriter(path, roles: input.roles)
        var group = DataFrameBuilder()
        let rows = input.rows
        try input.eachBatch { frame, first in
            var start = 0
            repeat {
                let end = min(frame.count, start + ParquetWriter.groupRows - group.count)
                group.append(frame, start..<end)
                start = end
                if group.count == ParquetWriter.groupRows || first + end == rows {
                    try writer.append(group.take())
                }
            } while start < frame.count
        }
        try writer.finish()
    }
}
