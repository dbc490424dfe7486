/// Which rows of a column hold a value: one bit a row, least significant bit
/// first, as Arrow lays it out, so that a file's bytes are the memory's bytes.
public struct ValidityBitmap: Hashable, Sendable {
    public private(set) var bytes: [UInt8]
    public private(set) var count: Int
    /// Rows without a value.
    public private(set) var nullCount: Int

    /// An empty bitmap to append to.
    public init() {
        bytes = []
        count = 0
        nullCount = 0
    }

    public init(_ rows: some Sequence<Bool>) {
        self.init()
        for row in rows { append(row) }
    }

    public mutating func append(_ isValid: Bool) {
        if count & 7 == 0 { bytes.append(0) }
        if isValid { bytes[count >> 3] |= 1 << UInt8(count & 7) } else { nullCount += 1 }
        count += 1
    }

    /// Appends rows that all hold a value, or all hold none.
    public mutating func append(repeating isValid: Bool, count added: Int) {
        let end = count + added
        while count < end, count & 7 != 0 { append(isValid) }
        let whole = (end - count) / 8
        bytes.append(contentsOf: repeatElement(isValid ? 0xFF : 0, count: whole))
        count += whole * 8
        if !isValid { nullCount += whole * 8 }
        while count < end { append(isValid) }
    }

    /// Appends the first rows of another bitmap of the same layout; bits past
    /// them mean nothing.
    /// - Precondition: `bits` has a bit for every row.
    /// - Complexity: O(rows / 8).
    public mutating func append(bits: UnsafeRawBufferPointer, count added: Int) {
        precondition(added >= 0 && bits.count >= (added + 7) / 8, "\(added) rows of \(bits.count) bytes")
        guard added > 0 else { return }
        let used = UnsafeRawBufferPointer(rebasing: bits[..<((added + 7) / 8)])
        let shift = UInt8(count & 7)
        let tail = UInt8(added & 7)
        let start = bytes.count
        if shift == 0 {
            bytes.append(contentsOf: used)
            if tail != 0 { bytes[bytes.count - 1] &= 1 << tail - 1 }
            nullCount += added - bytes[start...].reduce(0) { $0 + $1.nonzeroBitCount }
            count += added
            return
        }
        for (index, byte) in used.enumerated() {
            let kept = index == used.count - 1 && tail != 0 ? byte & (1 << tail - 1) : byte
            bytes[bytes.count - 1] |= kept << shift
            bytes.append(kept >> (8 - shift))
            nullCount -= kept.nonzeroBitCount
        }
        nullCount += added
        count += added
        bytes.removeLast(bytes.count - (count + 7) / 8)
    }

    /// Appends rows of another bitmap.
    /// - Complexity: O(rows / 8).
    public mutating func append(_ other: ValidityBitmap, _ rows: Range<Int>) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= other.count, "rows \(rows) of \(other.count)")
        let (first, shift) = (rows.lowerBound >> 3, UInt8(rows.lowerBound & 7))
        other.bytes.withUnsafeBytes { bytes in
            let part = UnsafeRawBufferPointer(rebasing: bytes[min(first, bytes.count)...])
            guard shift > 0 else { return append(bits: part, count: rows.count) }
            let moved = (0..<(rows.count + 7) / 8).map { index in
                part[index] >> shift | (index + 1 < part.count ? part[index + 1] << (8 - shift) : 0)
            }
            moved.withUnsafeBytes { append(bits: $0, count: rows.count) }
        }
    }

    /// Null rows of a range. O(rows / 64).
    public func nullCount(in rows: Range<Int>) -> Int {
        var count = 0
        eachWord(of: rows) { count += $1.nonzeroBitCount }
        return count
    }

    /// Calls for each null row of a range, in order. O(rows / 64 + nulls).
    public func eachNull(in rows: Range<Int>, _ body: (_ row: Int) -> Void) {
        eachWord(of: rows) { first, nulls in
            var nulls = nulls
            while nulls != 0 {
                body(first + nulls.trailingZeroBitCount)
                nulls &= nulls - 1
            }
        }
    }

    /// Rows from a first one on, as many as are left and at most 64: a bit is set where the row is null.
    private func eachWord(of rows: Range<Int>, _ body: (_ first: Int, _ nulls: UInt64) -> Void) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= count, "rows \(rows) of \(count)")
        bytes.withUnsafeBytes { bytes in
            var row = rows.lowerBound
            while row < rows.upperBound {
                if row & 7 == 0, rows.upperBound - row >= 64 {
                    let word = bytes.loadUnaligned(fromByteOffset: row >> 3, as: UInt64.self)
                    body(row, ~UInt64(littleEndian: word))
                    row += 64
                } else {
                    body(row, UInt64(~bytes[row >> 3] >> UInt8(row & 7) & 1))
                    row += 1
                }
            }
        }
    }

    /// Whether the row holds a value. O(1).
    public subscript(row: Int) -> Bool {
        precondition(row >= 0 && row < count, "row \(row) of a bitmap of \(count)")
        return bytes[row >> 3] >> UInt8(row & 7) & 1 == 1
    }
}
