/// Some records of a CSV file: where each of their fields lies in the file's bytes, record after record.
/// Room is kept from chunk to chunk.
public final class CSVChunk {
    /// What offsets count from: of bytes that may be looked at some way before and behind every field of a row
    /// (`PaddedField`).
    private(set) var base = UnsafePointer<UInt8>(bitPattern: 1)!
    /// What the bytes lie in, where they come block by block.
    var block: CSVBlock?
    /// Where the bytes are put that lie too near the file's start or end.
    private let padded = FieldScratch()
    /// Of the first byte of the first record, where it lies in the file's bytes.
    private(set) var start = UnsafePointer<UInt8>(bitPattern: 1)!
    var spans = FieldSpans()
    /// Records that make a row.
    public private(set) var rows = 0
    /// Of each row.
    public private(set) var width = 0
    /// Records that do not make a row, and why.
    public private(set) var faults: [CSVRecords.Fault] = []
    /// Whether every byte that was looked at is ASCII.
    var isASCII = true
    private var firstRow = 1
    private var quote = UInt8(ascii: "\"")
    /// Of each fault how many rows are before it.
    private var gaps: [Int] = []

    public init() {}

    deinit { spans.deallocate() }

    /// The number of a row in the file, from 1.
    public func number(ofRow row: Int) -> Int {
        // Gaps before the row, of which there may be as many as records.
        var (low, high) = (0, gaps.count)
        while low < high {
            let middle = (low + high) / 2
            if gaps[middle] <= row { low = middle + 1 } else { high = middle }
        }
        return firstRow + row + low
    }

    func begin(at base: UnsafePointer<UInt8>, row: Int, quote: UInt8) {
        self.base = base
        start = base
        self.quote = quote
        firstRow = row
        isASCII = true
        spans.clear()
        rows = 0
        faults.removeAll()
        gaps.removeAll()
    }

    /// Takes what was cut.
    ///
    /// - Parameters:
    ///   - before: Bytes that may be looked at before the chunk.
    ///   - count: And from its start on.
    func end(_ spans: FieldSpans, rows: Int, before: Int, count: Int) {
        self.spans = spans
        self.rows = rows
        width = rows > 0 ? spans.count / rows : 0
        let length = spans.end
        guard rows > 0, before < PaddedField.before || count - length < PaddedField.behind else { return }
        let room = padded.room(length)
        room.update(from: base, count: length)
        base = UnsafePointer(room)
    }

    /// Notes a record that makes no row, behind so many that do.
    func note(_ fault: CSVRecords.Fault, after rows: Int) {
        gaps.append(rows)
        faults.append(fault)
    }

    /// Takes blanks and tabs off both ends of the fields, but for those that stand in quotes.
    ///
    /// - Parameter quote: Nil where nothing quotes.
    func trim(quote: UInt8?) { spans.trim(base, quote: quote) }

    /// The text of a field.
    public func text(row: Int, column: Int) -> String {
        let span = spans[row * width + column]
        let scratch = FieldScratch()
        let (bytes, count) =
            span.isDoubled
            ? undoubled(span.start, span.end, scratch) : (base + span.start, span.end - span.start)
        return withExtendedLifetime(scratch) {
            String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
        }
    }

    /// A field without the second of each two quotes; what is returned is good until the next one goes to the same
    /// place.
    @inline(never)
    func undoubled(_ start: Int, _ end: Int, _ scratch: FieldScratch) -> (UnsafePointer<UInt8>, Int) {
        let room = scratch.room(end - start)
        var count = 0
        var place = start
        while place < end {
            room[count] = base[place]
            count += 1
            place += base[place] == quote ? 2 : 1
        }
        return (UnsafePointer(room), count)
    }
}

/// Where fields are put that do not lie in the file as they are meant; one for each thread that reads fields.
final class FieldScratch {
    private var buffer = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)

    /// Room for so many bytes, with as much before and behind it as `PaddedField` needs.
    func room(_ bytes: Int) -> UnsafeMutablePointer<UInt8> {
        let padding = PaddedField.before + PaddedField.behind
        if bytes + padding > buffer.count {
            buffer.deallocate()
            buffer = .allocate(capacity: max(256, 2 * bytes) + padding)
            buffer.initialize(repeating: 0)
        }
        return buffer.baseAddress! + PaddedField.before
    }

    deinit { buffer.deallocate() }
}

/// Where fields lie: of each the offset of its first byte and of the byte behind its last one.
public struct FieldSpans {
    private(set) var all: UnsafeMutablePointer<Span>
    private var capacity = 1 << 12
    private(set) var count = 0

    /// Both offsets in a word, so that one look into memory gives a field.
    struct Span {
        /// The end in the higher half, of which the highest bit says that quotes within are doubled.
        private let word: UInt64

        @inline(__always)
        init(_ start: Int, _ end: Int, isDoubled: Bool) {
            word =
                UInt64(truncatingIfNeeded: start) | UInt64(truncatingIfNeeded: end) &<< 32
                | (isDoubled ? 1 << 63 : 0)
        }

        @inline(__always) var start: Int { Int(UInt32(truncatingIfNeeded: word)) }
        @inline(__always) var end: Int { Int(truncatingIfNeeded: word &>> 32) & FieldSpans.longest }
        @inline(__always) var isDoubled: Bool { Int64(bitPattern: word) < 0 }
    }

    /// Offsets have 31 bits.
    public static let longest = Int(Int32.max)

    init() { all = .allocate(capacity: capacity) }

    func deallocate() { all.deallocate() }

    subscript(place: Int) -> Span {
        precondition(place >= 0 && place < count, "field \(place) of \(count)")
        return all[place]
    }

    /// Of the byte behind the last field.
    var end: Int { count == 0 ? 0 : all[count - 1].end }

    mutating func clear() { count = 0 }

    @inline(__always)
    mutating func append(_ start: Int, _ end: Int, isDoubled: Bool = false) {
        if count == capacity { grow() }
        all[count] = Span(start, end, isDoubled: isDoubled)
        count &+= 1
    }

    /// Takes blanks and tabs off both ends of fields that no quote stands before.
    mutating func trim(_ base: UnsafePointer<UInt8>, quote: UInt8?) {
        func isBlank(_ place: Int) -> Bool { base[place] == 0x20 || base[place] == 0x09 }
        for field in 0..<count {
            var (start, end) = (all[field].start, all[field].end)
            if start > 0, base[start - 1] == quote { continue }
            while start < end, isBlank(start) { start += 1 }
            while start < end, isBlank(end - 1) { end -= 1 }
            all[field] = Span(start, end, isDoubled: all[field].isDoubled)
        }
    }

    /// Takes fields that end at these bits of a block.
    ///
    /// - Parameter start: Of the first of them.
    @inline(__always)
    mutating func append(_ marks: UInt64, of block: Int, from start: Int) {
        if count &+ 64 > capacity { grow() }
        var (marks, start) = (marks, start)
        while marks != 0 {
            let end = block &+ marks.trailingZeroBitCount
            all[count] = Span(start, end, isDoubled: false)
            count &+= 1
            start = end &+ 1
            marks &= marks &- 1
        }
    }

    /// Forgets all but the first fields.
    mutating func keep(_ first: Int) { count = first }

    @inline(never)
    private mutating func grow() {
        let new = UnsafeMutablePointer<Span>.allocate(capacity: 2 * capacity)
        new.update(from: all, count: count)
        all.deallocate()
        all = new
        capacity *= 2
    }
}
