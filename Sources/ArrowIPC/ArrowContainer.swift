import Platform

/// A mapped file taken apart as far as its footer goes: schema and blocks.
struct ArrowContainer {
    struct Block {
        let offset: Int
        let metadata: Int
        let body: Int
    }

    let file: MappedFile
    let fields: [ArrowField]
    let dictionaries: [Block]
    let batches: [Block]

    static let magic = Array("ARROW1".utf8)

    init(_ path: String) throws(ArrowError) {
        let file: MappedFile
        do { file = try MappedFile(path) } catch { throw ArrowError(.unreadable(error.description)) }
        let bytes = file.bytes
        guard bytes.count >= 8 + 10, bytes.starts(with: Self.magic), bytes.suffix(6).elementsEqual(Self.magic)
        else { throw Self.otherFormat(bytes) }
        let length = Int(
            Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: bytes.count - 10, as: Int32.self)))
        guard length > 0, length <= bytes.count - 18 else {
            throw ArrowError(.damaged(place: "footer", what: "it is said to have \(length) bytes"))
        }
        let start = bytes.count - 10 - length
        let footer = try FlatBuffer(
            UnsafeRawBufferPointer(rebasing: bytes[start..<(start + length)]), place: "footer"
        ).root()
        try SchemaReading.checkVersion(try footer.scalar(0, default: Int16(0)))
        guard let schema = try footer.table(1) else {
            throw ArrowError(.damaged(place: "footer", what: "it has no schema"))
        }
        self.file = file
        fields = try SchemaReading.fields(schema)
        var room = start
        dictionaries = try Self.blocks(footer, 2, end: start, room: &room)
        batches = try Self.blocks(footer, 3, end: start, room: &room)
    }

    private static func otherFormat(_ bytes: UnsafeRawBufferPointer) -> ArrowError {
        let format: ArrowError.Format? =
            if bytes.starts(with: [0xFF, 0xFF, 0xFF, 0xFF]) {
                .stream
            } else if bytes.starts(with: "FEA1".utf8) {
                .featherV1
            } else if bytes.starts(with: "PAR1".utf8) {
                .parquet
            } else {
                nil
            }
        return ArrowError(.notArrow(looksLike: format))
    }

    /// The blocks of a footer field. Together they are no longer than the file:
    /// a block named twice would unfold it.
    private static func blocks(
        _ footer: FlatTable, _ slot: Int, end: Int, room: inout Int
    ) throws(ArrowError) -> [Block] {
        guard let list = try footer.vector(slot, stride: 24) else { return [] }
        var blocks: [Block] = []
        for index in 0..<list.count {
            let offset = try list.scalar(index, as: Int64.self)
            let metadata = Int64(try list.scalar(index, at: 8, as: Int32.self))
            let body = try list.scalar(index, at: 16, as: Int64.self)
            guard offset >= 8, metadata >= 8, body >= 0, offset <= end, metadata <= Int64(end) - offset,
                body <= Int64(end) - offset - metadata
            else {
                throw ArrowError(.damaged(place: "footer", what: "block \(index + 1) lies outside the file"))
            }
            room -= Int(metadata + body)
            guard room >= 0 else { throw ArrowError(.damaged(place: "footer", what: "its blocks overlap")) }
            blocks.append(Block(offset: Int(offset), metadata: Int(metadata), body: Int(body)))
        }
        return blocks
    }

    /// The header of a block's message, which must be of the kind given
    /// (2 dictionary batch, 3 record batch), and its body.
    static func message(
        _ block: Block, of file: MappedFile, kind: UInt8, place: String
    ) throws(ArrowError) -> (header: FlatTable, body: UnsafeRawBufferPointer) {
        let bytes = UnsafeRawBufferPointer(
            rebasing: file.bytes[block.offset..<(block.offset + block.metadata)])
        // Before Arrow 0.15 no mark of continuation stood before the length.
        let isMarked = bytes.loadUnaligned(as: UInt32.self) == .max
        let start = isMarked ? 8 : 4
        let length = Int(
            Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: start - 4, as: Int32.self)))
        guard length > 0, length <= bytes.count - start else {
            throw ArrowError(.damaged(place: place, what: "its metadata is said to have \(length) bytes"))
        }
        let message = try FlatBuffer(
            UnsafeRawBufferPointer(rebasing: bytes[start..<(start + length)]), place: place
        ).root()
        try SchemaReading.checkVersion(try message.scalar(0, default: Int16(0)))
        guard try message.scalar(1, default: UInt8(0)) == kind, let header = try message.table(2),
            try message.scalar(3, default: Int64(0)) == Int64(block.body)
        else {
            throw ArrowError(.damaged(place: place, what: "its header is not the one the footer names"))
        }
        let bodyStart = block.offset + block.metadata
        return (header, UnsafeRawBufferPointer(rebasing: file.bytes[bodyStart..<(bodyStart + block.body)]))
    }

    static func batch(_ block: Block, of file: MappedFile, place: String) throws(ArrowError) -> RecordBatch {
        let (header, body) = try message(block, of: file, kind: 3, place: place)
        return try RecordBatch(header, body: body, place: place)
    }
}
