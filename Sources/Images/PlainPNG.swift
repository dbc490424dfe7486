import Platform

/// A PNG file as nearly all are: eight bits a sample, grey, colour or colour with opacity, not interlaced, without a
/// palette. It is unpacked in one go, where libpng does it row by row, and rows of less than 258 bytes in zlib's slow
/// way. All others, and all that are damaged, are libpng's, which then says what is wrong; the tests hold one to the
/// other.
///
/// Source: PNG specification, third edition, 5 "Datastream structure", 9 "Filtering".
struct PlainPNG {
    let width: Int
    let height: Int
    let channels: Int
    private let parts: [UnsafeRawBufferPointer]

    /// - Parameter bytes: They outlive it.
    /// - Returns: Nil for another file, and where zlib is not installed.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.starts(with: ImageFormat.png.signature) else { return nil }
        var place = ImageFormat.png.signature.count
        guard let header = Chunk(bytes, at: &place), header.type == Self.name("IHDR"),
            header.data.count == 13,
            header.data[8] == 8, header.data[10] == 0, header.data[11] == 0, header.data[12] == 0
        else { return nil }
        width = Int(header.data.bigEndian(0))
        height = Int(header.data.bigEndian(4))
        switch header.data[9] {
        case 0: channels = 1
        case 2: channels = 3
        case 6: channels = 4
        default: return nil
        }
        guard 1..<1 << 31 ~= width, 1..<1 << 31 ~= height else { return nil }
        var parts: [UnsafeRawBufferPointer] = []
        var isBehind = false
        while true {
            guard let chunk = Chunk(bytes, at: &place) else { return nil }
            switch chunk.type {
            case Self.name("IDAT"):
                if isBehind { return nil }
                parts.append(chunk.data)
            case Self.name("IEND"):
                guard chunk.data.isEmpty, !parts.isEmpty else { return nil }
                self.parts = parts
                return
            default:
                // Texts, times and what is said of colours, none of which changes a sample.
                guard Self.ignored.contains(chunk.type) else { return nil }
                isBehind = !parts.isEmpty
            }
        }
    }

    private static let ignored = Set(
        ["cHRM", "eXIf", "gAMA", "iCCP", "iTXt", "pHYs", "sBIT", "sRGB", "tEXt", "tIME", "zTXt"].map(name))

    private static func name(_ text: StaticString) -> UInt32 { name("\(text)") }
    private static func name(_ text: String) -> UInt32 { text.utf8.reduce(0) { $0 << 8 | UInt32($1) } }

    private struct Chunk {
        let type: UInt32
        let data: UnsafeRawBufferPointer

        /// Reads one whose checksum holds, and goes behind it.
        init?(_ bytes: UnsafeRawBufferPointer, at place: inout Int) {
            guard bytes.count - place >= 12 else { return nil }
            let count = Int(bytes.bigEndian(place))
            guard count <= bytes.count - place - 12 else { return nil }
            let named = UnsafeRawBufferPointer(rebasing: bytes[place + 4..<place + 8 + count])
            guard var sum = try? Deflate.Checksum() else { return nil }
            sum.take(named)
            guard sum.value == bytes.bigEndian(place + 8 + count) else { return nil }
            type = named.bigEndian(0)
            data = UnsafeRawBufferPointer(rebasing: named[4...])
            place += 12 + count
        }
    }

    // MARK: Pixels

    /// - Parameter limit: Bytes of pixels.
    /// - Returns: Nil where there are more than the limit, and for damaged ones.
    func pixels(limit: Int) -> [UInt8]? {
        let (stride, packed) = (width * channels, parts.reduce(0) { $0 + $1.count })
        // Deflate makes at most 258 bytes of two bits: a few bytes get no memory.
        guard stride <= min(limit, 1 << 48) / height, (stride + 1) * height / 1032 <= packed else {
            return nil
        }
        let filtered = UnsafeMutableRawBufferPointer.allocate(
            byteCount: (stride + 1) * height + PNGFilters.padding, alignment: 16)
        defer { filtered.deallocate() }
        let rows = UnsafeMutableRawBufferPointer(rebasing: filtered[..<((stride + 1) * height)])
        guard (try? unpack(into: rows)) == true else { return nil }
        var isRight = true
        let pixels = [UInt8](unsafeUninitializedCapacity: stride * height) { pixels, count in
            isRight = PNGFilters.undo(
                UnsafePointer(filtered.baseAddress!.assumingMemoryBound(to: UInt8.self)), stride: stride,
                rows: height, channels: channels, into: pixels.baseAddress!)
            count = isRight ? stride * height : 0
        }
        return isRight ? pixels : nil
    }

    private func unpack(into rows: UnsafeMutableRawBufferPointer) throws -> Bool {
        // libpng holds matches to the window that the stream says it needs; zlib, given all room at once, does not.
        let window = 1 << (8 + Int(parts.first { !$0.isEmpty }?[0] ?? 0) >> 4)
        guard window >= min(1 << 15, rows.count) else { return false }
        if parts.count == 1 { return try Deflate.unpack(zlib: parts[0], into: rows) }
        var whole: [UInt8] = []
        whole.reserveCapacity(parts.reduce(0) { $0 + $1.count })
        for part in parts { whole.append(contentsOf: part) }
        return try whole.withUnsafeBytes { try Deflate.unpack(zlib: $0, into: rows) }
    }
}

extension UnsafeRawBufferPointer {
    /// - Precondition: Its bytes are there.
    fileprivate func bigEndian(_ place: Int) -> UInt32 {
        precondition(place >= 0 && count - place >= 4, "a number at \(place) of \(count)")
        return UInt32(bigEndian: loadUnaligned(fromByteOffset: place, as: UInt32.self))
    }
}
