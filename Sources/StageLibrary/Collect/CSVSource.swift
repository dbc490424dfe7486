import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import TableTypes

/// A CSV file as the parameters of `collect.csv` say to read it.
struct CSVSource {
    let records: CSVRecords

    /// - Parameters:
    ///   - name: What messages call the file; nil leaves it to the caller.
    ///   - limit: Rows to read.
    /// - Throws: `StageError`.
    init(path: String, name: String?, _ parameters: JSONValue, rows limit: Int = .max) throws {
        let bytes: [UInt8]
        do {
            bytes = try Files.read(path)
        } catch {
            throw StageError("\(error)")
        }
        do {
            let text = try Self.decoded(bytes, parameters["encoding"]?.string ?? "auto")
            let quote = (parameters["quote"]?.string ?? "\"").utf8.first
            let written = parameters["delimiter"]?.string ?? "auto"
            let delimiter =
                written == "auto"
                ? CSVFormat.delimiter(of: text, quote: quote)
                : written == "tab" ? UInt8(ascii: "\t") : written.utf8.first ?? UInt8(ascii: ",")
            records = try CSVRecords(
                scanning: text,
                CSVFormat(
                    delimiter: delimiter, quote: quote, hasHeader: parameters["header"]?.bool ?? true),
                rows: limit)
        } catch {
            throw StageError((name.map { "'\($0)': " } ?? "") + "\(error)")
        }
    }

    /// The columns as a schema reads them; without a header the schema's
    /// fields name them, by place.
    func columns(
        _ schema: TableSchema, missing: [String], hasHeader: Bool = true
    ) -> [SchemaReading.Source] {
        let missing = Set(missing)
        return records.columns.indices.map { index in
            var column = records.column(index, missing: missing)
            if !hasHeader, schema.fields.count == records.columns.count {
                column.name = schema.fields[index].name
            }
            return .texts(column)
        }
    }

    func inferredSchema(_ parameters: JSONValue, rows: Int = SchemaInference.rows) -> TableSchema {
        let missing = parameters["missing"]?.strings ?? SchemaInference.missing(of: records, rows: rows)
        return SchemaInference.schema(
            of: records.columns.indices.map { records.column($0, missing: Set(missing)) }, missing: missing,
            rows: rows)
    }

    /// Any encoding as UTF-8. UTF-16 is told by its byte order mark.
    private static func decoded(_ bytes: [UInt8], _ encoding: String) throws -> [UInt8] {
        let isLittle = bytes.starts(with: [0xFF, 0xFE])
        let isUTF16 = isLittle || bytes.starts(with: [0xFE, 0xFF])
        switch encoding {
        case "latin-1":
            var text: [UInt8] = []
            text.reserveCapacity(bytes.count)
            for byte in bytes {
                if byte < 0x80 { text.append(byte) } else { text += [0xC0 | byte >> 6, 0x80 | byte & 0x3F] }
            }
            return text
        case "utf-16", "auto":
            guard isUTF16 else {
                if encoding == "auto" { return bytes }
                throw CSVSourceError.noByteOrderMark
            }
            guard bytes.count % 2 == 0 else { throw CSVSourceError.halfUnit }
            let units = stride(from: 2, to: bytes.count, by: 2).map { index in
                isLittle
                    ? UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8
                    : UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
            }
            var text: [UInt8] = []
            let isBroken = transcode(
                units.makeIterator(), from: UTF16.self, to: UTF8.self, stoppingOnError: true
            ) { text.append($0) }
            if isBroken { throw CSVSourceError.surrogate }
            return text
        default: return bytes
        }
    }
}

enum CSVSourceError: Error, CustomStringConvertible {
    case noByteOrderMark, halfUnit, surrogate

    var description: String {
        switch self {
        case .noByteOrderMark: "not UTF-16: a byte order mark is expected at the start"
        case .halfUnit: "not UTF-16: the number of bytes is odd"
        case .surrogate: "not UTF-16: half of a surrogate pair stands alone"
        }
    }
}
