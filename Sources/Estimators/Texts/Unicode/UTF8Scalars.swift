/// Scalars in and out of UTF-8 that may be damaged.
enum UTF8Scalars {
    /// The scalar at a place before the end, and how many bytes it takes. What is no UTF-8 is U+FFFD, a byte at a time.
    ///
    /// Source: The Unicode Standard, chapter 3, table 3-7 (well-formed UTF-8).
    @inline(__always)
    static func read(
        _ bytes: UnsafePointer<UInt8>, _ place: Int, _ end: Int
    ) -> (scalar: UInt32, count: Int) {
        let first = UInt32(bytes[place])
        if first < 0x80 { return (first, 1) }
        return readLong(bytes + place, end &- place, first)
    }

    @inline(never)
    private static func readLong(
        _ bytes: UnsafePointer<UInt8>, _ left: Int, _ first: UInt32
    ) -> (scalar: UInt32, count: Int) {
        let broken: (UInt32, Int) = (0xFFFD, 1)
        let count = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0
        guard count > 0, count <= left else { return broken }
        var scalar = first & (0x7F >> UInt32(count))
        for index in 1..<count {
            let byte = UInt32(bytes[index])
            guard byte & 0xC0 == 0x80 else { return broken }
            scalar = scalar << 6 | byte & 0x3F
        }
        let isRight =
            count == 2 || count == 3 && scalar >= 0x800 && scalar & 0xFFFF_F800 != 0xD800
            || count == 4 && scalar >= 0x10000 && scalar <= 0x10FFFF
        return isRight ? (scalar, count) : broken
    }

    /// The scalar that ends before a place above 0, and how many bytes it takes.
    static func readBack(
        _ bytes: UnsafePointer<UInt8>, _ place: Int
    ) -> (scalar: UInt32, count: Int) {
        var start = place - 1
        while start > 0, place - start < 4, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        let found = read(bytes, start, place)
        return found.count == place - start ? found : (0xFFFD, 1)
    }

    /// Writes up to four bytes and says how many.
    @inline(__always)
    static func write(_ scalar: UInt32, to place: UnsafeMutablePointer<UInt8>) -> Int {
        if scalar < 0x80 {
            place[0] = UInt8(truncatingIfNeeded: scalar)
            return 1
        }
        let last = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
        if scalar < 0x800 {
            place[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
            place[1] = last
            return 2
        }
        let third = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F)
        if scalar < 0x10000 {
            place[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
            place[1] = third
            place[2] = last
            return 3
        }
        place[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
        place[1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F)
        place[2] = third
        place[3] = last
        return 4
    }
}
