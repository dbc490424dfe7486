/// Where the values of rows lie end to end in one buffer: row `i` from `offsets[i]` to `offsets[i + 1]`. The first
/// offset is 0, and none is less than the one before it.
///
/// Four bytes a row, as Arrow's utf8 layout has them, for buffers of any length: beyond 4 GiB, where such a word
/// begins anew at 0, is remembered apart.
public struct Offsets: RandomAccessCollection, Hashable, Sendable {
    /// The lower 32 bits of each. Their differences, as they wrap, are right for all that lies within 4 GiB.
    public private(set) var words: [UInt32]
    /// The places where offsets first reach 4 GiB, 8 GiB, and so on.
    @usableFromInline private(set) var carries: [Int] = []

    /// Those of no rows.
    public init() { words = [0] }

    /// - Precondition: They begin with 0 and never fall.
    public init(_ offsets: [Int]) {
        precondition(offsets.first == 0, "offsets that do not begin with 0")
        words = offsets.map { UInt32(truncatingIfNeeded: $0) }
        if offsets[offsets.count - 1] >> 32 > 0 {
            for (place, offset) in offsets.enumerated() { carry(at: place, to: offset) }
        }
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { words.count }

    @inlinable @inline(__always)
    public subscript(place: Int) -> Int {
        let word = Int(words[place])
        return carries.isEmpty ? word : word + Self.carried(carries, place)
    }

    @usableFromInline
    static func carried(_ carries: some Collection<Int>, _ place: Int) -> Int {
        carries.reduce(0) { $1 <= place ? $0 + 1 << 32 : $0 }
    }

    public mutating func reserveCapacity(_ count: Int) { words.reserveCapacity(count) }

    /// - Precondition: It is not less than the last.
    public mutating func append(_ offset: Int) {
        if offset >> 32 != carries.count { carry(at: words.count, to: offset) }
        words.append(UInt32(truncatingIfNeeded: offset))
    }

    private mutating func carry(at place: Int, to offset: Int) {
        while carries.count < offset >> 32 { carries.append(place) }
    }

    /// Takes those of rows that are empty.
    public mutating func append(empty rows: Int) {
        words.append(contentsOf: repeatElement(words[words.count - 1], count: rows))
    }

    /// Takes more at once.
    ///
    /// - Parameter fill: Writes the lower 32 bits of so many offsets, and returns the last offset.
    /// - Precondition: No row is 4 GiB long.
    @inline(__always)
    mutating func append(_ rows: Int, _ fill: (UnsafeMutablePointer<UInt32>) -> Int) {
        let first = words.count
        words.append(contentsOf: repeatElement(0, count: rows))
        let last = words.withUnsafeMutableBufferPointer { fill($0.baseAddress! + first) }
        if last >> 32 != carries.count { findCarries(from: first, to: last) }
    }

    private mutating func findCarries(from first: Int, to last: Int) {
        for place in first..<words.count where words[place] < words[place - 1] { carries.append(place) }
        precondition(carries.count == last >> 32, "a row of 4 GiB")
    }

    /// Takes the rows of others, moved behind these.
    public mutating func append(_ other: Offsets, _ rows: Range<Int>) {
        let shift = self[count - 1] - other[rows.lowerBound]
        let last = other[rows.upperBound] + shift
        let places = (rows.lowerBound + 1)..<(rows.upperBound + 1)
        if last >> 32 == carries.count {
            let shift = UInt32(truncatingIfNeeded: shift)
            words.append(contentsOf: other.words[places].lazy.map { $0 &+ shift })
        } else {
            for place in places { append(other[place] + shift) }
        }
    }

    /// The offsets in place, while `body` runs.
    @inlinable @inline(__always)
    public func withView<R>(_ body: (View) throws -> R) rethrows -> R {
        try words.withUnsafeBufferPointer { words in
            try carries.withUnsafeBufferPointer { carries in try body(View(words: words, carries: carries)) }
        }
    }

    /// Offsets without a check of bounds.
    public struct View {
        @usableFromInline let words: UnsafeBufferPointer<UInt32>
        @usableFromInline let carries: UnsafeBufferPointer<Int>

        @usableFromInline
        init(words: UnsafeBufferPointer<UInt32>, carries: UnsafeBufferPointer<Int>) {
            self.words = words
            self.carries = carries
        }

        @inlinable @inline(__always)
        public subscript(place: Int) -> Int {
            let word = Int(words[place])
            return carries.isEmpty ? word : word + Offsets.carried(carries, place)
        }
    }
}
