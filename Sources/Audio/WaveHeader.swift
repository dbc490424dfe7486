/// What a WAV file says of itself, and where its samples lie.
///
/// Source: IBM and Microsoft, "Multimedia Programming Interface and Data
/// Specifications 1.0" (RIFF, chunk `fmt `); Microsoft, "Multiple channel audio
/// data and WAVE files" (WAVE_FORMAT_EXTENSIBLE).
public struct WaveHeader: Sendable, Hashable {
    /// How a sample is stored, little-endian.
    public enum Encoding: Sendable, Hashable {
        /// Whole numbers of 8 (from 0), 16, 24 or 32 bits (with a sign).
        case integer(bits: Int)
        /// IEEE 754 of 32 or 64 bits.
        case float(bits: Int)

        var bytes: Int {
            switch self {
            case .integer(let bits), .float(let bits): bits / 8
            }
        }
    }

    /// Frames a second.
    public let rate: Int
    public let channels: Int
    /// Samples of one channel.
    public let frames: Int
    public let encoding: Encoding
    /// Of the samples in the file.
    let range: Range<Int>

    /// Looks at chunks up to the samples. A file whose writer could not go back
    /// to tell its size (all ones) has samples up to its end.
    ///
    /// - Throws: `AudioError`, whatever the bytes; never traps.
    /// - Complexity: O(chunks)
    public init(_ bytes: UnsafeRawBufferPointer) throws(AudioError) {
        guard bytes.count >= 12, bytes.starts(with: "RIFF".utf8), bytes[8..<12].elementsEqual("WAVE".utf8)
        else {
            if bytes.starts(with: "RF64".utf8) { throw .unsupported("an RF64 file, of more than 4 GiB") }
            if bytes.starts(with: "RIFX".utf8) { throw .unsupported("a RIFX file, with big-endian samples") }
            throw .signature(bytes: bytes.count)
        }
        let chunks = WaveChunks(bytes)
        var format: WaveFormat?
        var position = 12
        while let chunk = try chunks.chunk(at: position) {
            if chunk.isNamed("fmt ") {
                guard format == nil else { throw .damaged("it has two formats", at: position) }
                format = try WaveFormat(chunk.body(of: bytes), at: position)
            } else if chunk.isNamed("data") {
                guard let format else { throw .damaged("its samples come before their format", at: position) }
                let frame = format.channels * format.encoding.bytes
                guard chunk.range.count % frame == 0 || chunk.isOpen else {
                    throw .damaged(
                        "\(chunk.range.count) bytes of samples make no whole frames of \(frame)", at: position
                    )
                }
                rate = format.rate
                channels = format.channels
                encoding = format.encoding
                frames = chunk.range.count / frame
                range = chunk.range.lowerBound..<(chunk.range.lowerBound + frames * frame)
                return
            }
            position = chunk.range.upperBound + chunk.range.count & 1
        }
        throw .damaged(format == nil ? "it has no format" : "it has no samples", at: bytes.count)
    }
}

/// The chunks of a RIFF file.
private struct WaveChunks {
    private let bytes: UnsafeRawBufferPointer

    struct Chunk {
        let name: UInt32
        /// Of its body in the file.
        let range: Range<Int>
        /// Whether its end was not known to the writer.
        let isOpen: Bool

        func isNamed(_ text: String) -> Bool {
            text.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) } == name
        }
        func body(of file: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: file[range])
        }
    }

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Nil at the end of the file.
    func chunk(at position: Int) throws(AudioError) -> Chunk? {
        guard position < bytes.count else { return nil }
        guard bytes.count - position >= 8 else {
            throw .cut(bytes: bytes.count, announced: position + 8)
        }
        let name = number(position)
        let size = Int(number(position + 4))
        let start = position + 8
        let isOpen = size == Int(UInt32.max)
        guard isOpen || size <= bytes.count - start else {
            throw .cut(bytes: bytes.count, announced: start + size)
        }
        return Chunk(name: name, range: start..<(isOpen ? bytes.count : start + size), isOpen: isOpen)
    }

    private func number(_ position: Int) -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
    }
}

/// The chunk `fmt `.
private struct WaveFormat {
    let rate: Int
    let channels: Int
    let encoding: WaveHeader.Encoding

    /// What stands behind the two bytes of a format in an extensible one (KSDATAFORMAT_SUBTYPE).
    private static let subtype: [UInt8] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]

    init(_ body: UnsafeRawBufferPointer, at position: Int) throws(AudioError) {
        guard body.count >= 16 else {
            throw .damaged("its format has \(body.count) bytes, not at least 16", at: position)
        }
        func short(_ place: Int) -> Int {
            Int(UInt16(littleEndian: body.loadUnaligned(fromByteOffset: place, as: UInt16.self)))
        }
        var tag = short(0)
        if tag == 0xFFFE {
            guard body.count >= 40, body[26..<40].elementsEqual(Self.subtype) else {
                throw .unsupported("of an extensible format that is not one of Microsoft's")
            }
            tag = short(24)
        }
        channels = short(2)
        rate = Int(UInt32(littleEndian: body.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        let (block, bits) = (short(12), short(14))
        switch (tag, bits) {
        case (1, 8), (1, 16), (1, 24), (1, 32): encoding = .integer(bits: bits)
        case (3, 32), (3, 64): encoding = .float(bits: bits)
        default: throw .unsupported("of \(Self.name(tag)) with \(bits) bits a sample")
        }
        guard channels > 0, rate > 0, block == channels * bits / 8 else {
            throw .damaged(
                "its format has \(channels) channels, \(rate) frames a second, \(block) bytes a frame of "
                    + "\(bits) bits", at: position)
        }
    }

    private static func name(_ tag: Int) -> String {
        switch tag {
        case 1: "whole numbers"
        case 2: "ADPCM"
        case 3: "floating-point numbers"
        case 6: "A-law"
        case 7: "µ-law"
        case 0x55: "MP3"
        default: "format \(tag)"
        }
    }
}
