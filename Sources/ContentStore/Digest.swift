import Crypto

/// SHA-256 of some bytes: what content, actions and recipes are known by.
public struct Digest: Sendable {
    /// The 32 bytes, eight to a word, most significant first.
    private let words: (UInt64, UInt64, UInt64, UInt64)

    init(_ hash: SHA256.Digest) { self = hash.withUnsafeBytes { Digest(in: $0, at: 0) } }

    /// - Precondition: 32 bytes lie there.
    init(in bytes: UnsafeRawBufferPointer, at place: Int) {
        func word(_ offset: Int) -> UInt64 {
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: place + offset, as: UInt64.self))
        }
        words = (word(0), word(8), word(16), word(24))
    }

    /// - Returns: Nil unless the text is 64 lower-case hexadecimal digits.
    public init?(hex: some StringProtocol) {
        let quick = hex.utf8.withContiguousStorageIfAvailable { Digest(hexDigits: $0) }
        guard let digest = quick ?? Array(hex.utf8).withUnsafeBufferPointer({ Digest(hexDigits: $0) }) else {
            return nil
        }
        self = digest
    }

    public init?(hexDigits: UnsafeBufferPointer<UInt8>) {
        guard hexDigits.count == 64 else { return nil }
        let text = UnsafeRawBufferPointer(hexDigits)
        func word(_ place: Int) -> UInt64? {
            guard let high = EightDigits.value(text.loadUnaligned(fromByteOffset: place, as: UInt64.self)),
                let low = EightDigits.value(text.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self))
            else { return nil }
            return high << 32 | low
        }
        guard let first = word(0), let second = word(16), let third = word(32), let fourth = word(48) else {
            return nil
        }
        words = (first, second, third, fourth)
    }

    /// The first 16 bytes: enough where nobody looks for two texts that have them in common.
    public var half: (UInt64, UInt64) { (words.0, words.1) }

    /// 64 lower-case hexadecimal digits.
    public var hex: String {
        String(unsafeUninitializedCapacity: 64) { text in
            withHex { text.baseAddress!.initialize(from: $0.baseAddress!, count: 64) }
            return 64
        }
    }

    /// The same without a text made for it.
    public func appendHex(to bytes: inout [UInt8]) {
        withHex { bytes.append(contentsOf: $0) }
    }

    private func withHex(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        func digits(_ word: UInt64) -> (UInt64, UInt64) {
            (EightDigits.text(word >> 32), EightDigits.text(word & 0xFFFF_FFFF))
        }
        let text = (digits(words.0), digits(words.1), digits(words.2), digits(words.3))
        withUnsafeBytes(of: text) { body($0.assumingMemoryBound(to: UInt8.self)) }
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
}

extension Digest: Hashable, Comparable, CustomStringConvertible {
    public static func == (a: Digest, b: Digest) -> Bool { a.words == b.words }
    public static func < (a: Digest, b: Digest) -> Bool { a.words < b.words }
    /// Its first word is as good as any hash of it.
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
    public var description: String { hex }
}

/// Eight lower-case hexadecimal digits at a time, a byte each of one word, the
/// first in memory first: a plan of a thousand stages has thousands of digests.
private enum EightDigits {
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// - Parameter value: Below 2^32.
    static func text(_ value: UInt64) -> UInt64 {
        var nibbles = (value << 16 | value) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles << 8 | nibbles) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles << 4 | nibbles) & 0x0F0F_0F0F_0F0F_0F0F
        return digits(nibbles).bigEndian
    }

    /// - Returns: Nil unless all eight are digits.
    static func value(_ text: UInt64) -> UInt64? {
        let text = UInt64(bigEndian: text)
        var nibbles = (text &+ 9 &* (text >> 6 & ones)) & 0x0F0F_0F0F_0F0F_0F0F
        guard digits(nibbles) == text else { return nil }
        nibbles = (nibbles >> 4 | nibbles) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles >> 8 | nibbles) & 0x0000_FFFF_0000_FFFF
        return (nibbles >> 16 | nibbles) & 0xFFFF_FFFF
    }

    /// `0` to `9` lie at 0x30, `a` to `f` 39 above where they would go on.
    private static func digits(_ nibbles: UInt64) -> UInt64 {
        nibbles &+ 0x30 * ones &+ 39 &* ((nibbles &+ 6 * ones) >> 4 & ones)
    }
}
