import DataFrames
import Platform
import TableTypes

/// Writes a frame as schema, dictionaries and batches of 65,536 rows. Every
/// body begins at a multiple of 64 bytes of the file, and every buffer in it,
/// so that a mapped file can be computed on in place.
struct ArrowFileWriter: ~Copyable {
    static let batchRows = 65_536
    private static let alignment = 64

    private var file: FileReplacement
    private var dictionaries: [Int64] = []
    private var batches: [Int64] = []

    init(_ path: String) throws(SystemError) { file = try FileReplacement(path) }

    consuming func write(_ frame: DataFrame, _ fields: [WrittenField]) throws(SystemError) {
        try file.write(ArrowContainer.magic + [0, 0])
        var builder = FlatBufferBuilder()
        let schema = SchemaWriting.schema(fields, &builder)
        _ = try message(&builder, kind: 1, schema, body: [])
        for field in fields {
            guard let id = field.dictionary, case .dictionary(_, let levels) = field.column.storage else {
                continue
            }
            var body = BatchBody(rows: levels.count)
            body.appendText(StringStorage(levels), isLarge: field.isLarge)
            var builder = FlatBufferBuilder()
            let data = body.header(&builder)
            let header = builder.table([(0, .int64(id)), (1, .place(data))])
            dictionaries += try message(&builder, kind: 2, header, body: body.bytes)
        }
        var start = 0
        while start < frame.count {
            let rows = start..<min(start + Self.batchRows, frame.count)
            var body = BatchBody(rows: rows.count)
            for field in fields { body.append(field, rows) }
            var builder = FlatBufferBuilder()
            let header = body.header(&builder)
            batches += try message(&builder, kind: 3, header, body: body.bytes)
            start = rows.upperBound
        }
        // The end of the stream, then the footer.
        try file.write([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
        var footer = FlatBufferBuilder()
        let places = (
            schema: SchemaWriting.schema(fields, &footer),
            dictionaries: footer.vector(words: dictionaries, perElement: 3),
            batches: footer.vector(words: batches, perElement: 3)
        )
        let root = footer.table([
            (0, .int16(4)), (1, .place(places.schema)), (2, .place(places.dictionaries)),
            (3, .place(places.batches)),
        ])
        let bytes = footer.finish(root)
        try file.write(bytes + Self.littleEndian(Int32(bytes.count)) + ArrowContainer.magic)
        try file.finish()
    }

    /// Writes a message; the words of its block in the footer.
    private mutating func message(
        _ builder: inout FlatBufferBuilder, kind: UInt8, _ header: FlatBufferBuilder.Place, body: [UInt8]
    ) throws(SystemError) -> [Int64] {
        let root = builder.table([
            (0, .int16(4)), (1, .int8(kind)), (2, .place(header)), (3, .int64(Int64(body.count))),
        ])
        var metadata = builder.finish(root)
        let start = file.count
        while (start + 8 + metadata.count) % Self.alignment != 0 { metadata.append(0) }
        try file.write([0xFF, 0xFF, 0xFF, 0xFF] + Self.littleEndian(Int32(metadata.count)) + metadata)
        try file.write(body)
        return [Int64(start), Int64(8 + metadata.count), Int64(body.count)]
    }

    private static func littleEndian(_ value: Int32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
