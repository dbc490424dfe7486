import Platform

/// Makes UTF-8 of another encoding, piece by piece.
protocol TextDecoder: AnyObject {
    /// Decodes what it can and leaves the rest, which is less than a character, for the next call.
    ///
    /// - Returns: How many bytes were taken.
    /// - Throws: `TextSourceError`, when what could be decoded before has been appended.
    func decode(
        _ source: UnsafeRawBufferPointer, isLast: Bool, onto text: inout [UInt8]
    ) throws(TextSourceError) -> Int
}

/// What a stream of another encoding is in UTF-8.
final class DecodedStream: ByteStream {
    private let source: any ByteStream
    private let decoder: any TextDecoder
    private var held = [UInt8](repeating: 0, count: 1 << 16)
    private var heldCount = 0
    private var text: [UInt8] = []
    private var given = 0
    private var isAtEnd = false
    /// What is thrown when all text before it is given.
    private var failure: TextSourceError?

    init(_ source: any ByteStream, _ decoder: any TextDecoder) {
        self.source = source
        self.decoder = decoder
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while given == text.count {
            if let failure { throw failure }
            if isAtEnd { return 0 }
            try decodeMore()
        }
        let part = text[given...].prefix(buffer.count)
        buffer.copyBytes(from: part)
        given += part.count
        return part.count
    }

    private func decodeMore() throws {
        text.removeAll(keepingCapacity: true)
        given = 0
        let added = try held.withUnsafeMutableBytes {
            try source.fill(UnsafeMutableRawBufferPointer(rebasing: $0[heldCount...]))
        }
        heldCount += added
        isAtEnd = heldCount < held.count
        do throws(TextSourceError) {
            let taken = try held.withUnsafeBufferPointer { held throws(TextSourceError) in
                let part = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(held)[..<heldCount])
                return try decoder.decode(part, isLast: isAtEnd, onto: &text)
            }
            held.withUnsafeMutableBytes { held in
                held.copyMemory(from: UnsafeRawBufferPointer(rebasing: held[taken..<heldCount]))
            }
            heldCount -= taken
        } catch {
            failure = error
        }
    }
}

/// ISO 8859-1: every byte is the character of its number.
final class Latin1Decoder: TextDecoder {
    func decode(
        _ source: UnsafeRawBufferPointer, isLast: Bool, onto text: inout [UInt8]
    ) throws(TextSourceError) -> Int {
        for byte in source {
            if byte < 0x80 {
                text.append(byte)
            } else {
                text.append(0xC0 | byte >> 6)
                text.append(0x80 | byte & 0x3F)
            }
        }
        return source.count
    }
}

/// UTF-16 behind a byte order mark.
final class UTF16Decoder: TextDecoder {
    private let isLittle: Bool
    private var isAtMark = true

    init(isLittle: Bool) { self.isLittle = isLittle }

    func decode(
        _ source: UnsafeRawBufferPointer, isLast: Bool, onto text: inout [UInt8]
    ) throws(TextSourceError) -> Int {
        func unit(_ place: Int) -> UInt16 {
            let unit = source.loadUnaligned(fromByteOffset: place, as: UInt16.self)
            return isLittle ? UInt16(littleEndian: unit) : UInt16(bigEndian: unit)
        }
        var place = isAtMark ? 2 : 0
        isAtMark = false
        while place + 2 <= source.count {
            let first = unit(place)
            var scalar = UInt32(first)
            var length = 2
            if UTF16.isSurrogate(first) {
                guard UTF16.isLeadSurrogate(first) else { throw .surrogate }
                if place + 4 > source.count {
                    if isLast { throw .surrogate }
                    break
                }
                let second = unit(place + 2)
                guard UTF16.isTrailSurrogate(second) else { throw .surrogate }
                scalar = 0x10000 + (UInt32(first) & 0x3FF) << 10 + UInt32(second) & 0x3FF
                length = 4
            }
            text.append(contentsOf: UTF8.encode(Unicode.Scalar(scalar)!)!)
            place += length
        }
        if isLast, place < source.count { throw .halfUnit }
        return place
    }
}

/// What the C library can convert.
final class ConvertingDecoder: TextDecoder {
    private let name: String
    private let conversion: CharacterConversion
    private var taken = 0

    init(_ name: String) throws(TextSourceError) {
        guard let conversion = CharacterConversion(from: name) else { throw .unknownEncoding(name) }
        self.name = name
        self.conversion = conversion
    }

    func decode(
        _ source: UnsafeRawBufferPointer, isLast: Bool, onto text: inout [UInt8]
    ) throws(TextSourceError) -> Int {
        var place = 0
        while true {
            let start = text.count
            let room = 2 * (source.count - place) + 16
            text += repeatElement(0, count: room)
            let step = text.withUnsafeMutableBytes {
                conversion.convert(
                    UnsafeRawBufferPointer(rebasing: source[place...]),
                    into: UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
            }
            text.removeLast(room - step.given)
            place += step.taken
            switch step.ending {
            case .noRoom: continue
            case .halfCharacter where !isLast, .done:
                taken += place
                return place
            case .halfCharacter, .noCharacter: throw .noCharacter(encoding: name, offset: taken + place)
            }
        }
    }
}
