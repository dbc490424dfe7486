import DataFrames
import TableTypes

extension FuzzTarget {
    /// CSV: an error that says something, or columns of every type, some rows at a time, from blocks of some
    /// bytes, that are those of the texts read one by one. The first byte says how many of both, the second the dialect.
    static let csv = FuzzTarget(name: "csv") { bytes in
        guard bytes.count >= 2 else { return }
        let rows = Int(bytes[0]) + 1
        let format = CSVFormat(
            delimiter: [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09][Int(bytes[1] & 3) % 3],
            quote: bytes[1] & 4 == 0 ? UInt8(ascii: "\"") : nil, hasHeader: bytes[1] & 8 == 0)
        // In memory of its own, so that a look beyond its ends is seen.
        Array(bytes.dropFirst(2)).withUnsafeBytes { bytes in
            do {
                let records = try CSVRecords(scanning: Array(bytes), format)
                for fault in records.faults { precondition(!fault.error.description.isEmpty, "says nothing") }
                let types: [ColumnType] = [.boolean, .integer, .number, .date, .timestamp, .text, .category]
                for type in types {
                    let columns = try columns(of: bytes, format, type, rows: rows)
                    for index in records.names.indices {
                        let expected = records.column(index).typed(type).column
                        precondition(columns[index] == expected, "\(type.rawValue) column \(index)")
                    }
                }
            } catch {
                precondition(!"\(error)".isEmpty, "an error says nothing")
            }
        }
    }

    private static func columns(
        of bytes: UnsafeRawBufferPointer, _ format: CSVFormat, _ type: ColumnType, rows: Int
    ) throws -> [DataColumn] {
        let chunk = CSVChunk()
        var given = 0
        let feed = CSVFeed(format, blockBytes: 2 * rows + 1) { room in
            let part = UnsafeRawBufferPointer(rebasing: bytes[given...].prefix(room.count))
            room.copyMemory(from: part)
            given += part.count
            return (part.count, part.count < room.count)
        }
        let names = try CSVHeader.read(feed, format, chunk)
        var builders = names.map { FieldColumnBuilder($0, type, missing: CSVRecords.defaultMissing) }
        while !feed.isAtEnd {
            try feed.cut(into: chunk, records: rows)
            for index in builders.indices { _ = builders[index].append(chunk, column: index) }
        }
        // Levels come as they are met.
        return builders.indices.map { builders[$0].take().sortedLevels }
    }
}
