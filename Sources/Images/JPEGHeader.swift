/// The segments of a JPEG file in front of its first scan.
///
/// Source: ITU-T T.81, B.1 (markers) and B.2.2 (frame header); the orientation:
/// Exif 2.32, 4.5.4 and 4.6 (a TIFF directory in an APP1 segment).
struct JPEGHeader {
    private(set) var header: ImageHeader
    /// As the samples are stored, before they are turned.
    private(set) var width: Int
    private(set) var height: Int
    /// 1 grey, 3 colour, 4 inks.
    let components: Int
    /// Whether samples are in arithmetic code, which takes less than a bit a block.
    let isArithmetic: Bool

    init(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
        guard bytes.starts(with: ImageFormat.jpeg.signature) else {
            throw .signature(.jpeg, bytes: bytes.count)
        }
        var segments = JPEGSegments(bytes)
        var orientation = 1
        var hasExif = false
        while true {
            let (marker, body) = try segments.next()
            switch marker {
            case 0xE1 where !hasExif && body.starts(with: Self.exif):
                hasExif = true
                let directory = TIFFDirectory(UnsafeRawBufferPointer(rebasing: body[Self.exif.count...]))
                if let value = directory?.short(274), (1...8).contains(value) { orientation = value }
                continue
            case 0xDA: throw .damaged(.jpeg, "a scan comes before the frame", at: segments.position)
            case 0xD9: throw .damaged(.jpeg, "it has no frame", at: segments.position)
            // Other tables are DHT, JPG and DAC, whose numbers lie among those of frames.
            case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(marker): break
            default: continue
            }
            guard body.count >= 6 else {
                throw .damaged(.jpeg, "its frame header is too short", at: segments.position)
            }
            guard [0xC0, 0xC1, 0xC2, 0xC9, 0xCA].contains(marker) else {
                throw .unsupported(.jpeg, marker & 3 == 3 ? "lossless" : "hierarchical")
            }
            guard body[0] == 8 else { throw .unsupported(.jpeg, "of \(body[0]) bits a sample") }
            height = Int(body[1]) << 8 | Int(body[2])
            width = Int(body[3]) << 8 | Int(body[4])
            components = Int(body[5])
            isArithmetic = marker >= 0xC9
            guard width > 0, components > 0, body.count >= 6 + 3 * components else {
                throw .damaged(
                    .jpeg, "its frame is \(width) x \(height) with \(components) components",
                    at: segments.position)
            }
            guard height > 0 else { throw .unsupported(.jpeg, "one that tells its height behind its rows") }
            guard [1, 3, 4].contains(components) else {
                throw .unsupported(.jpeg, "one of \(components) components")
            }
            header = ImageHeader(
                format: .jpeg, width: width, height: height, channels: components == 1 ? 1 : 3,
                orientation: orientation)
            return
        }
    }

    private static let exif = Array("Exif\0\0".utf8)
}

/// Marker segments, one after the other.
private struct JPEGSegments {
    private let bytes: UnsafeRawBufferPointer
    /// Behind what was read.
    private(set) var position = 2

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next marker with what stands behind its length; markers without one have none.
    mutating func next() throws(ImageError) -> (marker: UInt8, body: UnsafeRawBufferPointer) {
        guard try byte() == 0xFF else { throw .damaged(.jpeg, "a marker is missing", at: position) }
        var marker = try byte()
        // Any number of FF may stand in front.
        while marker == 0xFF { marker = try byte() }
        if marker == 0x01 || (0xD0...0xD9).contains(marker) {
            return (marker, UnsafeRawBufferPointer(start: nil, count: 0))
        }
        let length = Int(try byte()) << 8 | Int(try byte())
        guard length >= 2 else { throw .damaged(.jpeg, "a segment of \(length) bytes", at: position) }
        let end = position + length - 2
        guard end <= bytes.count else { throw .cut(.jpeg, bytes: bytes.count) }
        defer { position = end }
        return (marker, UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
    }

    private mutating func byte() throws(ImageError) -> UInt8 {
        guard position < bytes.count else { throw .cut(.jpeg, bytes: bytes.count) }
        defer { position += 1 }
        return bytes[position]
    }
}

/// The first directory of a TIFF structure.
private struct TIFFDirectory {
    private let bytes: UnsafeRawBufferPointer
    private let isLittleEndian: Bool
    private let start: Int
    private let count: Int

    /// - Returns: Nil for anything else; a picture is upright then.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 8 else { return nil }
        switch (bytes[0], bytes[1]) {
        case (0x49, 0x49): isLittleEndian = true
        case (0x4D, 0x4D): isLittleEndian = false
        default: return nil
        }
        self.bytes = bytes
        func number<T: FixedWidthInteger>(_ place: Int, _: T.Type, _ isLittle: Bool) -> Int {
            let value = bytes.loadUnaligned(fromByteOffset: place, as: T.self)
            return Int(isLittle ? T(littleEndian: value) : T(bigEndian: value))
        }
        let offset = number(4, UInt32.self, isLittleEndian)
        guard number(2, UInt16.self, isLittleEndian) == 42, offset >= 8, offset <= bytes.count - 2 else {
            return nil
        }
        start = offset + 2
        count = min(number(offset, UInt16.self, isLittleEndian), (bytes.count - start) / 12)
    }

    /// The value of an entry that is one number of 16 bits.
    func short(_ tag: Int) -> Int? {
        func short(_ place: Int) -> Int {
            let value = bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self)
            return Int(isLittleEndian ? UInt16(littleEndian: value) : UInt16(bigEndian: value))
        }
        for entry in 0..<count {
            let place = start + 12 * entry
            if short(place) == tag { return short(place + 2) == 3 ? short(place + 8) : nil }
        }
        return nil
    }
}
