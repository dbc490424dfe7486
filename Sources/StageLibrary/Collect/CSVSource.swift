import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import TableTypes

/// A CSV file as the parameters of `collect.csv` say to read it.
struct CSVSource {
    /// What messages call the file; nil leaves it to the caller.
    let name: String?
    let parameters: JSONValue
    let format: CSVFormat
    let text: Text

    /// UTF-8: the file as it lies, or what another encoding becomes.
    enum Text {
        case mapped(MappedFile)
        case decoded([UInt8])

        func withBytes<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
            switch self {
            case .mapped(let file): try withExtendedLifetime(file) { try body(file.bytes) }
            case .decoded(let bytes): try bytes.withUnsafeBytes(body)
            }
        }
    }

    /// - Throws: `StageError`.
    init(path: String, name: String?, _ parameters: JSONValue) throws {
        self.name = name
        self.parameters = parameters
        let file: Text
        do {
            // What is no plain file, or does not say its size, cannot be mapped.
            let mapped = try? MappedFile(path)
            file =
                if let mapped, !mapped.bytes.isEmpty { .mapped(mapped) } else {
                    .decoded(try Files.read(path))
                }
        } catch {
            throw StageError("\(error)")
        }
        do {
            let encoding = parameters["encoding"]?.string ?? "auto"
            text = try file.withBytes { try Self.decoded($0, encoding) }.map(Text.decoded) ?? file
        } catch {
            throw Self.error(error, name)
        }
        let quote = (parameters["quote"]?.string ?? "\"").utf8.first
        let written = parameters["delimiter"]?.string ?? "auto"
        let delimiter =
            written == "auto"
            ? text.withBytes { CSVFormat.delimiter(of: $0, quote: quote) }
            : written == "tab" ? UInt8(ascii: "\t") : written.utf8.first ?? UInt8(ascii: ",")
        format = CSVFormat(
            delimiter: delimiter, quote: quote, hasHeader: parameters["header"]?.bool ?? true,
            trims: parameters["trim"]?.bool ?? false)
    }

    static func error(_ error: any Error, _ name: String?) -> StageError {
        error as? StageError ?? StageError((name.map { "'\($0)': " } ?? "") + "\(error)")
    }

    /// All rows, held to a schema.
    ///
    /// - Throws: `StageError`.
    func reading(_ schema: TableSchema, threads: Int) throws -> CSVReading {
        let missing = parameters["missing"]?.strings
        do {
            return try text.withBytes {
                try CSVReading($0, format, schema, missing: missing, threads: threads)
            }
        } catch {
            throw Self.error(error, name)
        }
    }

    /// - Parameter rows: How many are looked at.
    /// - Throws: `StageError`.
    func inferredSchema(rows: Int = SchemaInference.rows) throws -> TableSchema {
        let records: CSVRecords
        do {
            records = try text.withBytes { try CSVRecords(scanning: $0, format, rows: rows) }
        } catch {
            throw Self.error(error, name)
        }
        let missing = parameters["missing"]?.strings ?? SchemaInference.missing(of: records, rows: rows)
        return SchemaInference.schema(
            of: records.columns.indices.map { records.column($0, missing: Set(missing)) }, missing: missing,
            rows: rows)
    }

    /// Any other encoding as UTF-8, nil for what is UTF-8 already. UTF-16 is told by its byte order mark.
    static func decoded(_ bytes: UnsafeRawBufferPointer, _ encoding: String) throws -> [UInt8]? {
        let isLittle = bytes.starts(with: [0xFF, 0xFE])
        let isUTF16 = isLittle || bytes.starts(with: [0xFE, 0xFF])
        switch encoding {
        case "latin-1":
            var text: [UInt8] = []
            text.reserveCapacity(bytes.count)
            for byte in bytes {
                if byte < 0x80 {
                    text.append(byte)
                } else {
                    text.append(0xC0 | byte >> 6)
                    text.append(0x80 | byte & 0x3F)
                }
            }
            return text
        case "utf-16", "auto":
            guard isUTF16 else {
                if encoding == "auto" { return nil }
                throw CSVSourceError.noByteOrderMark
            }
            guard bytes.count % 2 == 0 else { throw CSVSourceError.halfUnit }
            let units = stride(from: 2, to: bytes.count, by: 2).map { index in
                let unit = bytes.loadUnaligned(fromByteOffset: index, as: UInt16.self)
                return isLittle ? UInt16(littleEndian: unit) : UInt16(bigEndian: unit)
            }
            var text: [UInt8] = []
            let isBroken = transcode(
                units.makeIterator(), from: UTF16.self, to: UTF8.self, stoppingOnError: true
            ) { text.append($0) }
            if isBroken { throw CSVSourceError.surrogate }
            return text
        default: return nil
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
