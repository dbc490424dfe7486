/// What PNG does to rows so that they pack well, undone: each byte is the difference to a guess by its neighbours, the
/// same channel of the pixel before (left), above, and before that one.
///
/// Source: PNG specification, third edition, 9.2 "Filter types for filter method 0".
enum PNGFilters {
    /// Bytes that may be looked at behind the rows.
    static let padding = 4

    /// - Parameters:
    ///   - filtered: A byte for the filter, then the row, `rows` times, and `padding` bytes behind them.
    ///   - stride: Bytes of a row.
    ///   - channels: Bytes of a pixel, 1, 3 or 4.
    ///   - pixels: Gets the rows without filters.
    /// - Returns: Whether every filter is one.
    static func undo(
        _ filtered: UnsafePointer<UInt8>, stride: Int, rows: Int, channels: Int,
        into pixels: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        // Above the first row there are zeros.
        let zeros = UnsafeMutablePointer<UInt8>.allocate(capacity: stride + padding)
        zeros.initialize(repeating: 0, count: stride + padding)
        defer { zeros.deallocate() }
        var above = UnsafePointer(zeros)
        for row in 0..<rows {
            let from = filtered + row * (stride + 1)
            let to = pixels + row * stride
            let source = from + 1
            switch from.pointee {
            case 0: to.update(from: source, count: stride)
            case 1: sub(source, stride, channels, to)
            case 2: for place in 0..<stride { to[place] = source[place] &+ above[place] }
            case 3: average(source, above, stride, channels, to)
            case 4:
                switch channels {
                case 1: paeth(source, above, stride, to)
                case 3: paeth(source, above, stride, to, three: true)
                default: paeth(source, above, stride, to, three: false)
                }
            default: return false
            }
            above = UnsafePointer(to)
        }
        return true
    }

    private static func sub(
        _ source: UnsafePointer<UInt8>, _ stride: Int, _ channels: Int, _ to: UnsafeMutablePointer<UInt8>
    ) {
        to.update(from: source, count: channels)
        for place in channels..<max(channels, stride) { to[place] = source[place] &+ to[place - channels] }
    }

    private static func average(
        _ source: UnsafePointer<UInt8>, _ above: UnsafePointer<UInt8>, _ stride: Int, _ channels: Int,
        _ to: UnsafeMutablePointer<UInt8>
    ) {
        for place in 0..<channels { to[place] = source[place] &+ above[place] >> 1 }
        for place in channels..<max(channels, stride) {
            let sum = UInt16(to[place - channels]) + UInt16(above[place])
            to[place] = source[place] &+ UInt8(truncatingIfNeeded: sum >> 1)
        }
    }

    // MARK: Paeth

    /// Of one channel.
    private static func paeth(
        _ source: UnsafePointer<UInt8>, _ above: UnsafePointer<UInt8>, _ stride: Int,
        _ to: UnsafeMutablePointer<UInt8>
    ) {
        var (left, corner) = (Int16(0), Int16(0))
        for place in 0..<stride {
            let up = Int16(above[place])
            let (toLeft, toUp) = (abs(up - corner), abs(left - corner))
            let toCorner = abs(left + up - 2 * corner)
            let guess = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner
            let value = source[place] &+ UInt8(truncatingIfNeeded: guess)
            to[place] = value
            (left, corner) = (Int16(value), up)
        }
    }

    /// Of three or four channels at once.
    private static func paeth(
        _ source: UnsafePointer<UInt8>, _ above: UnsafePointer<UInt8>, _ stride: Int,
        _ to: UnsafeMutablePointer<UInt8>, three: Bool
    ) {
        var (left, corner) = (SIMD4<Int16>(), SIMD4<Int16>())
        var place = 0
        while place < stride {
            let up = pixel(above + place)
            let (a, b) = (up &- corner, left &- corner)
            let (toLeft, toUp, toCorner) = (magnitude(a), magnitude(b), magnitude(a &+ b))
            var guess = corner.replacing(with: up, where: toUp .<= toCorner)
            guess.replace(with: left, where: (toLeft .<= toUp) .& (toLeft .<= toCorner))
            let value = (pixel(source + place) &+ guess) & 0xFF
            put(value, to + place, three)
            (left, corner) = (value, up)
            place += three ? 3 : 4
        }
    }

    /// Four bytes, of which a pixel of three channels has the first three.
    @inline(__always)
    private static func pixel(_ from: UnsafePointer<UInt8>) -> SIMD4<Int16> {
        let bytes = UnsafeRawPointer(from).loadUnaligned(as: UInt32.self)
        return SIMD4(truncatingIfNeeded: unsafeBitCast(UInt32(littleEndian: bytes), to: SIMD4<UInt8>.self))
    }

    @inline(__always)
    private static func put(_ value: SIMD4<Int16>, _ to: UnsafeMutablePointer<UInt8>, _ three: Bool) {
        let bytes = unsafeBitCast(SIMD4<UInt8>(truncatingIfNeeded: value), to: UInt32.self)
        if three {
            UnsafeMutableRawPointer(to).storeBytes(of: UInt16(truncatingIfNeeded: bytes), as: UInt16.self)
            to[2] = UInt8(truncatingIfNeeded: bytes >> 16)
        } else {
            UnsafeMutableRawPointer(to).storeBytes(of: bytes, as: UInt32.self)
        }
    }

    @inline(__always)
    private static func magnitude(_ value: SIMD4<Int16>) -> SIMD4<Int16> {
        value.replacing(with: 0 &- value, where: value .< 0)
    }
}
