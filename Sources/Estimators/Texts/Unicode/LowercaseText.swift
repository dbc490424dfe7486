/// Texts in small letters, as Python's `str.lower` writes them.
struct LowercaseText: ~Copyable {
    /// The text made last; behind it are bytes that may be read.
    private(set) var text = GrowingBuffer<UInt8>(capacity: 256)
    /// Read beyond a text's end at most.
    static let behind = 80

    /// Takes a text, in small letters or as it is, and says whether it is all ASCII.
    @inline(__always)
    mutating func take(_ source: UnsafeBufferPointer<UInt8>, lowercase: Bool) -> Bool {
        let count = source.count
        text.count = 0
        text.makeRoom(count + Self.behind)
        guard let bytes = source.baseAddress else { return true }
        let from = UnsafeRawPointer(bytes)
        let to = UnsafeMutableRawPointer(text.start)
        var high: UInt64 = 0
        var place = 0
        while place &+ 8 <= count {
            let word = from.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            high |= word
            to.storeBytes(of: lowercase ? Self.small(word) : word, toByteOffset: place, as: UInt64.self)
            place &+= 8
        }
        if place < count {
            var word: UInt64 = 0
            for index in place..<count { word |= UInt64(bytes[index]) << UInt64(8 &* (index &- place)) }
            high |= word
            to.storeBytes(of: lowercase ? Self.small(word) : word, toByteOffset: place, as: UInt64.self)
        }
        text.count = count
        if high & Self.highs == 0 { return true }
        takeWide(bytes, count, lowercase: lowercase)
        return false
    }

    private static let highs: UInt64 = 0x8080_8080_8080_8080
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// Eight ASCII characters at once; what is not ASCII makes no sense of the rest.
    @inline(__always)
    private static func small(_ word: UInt64) -> UInt64 {
        // The high bit of each byte from 'A' on, and not behind 'Z'.
        let isCapital = (word &+ ones &* (0x80 - 0x41)) & ~(word &+ ones &* (0x7F - 0x5A)) & highs
        return word | isCapital >> 2
    }

    @inline(never)
    private mutating func takeWide(_ bytes: UnsafePointer<UInt8>, _ count: Int, lowercase: Bool) {
        // What is no UTF-8 becomes U+FFFD, three bytes for one; no small letter takes more.
        text.makeRoom(3 * count + Self.behind)
        let table = UnicodeTables.lowercase
        var (place, end) = (0, 0)
        while place < count {
            let (scalar, taken) = UTF8Scalars.read(bytes, place, count)
            var small = scalar
            if lowercase {
                if scalar == 0x130 {
                    // The one letter whose small letter is two scalars, i and a dot above.
                    end += UTF8Scalars.write(0x69, to: text.start + end)
                    small = 0x307
                } else if scalar == 0x3A3, Self.isFinal(bytes, place, count) {
                    small = 0x3C2
                } else {
                    small = UInt32(bitPattern: Int32(bitPattern: scalar) &+ table[scalar])
                }
            }
            end += UTF8Scalars.write(small, to: text.start + end)
            place += taken
        }
        text.count = end
    }

    /// Whether a capital sigma ends a word: a cased letter stands before it and none after, but for what case ignores.
    ///
    /// Source: The Unicode Standard, section 3.13, table 3-17 (Final_Sigma).
    private static func isFinal(_ bytes: UnsafePointer<UInt8>, _ place: Int, _ end: Int) -> Bool {
        var before = place
        var isBehindLetter = false
        while before > 0 {
            let (scalar, count) = UTF8Scalars.readBack(bytes, before)
            before -= count
            guard let properties = Unicode.Scalar(scalar)?.properties else { break }
            if properties.isCaseIgnorable { continue }
            isBehindLetter = properties.isCased
            break
        }
        guard isBehindLetter else { return false }
        var after = place + 2
        while after < end {
            let (scalar, count) = UTF8Scalars.read(bytes, after, end)
            after += count
            guard let properties = Unicode.Scalar(scalar)?.properties else { break }
            if properties.isCaseIgnorable { continue }
            return !properties.isCased
        }
        return true
    }
}
