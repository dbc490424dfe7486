import Crypto
import Glibc
import Platform

/// SHA-256 of some bytes: what content, actions and recipes are known by.
public struct Digest: Sendable {
    /// The 32 bytes, eight to a word, most significant first.
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// - Precondition: 32 bytes.
    init(_ bytes: some Sequence<UInt8>) {
        var words: [UInt64] = [0, 0, 0, 0]
        for (index, byte) in bytes.enumerated() { words[index / 8] = words[index / 8] << 8 | UInt64(byte) }
        self.words = (words[0], words[1], words[2], words[3])
    }

    /// - Returns: Nil unless the text is 64 lower-case hexadecimal digits.
    public init?(hex: some StringProtocol) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var count = 0
        for digit in hex.utf8 {
            let value: UInt64
            switch digit {
            case 0x30...0x39: value = UInt64(digit - 0x30)
            case 0x61...0x66: value = UInt64(digit - 0x61 + 10)
            default: return nil
            }
            switch count >> 4 {
            case 0: words.0 = words.0 << 4 | value
            case 1: words.1 = words.1 << 4 | value
            case 2: words.2 = words.2 << 4 | value
            case 3: words.3 = words.3 << 4 | value
            default: return nil
            }
            count += 1
        }
        guard count == 64 else { return nil }
        self.words = words
    }

    /// 64 lower-case hexadecimal digits.
    public var hex: String {
        String(unsafeUninitializedCapacity: 64) { text in
            var place = 0
            func write(_ word: UInt64) {
                var word = word
                for _ in 0..<16 {
                    let digit = UInt8(truncatingIfNeeded: word >> 60)
                    text[place] = digit < 10 ? 0x30 + digit : 0x57 + digit
                    word <<= 4
                    place += 1
                }
            }
            write(words.0)
            write(words.1)
            write(words.2)
            write(words.3)
            return 64
        }
    }

    /// The first 64 bits, to choose a place by.
    var leadingBits: UInt64 { words.0 }

    /// The 32 bytes.
    var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }

    public static func of(_ bytes: [UInt8]) -> Digest { Digest(SHA256.hash(data: bytes)) }

    /// The first 8 bytes of SHA-256: enough to notice damage.
    public static func prefix(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var hasher = SHA256()
        hasher.update(bufferPointer: bytes)
        return Array(hasher.finalize().prefix(8))
    }

    /// The digest and size of a file, read in pieces of 1 MiB.
    public static func ofFile(_ path: String) throws(SystemError) -> (digest: Digest, size: Int64) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("read", path) }
        defer { close(descriptor) }
        var hasher = SHA256()
        var size: Int64 = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("read", path)
            }
            if count == 0 { break }
            buffer.withUnsafeBytes {
                hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count]))
            }
            size += Int64(count)
        }
        return (Digest(hasher.finalize()), size)
    }
}

extension Digest: Hashable, Comparable, CustomStringConvertible {
    public static func == (a: Digest, b: Digest) -> Bool { a.words == b.words }
    public static func < (a: Digest, b: Digest) -> Bool { a.words < b.words }
    /// Its first word is as good as any hash of it.
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
    public var description: String { hex }
}
