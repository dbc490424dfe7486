import CPlatform
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
        // A thousand stages have thousands of them: the loop runs on bytes.
        let quick = hex.utf8.withContiguousStorageIfAvailable { Digest(hexDigits: $0) }
        guard let digest = quick ?? Array(hex.utf8).withUnsafeBufferPointer({ Digest(hexDigits: $0) }) else {
            return nil
        }
        self = digest
    }

    private init?(hexDigits: UnsafeBufferPointer<UInt8>) {
        guard hexDigits.count == 64 else { return nil }
        func word(_ start: Int) -> UInt64? {
            var word: UInt64 = 0
            for place in start..<(start + 16) {
                let digit = hexDigits[place]
                switch digit {
                case 0x30...0x39: word = word << 4 | UInt64(digit - 0x30)
                case 0x61...0x66: word = word << 4 | UInt64(digit - 0x57)
                default: return nil
                }
            }
            return word
        }
        guard let first = word(0), let second = word(16), let third = word(32), let fourth = word(48) else {
            return nil
        }
        words = (first, second, third, fourth)
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
