import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform

/// A file of text, read as UTF-8: what is packed is unpacked, what has another encoding decoded, as it is read.
struct TextSource {
    private let path: String
    private let encoding: String
    /// Of what can be read only once, such as a pipe.
    private let bytes: [UInt8]?

    /// - Parameter encoding: A word of `TextSource.encoding`.
    /// - Throws: `SystemError`.
    init(_ path: String, encoding: String) throws {
        self.path = path
        self.encoding = encoding
        bytes = try Files.status(path)?.kind == .other ? try Files.read(path) : nil
    }

    /// How the bytes of a text file are read.
    static let encoding = Parameter(
        "encoding",
        .choice([
            .init("auto", "UTF-8, or UTF-16 where a byte order mark says so."),
            .init("utf-8", "UTF-8."),
            .init("utf-16", "UTF-16 with a byte order mark."),
            .init("latin-1", "ISO 8859-1, in which every byte is a character."),
            .init("gb18030", "GB18030, the Chinese standard, with GBK and GB 2312 in it."),
        ]), .defaulted("auto"), "How characters are bytes.")

    /// The bytes from the start, as UTF-8 where the encoding says that they are another; else they are not looked at.
    ///
    /// - Parameter opened: Is given the file, where it is one.
    /// - Throws: `SystemError`; `PackingError` and `TextSourceError`, also as the stream is read.
    func open(_ opened: (FileStream) -> Void = { _ in }) throws -> any ByteStream {
        let (raw, size): (any ByteStream, Int)
        if let bytes {
            (raw, size) = (MemoryStream(bytes), bytes.count)
        } else {
            let file = try FileStream(path)
            opened(file)
            (raw, size) = (file, file.size)
        }
        return try decoded(PeekingStream(UnpackedStream.plain(raw, size: size), bytes: 4))
    }

    private func decoded(_ stream: PeekingStream) throws -> any ByteStream {
        let isLittle = stream.head.starts(with: [0xFF, 0xFE])
        let isUTF16 = isLittle || stream.head.starts(with: [0xFE, 0xFF])
        switch encoding {
        case "latin-1": return DecodedStream(stream, Latin1Decoder())
        case "gb18030": return DecodedStream(stream, try ConvertingDecoder("GB18030"))
        case "utf-16", "auto":
            guard isUTF16 else {
                if encoding == "auto" { return stream }
                throw TextSourceError.noByteOrderMark
            }
            return DecodedStream(stream, UTF16Decoder(isLittle: isLittle))
        default: return stream
        }
    }

    /// All of it.
    ///
    /// - Throws: `SystemError`; `AtLine` with what is wrong with the bytes.
    func read() throws -> [UInt8] {
        var text = [UInt8](repeating: 0, count: 1 << 16)
        var count = 0
        do {
            let feed = TextFeed(try open())
            while true {
                let (added, isLast) = try text.withUnsafeMutableBytes {
                    try feed.fill(UnsafeMutableRawBufferPointer(rebasing: $0[count...]))
                }
                count += added
                if isLast { break }
                if count == text.count { text += [UInt8](repeating: 0, count: count) }
            }
        } catch let error where !(error is SystemError) {
            throw AtLine(line: text[..<count].reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }, error: error)
        }
        text.removeLast(text.count - count)
        return text
    }

    /// What is wrong, and in which line of the text, from 1.
    struct AtLine: Error, CustomStringConvertible {
        let line: Int
        let error: any Error

        var description: String { "line \(line): \(error)" }
    }

    /// Whether all of it could be GB18030, for what is not UTF-8. Reads to the end.
    func looksLikeGB18030() -> Bool {
        guard let stream = try? open() else { return false }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        var scan = GB18030Scan()
        while let count = try? stream.read(into: buffer), count > 0 {
            scan.take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            if scan.isBroken { return false }
        }
        return scan.isWhole
    }
}

/// Why a text cannot be decoded.
enum TextSourceError: Error, Hashable, CustomStringConvertible {
    case noByteOrderMark, halfUnit, surrogate
    /// Offsets count the bytes of the text, from 0.
    case noCharacter(encoding: String, offset: Int)
    case unknownEncoding(String)

    var description: String {
        switch self {
        case .noByteOrderMark: "not UTF-16: a byte order mark is expected at the start"
        case .halfUnit: "not UTF-16: the number of bytes is odd"
        case .surrogate: "not UTF-16: half of a surrogate pair stands alone"
        case .noCharacter(let encoding, let offset): "not \(encoding) at byte \(offset)"
        case .unknownEncoding(let name):
            "the C library cannot read \(name); install what it converts with: apt install libc6"
        }
    }
}
