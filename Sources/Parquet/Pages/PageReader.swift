/// A page with its parts told apart. Of every part eight more bytes may be read.
struct Page {
    let isDictionary: Bool
    /// With nulls.
    let values: Int
    let encoding: Int
    /// Runs of levels; empty where all levels are 0.
    let repetition: UnsafeRawBufferPointer
    let definition: UnsafeRawBufferPointer
    let body: UnsafeRawBufferPointer
    /// Keeps the parts in memory where they are no part of the file.
    let owner: Memory?
}

/// Takes a chunk's pages one after the other.
///
/// Source: apache/parquet-format 2.11, README.md, "Data Pages".
struct PageReader {
    private let file: UnsafeRawBufferPointer
    private let leaf: Leaf
    private let codec: Codec
    private let budget: Budget
    private let decompressor: Decompressor
    /// What errors name.
    private let place: String
    private var position: Int
    private let end: Int
    /// Values still to come.
    private var left: Int
    /// A chunk without values can have a dictionary all the same.
    private let isEmpty: Bool

    /// - Parameters:
    ///   - file: All bytes of the file up to the footer; eight more follow.
    init(
        _ chunk: ColumnChunk, _ leaf: Leaf, file: UnsafeRawBufferPointer, place: String, budget: Budget,
        decompressor: Decompressor
    ) throws(ParquetError) {
        guard !chunk.isElsewhere else {
            throw ParquetError(.damaged(place: place, what: "its pages lie in another file"))
        }
        if chunk.isEncrypted { throw ParquetError(.encrypted) }
        guard chunk.physical == leaf.physical else {
            throw ParquetError(.damaged(place: place, what: "its type is not the one the schema has"))
        }
        codec = try Codec(number: chunk.codec)
        // Some writers leave the dictionary's place out, or give a wrong one
        // for chunks without a dictionary.
        let start = min(chunk.dictionaryOffset ?? chunk.dataOffset, chunk.dataOffset)
        let isInside = start >= 4 && start <= file.count && chunk.size <= file.count - start
        // Without a value there may be no page, and then no place.
        guard isInside || chunk.values == 0 else {
            throw ParquetError(.damaged(place: place, what: "it lies outside the file"))
        }
        self.file = file
        self.leaf = leaf
        self.place = place
        self.budget = budget
        self.decompressor = decompressor
        position = isInside ? start : 0
        end = isInside ? start + chunk.size : 0
        left = chunk.values
        isEmpty = chunk.values == 0
    }

    func damaged(_ what: String) -> ParquetError { ParquetError(.damaged(place: place, what: what)) }

    /// The next page that has something; nil behind the last value.
    mutating func next() throws(ParquetError) -> Page? {
        while left > 0 || isEmpty && position < end {
            let header = try PageHeader(
                UnsafeRawBufferPointer(rebasing: file[position..<end]), place: "\(place), page header")
            let start = position + header.size
            guard header.compressed <= end - start else {
                throw damaged("a page is said to have \(header.compressed) bytes")
            }
            position = start + header.compressed
            let bytes = UnsafeRawBufferPointer(rebasing: file[start..<position])
            switch header.kind {
            case .other: continue
            case .dictionary:
                let (body, owner) = try unpacked(bytes, header.uncompressed, isCompressed: true)
                return Page(
                    isDictionary: true, values: header.values, encoding: header.encoding,
                    repetition: Self.none, definition: Self.none, body: body, owner: owner)
            case .data, .dataV2:
                guard header.values <= left else {
                    throw damaged("its pages have more values than it is said to have")
                }
                left -= header.values
                return try header.kind == .data ? version1(bytes, header) : version2(bytes, header)
            }
        }
        return nil
    }

    private static var none: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    private func unpacked(
        _ bytes: UnsafeRawBufferPointer, _ count: Int, isCompressed: Bool
    ) throws(ParquetError) -> (bytes: UnsafeRawBufferPointer, owner: Memory?) {
        guard codec != .none, isCompressed else {
            guard bytes.count == count else {
                throw damaged("a page has \(bytes.count) bytes, its header says \(count)")
            }
            return (bytes, nil)
        }
        guard count > 0 else { return (Self.none, nil) }
        try budget.take(count, for: place)
        let memory = Memory(count)
        guard try decompressor.unpack(codec, bytes, into: memory.bytes) else {
            throw damaged("a page does not unpack (\(codec)) to the \(count) bytes its header says")
        }
        return (UnsafeRawBufferPointer(memory.bytes), memory)
    }

    /// Levels and values compressed as one; each kind of levels has its length
    /// before it.
    private func version1(
        _ bytes: UnsafeRawBufferPointer, _ header: PageHeader
    ) throws(ParquetError) -> Page {
        var (rest, owner) = try unpacked(bytes, header.uncompressed, isCompressed: true)
        var parts: [UnsafeRawBufferPointer] = []
        for (maximum, encoding) in [
            (leaf.levels.repetition, header.levelEncodings.repetition),
            (leaf.levels.definition, header.levelEncodings.definition),
        ] {
            guard maximum > 0 else {
                parts.append(Self.none)
                continue
            }
            guard encoding == PageEncoding.rle else {
                throw ParquetError(
                    .encoding(column: leaf.path, name: "levels of \(PageEncoding.name(encoding))"))
            }
            guard rest.count >= 4 else { throw damaged("a page ends in its levels") }
            let count = Int(UInt32(littleEndian: rest.loadUnaligned(as: UInt32.self)))
            guard count <= rest.count - 4 else { throw damaged("a page ends in its levels") }
            parts.append(UnsafeRawBufferPointer(rebasing: rest[4..<(4 + count)]))
            rest = UnsafeRawBufferPointer(rebasing: rest[(4 + count)...])
        }
        return Page(
            isDictionary: false, values: header.values, encoding: header.encoding, repetition: parts[0],
            definition: parts[1], body: rest, owner: owner)
    }

    /// Levels uncompressed, their lengths in the header.
    private func version2(
        _ bytes: UnsafeRawBufferPointer, _ header: PageHeader
    ) throws(ParquetError) -> Page {
        let (definition, repetition) = header.levelBytes
        let (levels, isOver) = definition.addingReportingOverflow(repetition)
        guard !isOver, levels <= bytes.count, levels <= header.uncompressed else {
            throw damaged("a page ends in its levels")
        }
        let (body, owner) = try unpacked(
            UnsafeRawBufferPointer(rebasing: bytes[levels...]), header.uncompressed - levels,
            isCompressed: header.isCompressed)
        return Page(
            isDictionary: false, values: header.values, encoding: header.encoding,
            repetition: UnsafeRawBufferPointer(rebasing: bytes[..<repetition]),
            definition: UnsafeRawBufferPointer(rebasing: bytes[repetition..<levels]), body: body, owner: owner
        )
    }
}
