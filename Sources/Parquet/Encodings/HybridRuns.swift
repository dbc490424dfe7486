/// Runs of small unsigned integers: equal ones as a count and a value, others
/// packed, of `width` bits each.
///
/// Source: apache/parquet-format 2.11, Encodings.md, "Run Length Encoding /
/// Bit-Packing Hybrid".
struct HybridRuns {
    enum Run {
        case equal(UInt32, count: Int)
        /// Least significant bits first; eight more bytes may be read.
        case packed(UnsafeRawPointer, count: Int)
    }

    let width: Int
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// - Parameter bytes: Eight more bytes behind them may be read.
    /// - Precondition: `width` is 0 to 32 bits.
    init(_ bytes: UnsafeRawBufferPointer, width: Int) {
        precondition((0...32).contains(width), "runs of \(width) bits")
        self.bytes = bytes
        self.width = width
    }

    /// The next run of at most `limit` values; nil where the bytes end or make
    /// none. A packed run that is cut short is lost with its rest, which is
    /// right for the last one: it is filled up to a multiple of eight.
    private mutating func next(_ limit: Int) -> Run? {
        var header: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard position < bytes.count, shift < 63 else { return nil }
            let byte = bytes[position]
            position += 1
            header |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        guard header & 1 == 1 else {
            let size = (width + 7) / 8
            guard header > 1, size <= bytes.count - position else { return nil }
            var value: UInt32 = 0
            for byte in 0..<size { value |= UInt32(bytes[position + byte]) << UInt32(8 * byte) }
            position += size
            return .equal(value, count: Int(min(header >> 1, UInt64(limit))))
        }
        // Groups of eight, of `width` bytes each. The last one may be cut off
        // where no value lies in it.
        let groups = header >> 1
        guard groups > 0, groups < 1 << 40 else { return nil }
        let count = min(Int(groups) * 8, limit)
        let size = Int(groups) * width
        guard (count * width + 7) / 8 <= bytes.count - position else { return nil }
        let start = position
        position = min(bytes.count, position + size)
        // Of an empty buffer no value is taken: its width is 0.
        guard let base = bytes.baseAddress else { return nil }
        return .packed(base + start, count: count)
    }

    /// Calls `body` with runs that together have `count` values.
    /// - Returns: False where the bytes have fewer.
    mutating func read(_ count: Int, _ body: (Run) -> Void) -> Bool {
        var left = count
        while left > 0 {
            guard let run = next(left) else { return false }
            switch run {
            case .equal(_, let taken), .packed(_, let taken): left -= taken
            }
            body(run)
        }
        return true
    }

    /// - Returns: False where the bytes have fewer values.
    /// - Complexity: O(count); a run of equal values is filled at once.
    mutating func decode(_ count: Int, into target: UnsafeMutablePointer<UInt32>) -> Bool {
        var filled = 0
        let width = width
        return read(count) { run in
            switch run {
            case .equal(let value, let count):
                (target + filled).update(repeating: value, count: count)
                filled += count
            case .packed(let source, let count):
                BitUnpacking.unpack(source, width: width, count: count, into: target + filled)
                filled += count
            }
        }
    }
}

/// Takes packed integers apart.
enum BitUnpacking {
    /// - Precondition: `width` is 0 to 32; eight bytes behind the last may be read.
    static func unpack(
        _ source: UnsafeRawPointer, width: Int, count: Int, into target: UnsafeMutablePointer<UInt32>
    ) {
        switch width {
        case 0: target.update(repeating: 0, count: count)
        case 8:
            for place in 0..<count {
                target[place] = UInt32(source.load(fromByteOffset: place, as: UInt8.self))
            }
        default:
            let mask = UInt64(1) << UInt64(width) - 1
            // Whole groups of eight begin at whole bytes, so the shifts of a
            // group are the same: the compiler keeps them in registers.
            var place = 0
            var start = source
            while place + 8 <= count {
                for index in 0..<8 {
                    let bit = index &* width
                    let word = UInt64(
                        littleEndian: start.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self))
                    target[place &+ index] = UInt32(
                        truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: bit & 7) & mask)
                }
                place += 8
                start += width
            }
            for index in 0..<(count - place) {
                let bit = index * width
                let word = UInt64(
                    littleEndian: start.loadUnaligned(fromByteOffset: bit >> 3, as: UInt64.self))
                target[place + index] = UInt32(truncatingIfNeeded: word &>> UInt64(bit & 7) & mask)
            }
        }
    }

    /// One integer of up to 64 bits that begins at a bit.
    /// - Precondition: Eight bytes behind its last may be read.
    static func word(_ source: UnsafeRawPointer, bit: Int, width: Int) -> UInt64 {
        guard width > 0 else { return 0 }
        let start = source + (bit >> 3)
        let shift = UInt64(bit & 7)
        var word = UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)) >> shift
        if width + Int(shift) > 64 {
            word |= UInt64(start.load(fromByteOffset: 8, as: UInt8.self)) << (64 - shift)
        }
        return width == 64 ? word : word & (UInt64(1) << UInt64(width) - 1)
    }
}
