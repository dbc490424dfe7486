import CDataFrames

/// Text that is made, as UTF-8 in memory that grows.
///
/// What is written by many small calls is written without a look at bounds: each makes room for the most it may need.
public struct TextBytes: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    public private(set) var count = 0

    public init(capacity: Int = 1 << 16) {
        self.capacity = capacity
        start = .allocate(capacity: capacity)
    }

    deinit { start.deallocate() }

    public func withBytes<T, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> T
    ) throws(Failure) -> T {
        try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Keeps the memory.
    public mutating func removeAll() { count = 0 }

    /// Appends what `write` puts at a place and says the length of.
    ///
    /// - Parameter most: Bytes that it may write at most.
    @inline(__always)
    mutating func append(most: Int, _ write: (ValueBytes.Place) -> Int) {
        if capacity &- count < most { grow(by: most) }
        count &+= write(start + count)
    }

    @inline(never)
    private mutating func grow(by more: Int) {
        capacity = 2 * capacity + more
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        grown.update(from: start, count: count)
        start.deallocate()
        start = grown
    }

    public mutating func append(_ byte: UInt8) {
        append(most: 1) {
            $0.pointee = byte
            return 1
        }
    }

    public mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let first = bytes.baseAddress else { return }
        append(most: bytes.count) {
            $0.update(from: first, count: bytes.count)
            return bytes.count
        }
    }

    public mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { append($0) } }

    /// A row of a column of texts, between two quotes where a form wants them.
    ///
    /// - Parameter stops: Bytes that a form has another text for.
    /// - Returns: Whether there are none of those; if there are, nothing is appended.
    public mutating func append(
        _ texts: StringStorage, _ row: Int, quoted: Bool, unless stops: TextStops
    ) -> Bool {
        let (from, end) = (texts.offsets[row], texts.offsets[row + 1])
        var isPlain = true
        texts.bytes.withUnsafeBufferPointer { bytes in
            append(most: end - from + 2) { place in
                guard from < end, let text = bytes.baseAddress.map({ $0 + from }) else {
                    if quoted { (place[0], place[1]) = (0x22, 0x22) }
                    return quoted ? 2 : 0
                }
                let count = end - from
                let start = quoted ? place + 1 : place
                isPlain = sluice_copy_text(start, text, count, stops.bytes) == 0
                guard isPlain else { return 0 }
                if quoted { (place[0], start[count]) = (0x22, 0x22) }
                return quoted ? count + 2 : count
            }
        }
        return isPlain
    }

    public mutating func append(integer value: Int64) {
        append(most: ValueBytes.most) { ValueBytes.integer(value, to: $0) }
    }

    /// The shortest decimal text that reads back as the same number, as `description` has it.
    ///
    /// - Parameter usual: `ValueBytes.usualPlaces` of the column; changes no text.
    /// - Precondition: The number is finite.
    public mutating func append(number value: Double, usualPlaces usual: Int) {
        append(most: ValueBytes.most) { ValueBytes.number(value, usualPlaces: usual, to: $0) }
    }

    /// - Returns: False outside the years 1 to 9999, which have no text; then nothing is appended.
    public mutating func append(days: Int32) -> Bool {
        let before = count
        append(most: ValueBytes.most) { ValueBytes.date(days, to: $0) }
        return count > before
    }

    /// As `append(days:)`.
    public mutating func append(microseconds: Int64) -> Bool {
        let before = count
        append(most: ValueBytes.most) { ValueBytes.timestamp(microseconds, to: $0) }
        return count > before
    }
}

/// Bytes that a form of text cannot hold as they are: those below one, and two more.
public struct TextStops: Sendable {
    let bytes: sluice_stops

    public init(below: UInt8, _ one: UInt8, _ other: UInt8) {
        bytes = sluice_stops(below: below, one: one, other: other)
    }
}
