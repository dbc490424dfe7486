import ArrowIPC
import DataFrames
import TableTypes

// Stands in for `ArrowWriter`, `ArrowReader` and `DataFrameBuilder` until tables are written and read batch by batch:
// same names and calls, whole tables in memory. Delete this file when they are there.

struct DataFrameBuilder {
    private var frames: [DataFrame] = []
    private(set) var count = 0

    mutating func append(_ frame: DataFrame, _ rows: Range<Int>) {
        frames.append(rows == 0..<frame.count ? frame : frame.gather(Array(rows)))
        count += rows.count
    }

    mutating func take() -> DataFrame {
        defer { (frames, count) = ([], 0) }
        guard let first = frames.first else { return try! DataFrame([]) }
        return try! DataFrame(
            first.columns.indices.map { index in Self.joined(frames.map { $0.columns[index] }) })
    }

    private static func joined(_ parts: [DataColumn]) -> DataColumn {
        var validity = ValidityBitmap()
        for part in parts { for row in 0..<part.count { validity.append(part.isValid(row)) } }
        var (booleans, integers, numbers, shorts) = ([Bool](), [Int64](), [Double](), [Int32]())
        for part in parts {
            switch part.storage {
            case .boolean(let values): booleans += values
            case .int64(let values), .timestamp(let values): integers += values
            case .float64(let values): numbers += values
            case .date32(let values), .dictionary(let values, _): shorts += values
            case .utf8, .binary: break
            }
        }
        let storage: ColumnStorage =
            switch parts[0].storage {
            case .boolean: .boolean(booleans)
            case .int64: .int64(integers)
            case .timestamp: .timestamp(integers)
            case .float64: .float64(numbers)
            case .date32: .date32(shorts)
            case .utf8: .utf8(texts(parts))
            case .binary: preconditionFailure("no column of a database is read as files")
            case .dictionary(_, let levels): .dictionary(indices: shorts, levels: levels)
            }
        return DataColumn(parts[0].name, parts[0].type, storage, validity: validity)
    }

    private static func texts(_ parts: [DataColumn]) -> StringStorage {
        var offsets = [0]
        var bytes: [UInt8] = []
        for case .utf8(let texts) in parts.map(\.storage) {
            offsets += texts.offsets.dropFirst().map { $0 + bytes.count }
            bytes += texts.bytes
        }
        return StringStorage(uncheckedOffsets: offsets, bytes: bytes)
    }
}

struct ArrowWriter: ~Copyable {
    private let path: String
    private var builder = DataFrameBuilder()
    var rows: Int { builder.count }

    init(_ path: String) { self.path = path }

    mutating func append(_ frame: DataFrame) throws { builder.append(frame, 0..<frame.count) }

    consuming func finish() throws { try ArrowFile.write(builder.take(), to: path) }
}

struct ArrowReader {
    static let rowsAtOnce = 65_536
    private var frame: DataFrame?
    private let columns: DataFrame

    init(_ path: String, columns: [String]? = nil) throws {
        let table = try ArrowFile.read(path).frame
        let kept = try columns.map { names in try DataFrame(names.compactMap { table[$0] }) } ?? table
        self.columns = kept.gather([])
        frame = kept.count == 0 ? nil : kept
    }

    mutating func next() throws -> DataFrame? { frame.take() }
    mutating func empty() throws -> DataFrame { columns }
}
