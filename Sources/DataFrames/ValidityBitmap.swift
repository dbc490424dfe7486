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

    /// Whether the row holds a value. O(1).
    public subscript(row: Int) -> Bool {
        precondition(row >= 0 && row < count, "row \(row) of a bitmap of \(count)")
        return bytes[row >> 3] >> UInt8(row & 7) & 1 == 1
    }
}
