import DataFrames
import Platform

/// The messages of a file, one after another, and the footer that names their places. Every body begins at a multiple
/// of 64 bytes of the file, and every buffer in it, so that a mapped file can be computed on in place.
struct ArrowFileWriter: ~Copyable {
    static let batchRows = 65_536
    private static let alignment = 64

    private var file: FileReplacement
    private(set) var dictionaries: [ArrowContainer.Block] = []
    private(set) var batches: [ArrowContainer.Block] = []

    /// Begins a file with its schema.
    ///
    /// - Parameter draft: See `FileReplacement`.
    init(_ path: String, _ fields: [WrittenField], draft: Int = 0) throws(SystemError) {
        var file = try FileReplacement(path, draft: draft)
        try file.write(ArrowContainer.magic + [0, 0])
        try file.write(Self.schema(fields))
        self.file = file
    }

    /// Where the bytes lie until `finish`.
    var temporary: String { file.temporary }

    mutating func flush() throws(SystemError) { try file.flush() }

    /// Says otherwise what the fields are; a schema's length does not depend on what can become known late.
    mutating func correct(_ fields: [WrittenField]) throws(SystemError) {
        try file.overwrite(Self.schema(fields), at: ArrowContainer.magic.count + 2)
    }

    private static func schema(_ fields: [WrittenField]) -> [UInt8] {
        var builder = FlatBufferBuilder()
        let schema = SchemaWriting.schema(fields, &builder)
        return metadata(&builder, kind: 1, schema, body: 0, at: ArrowContainer.magic.count + 2)
    }

    mutating func append(levels: [String], id: Int64, isLarge: Bool) throws(SystemError) {
        var body = BatchBody(rows: levels.count)
        body.appendText(StringStorage(levels), isLarge: isLarge)
        var builder = FlatBufferBuilder()
        let data = body.header(&builder)
        let header = builder.table([(0, .int64(id)), (1, .place(data))])
        dictionaries.append(try append(&builder, kind: 2, header, body))
    }

    mutating func append(_ body: BatchBody) throws(SystemError) {
        var builder = FlatBufferBuilder()
        let header = body.header(&builder)
        batches.append(try append(&builder, kind: 3, header, body))
    }

    private mutating func append(
        _ builder: inout FlatBufferBuilder, kind: UInt8, _ header: FlatBufferBuilder.Place, _ body: BatchBody
    ) throws(SystemError) -> ArrowContainer.Block {
        let start = file.count
        let metadata = Self.metadata(&builder, kind: kind, header, body: body.count, at: start)
        try file.write(metadata)
        try body.write(to: &file)
        return ArrowContainer.Block(offset: start, metadata: metadata.count, body: body.count)
    }

    /// A message up to its body, which begins at a multiple of 64 bytes.
    private static func metadata(
        _ builder: inout FlatBufferBuilder, kind: UInt8, _ header: FlatBufferBuilder.Place, body: Int,
        at start: Int
    ) -> [UInt8] {
        let root = builder.table([
            (0, .int16(4)), (1, .int8(kind)), (2, .place(header)), (3, .int64(Int64(body))),
        ])
        var metadata = builder.finish(root)
        while (start + 8 + metadata.count) % Self.alignment != 0 { metadata.append(0) }
        return [0xFF, 0xFF, 0xFF, 0xFF] + littleEndian(Int32(metadata.count)) + metadata
    }

    /// Writes the end of the stream and the footer, and puts the file in place.
    consuming func finish(_ fields: [WrittenField]) throws(SystemError) {
        try file.write([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
        var footer = FlatBufferBuilder()
        func words(_ blocks: [ArrowContainer.Block]) -> [Int64] {
            blocks.flatMap { [Int64($0.offset), Int64($0.metadata), Int64($0.body)] }
        }
        let places = (
            schema: SchemaWriting.schema(fields, &footer),
            dictionaries: footer.vector(words: words(dictionaries), perElement: 3),
            batches: footer.vector(words: words(batches), perElement: 3)
        )
        let root = footer.table([
            (0, .int16(4)), (1, .place(places.schema)), (2, .place(places.dictionaries)),
            (3, .place(places.batches)),
        ])
        let bytes = footer.finish(root)
        try file.write(bytes + Self.littleEndian(Int32(bytes.count)) + ArrowContainer.magic)
        try file.finish()
    }

    private static func littleEndian(_ value: Int32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
