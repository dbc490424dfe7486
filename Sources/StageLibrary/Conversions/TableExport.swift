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
        var writer: any RowWriter = form == "csv" ? CSVWriter(frame) : JSONLinesWriter(frame)
        for row in 0..<frame.count {
            try writer.append(row)
            // Bounded memory, few system calls.
            if writer.bytes.count >= 1 << 20 {
                try file.write(writer.bytes)
                writer.bytes.removeAll(keepingCapacity: true)
            }
        }
        try file.write(writer.bytes)
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

/// Writes a table a row at a time.
protocol RowWriter {
    var bytes: [UInt8] { get set }
    mutating func append(_ row: Int) throws
}

/// The text of a value that has one form everywhere; nil for null, and for
/// text itself.
struct CellText {
    let column: DataColumn

    /// - Throws: `StageError` for a date that no text of the form can hold.
    func text(_ row: Int) throws -> String? {
        guard column.isValid(row) else { return nil }
        switch column.storage {
        case .boolean(let values): return values[row] ? "true" : "false"
        case .int64(let values): return String(values[row])
        case .float64(let values):
            let value = values[row]
            return value.isNaN ? nil : value.isFinite ? "\(value)" : value > 0 ? "INF" : "-INF"
        case .utf8, .dictionary: return column.string(row)
        case .binary(let values): return Base64.encode(values[row])
        case .date32(let values): return try dated(FieldText.text(days: values[row]), row)
        case .timestamp(let values): return try dated(FieldText.text(microseconds: values[row]), row)
        }
    }

    private func dated(_ text: String?, _ row: Int) throws -> String {
        guard let text else {
            throw StageError(
                "row \(row + 1), column '\(column.name)': the \(column.type.rawValue) lies outside the years 1 to 9999"
            )
        }
        return text
    }
}

struct CSVWriter: RowWriter {
    var bytes: [UInt8] = []
    private let cells: [CellText]

    init(_ frame: DataFrame) {
        cells = frame.columns.map(CellText.init)
        for (index, name) in frame.names.enumerated() { field(name, index) }
        if !frame.names.isEmpty { bytes.append(0x0A) }
    }

    mutating func append(_ row: Int) throws {
        for (index, cell) in cells.enumerated() {
            field(try cell.text(row), index)
        }
        bytes.append(0x0A)
    }

    private mutating func field(_ text: String?, _ index: Int) {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        guard let text else { return }
        let needsQuotes = text.utf8.contains {
            $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D
        }
        // Without quotes a byte order mark would be taken for the file's own.
        guard needsQuotes || text.unicodeScalars.first == "\u{FEFF}" else {
            bytes.append(contentsOf: text.utf8)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

struct JSONLinesWriter: RowWriter {
    var bytes: [UInt8] = []
    /// In the order of their names' bytes, as canonical JSON has it.
    private let cells: [CellText]

    init(_ frame: DataFrame) {
        cells = frame.columns.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }.map(
            CellText.init)
    }

    mutating func append(_ row: Int) throws {
        var json = JSONWriter()
        json.beginObject()
        for cell in cells {
            json.key(cell.column.name)
            guard let text = try cell.text(row) else {
                json.null()
                continue
            }
            switch cell.column.storage {
            case .boolean(let values): json.boolean(values[row])
            case .int64(let values): json.integer(values[row])
            case .float64(let values) where values[row].isFinite: json.number(values[row])
            default:
                if cell.column.type == .json, let value = try? JSONValue(parsing: text) {
                    json.value(value)
                } else {
                    json.string(text)
                }
            }
        }
        json.endObject()
        bytes += json.bytes
        bytes.append(0x0A)
    }
}
