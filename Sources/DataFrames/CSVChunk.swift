/// Some records of a CSV file: where each of their fields lies in the file's bytes, record after record.
/// Room is kept from chunk to chunk.
public final class CSVChunk {
    /// What offsets count from.
    private(set) var base = UnsafePointer<UInt8>(bitPattern: 1)!
    /// What the bytes lie in, where they come block by block.
    var block: CSVBlock?
    var spans = FieldSpans()
    /// Records that make a row.
    public private(set) var rows = 0
    /// Of each row.
    public private(set) var width = 0
    /// Records that do not make a row, and why.
    public private(set) var faults: [CSVRecords.Fault] = []
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
        self.quote = quote
        firstRow = row
        spans.clear()
        rows = 0
        faults.removeAll()
        gaps.removeAll()
    }

    /// Takes what was cut.
    func end(_ spans: FieldSpans, rows: Int) {
        self.spans = spans
        self.rows = rows
        width = rows > 0 ? spans.count / rows : 0
    }

    /// Notes a record that makes no row, behind so many that do.
    func note(_ fault: CSVRecords.Fault, after rows: Int) {
        gaps.append(rows)
        faults.append(fault)
    }

    /// The text of a field.
    public func text(row: Int, column: Int) -> String {
        let (start, end, isDoubled) = spans[row * width + column]
        let scratch = FieldScratch()
        let (bytes, count) = isDoubled ? undoubled(start, end, scratch) : (base + start, end - start)
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

/// Where a field is put that does not lie in the file as it is meant; one for each thread that reads fields.
final class FieldScratch {
    private var buffer = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)

    func room(_ bytes: Int) -> UnsafeMutablePointer<UInt8> {
        if bytes > buffer.count || buffer.baseAddress == nil {
            buffer.deallocate()
            buffer = .allocate(capacity: max(256, 2 * bytes))
        }
        return buffer.baseAddress!
    }

    deinit { buffer.deallocate() }
}

/// Where fields lie: of each the offset of its first byte and of the byte behind its last one.
public struct FieldSpans {
    private(set) var starts: UnsafeMutablePointer<UInt32>
    /// The highest bit says that quotes within are doubled.
    private(set) var ends: UnsafeMutablePointer<UInt32>
    private var capacity = 1 << 12
    private(set) var count = 0

    static let doubled: UInt32 = 1 << 31
    /// Offsets have 31 bits.
    public static let longest = Int(Int32.max)

    init() {
        starts = .allocate(capacity: capacity)
        ends = .allocate(capacity: capacity)
    }

    func deallocate() {
        starts.deallocate()
        ends.deallocate()
    }

    subscript(place: Int) -> (start: Int, end: Int, isDoubled: Bool) {
        precondition(place >= 0 && place < count, "field \(place) of \(count)")
        let end = ends[place]
        return (Int(starts[place]), Int(end & ~Self.doubled), end & Self.doubled != 0)
    }

    mutating func clear() { count = 0 }

    @inline(__always)
    mutating func append(_ start: Int, _ end: Int, isDoubled: Bool = false) {
        if count == capacity { grow() }
        starts[count] = UInt32(truncatingIfNeeded: start)
        ends[count] = UInt32(truncatingIfNeeded: end) | (isDoubled ? Self.doubled : 0)
        count &+= 1
    }

    /// Forgets all but the first fields.
    mutating func keep(_ first: Int) { count = first }

    @inline(never)
    private mutating func grow() {
        for spans in [\FieldSpans.starts, \FieldSpans.ends] {
            let new = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * capacity)
            new.update(from: self[keyPath: spans], count: count)
            self[keyPath: spans].deallocate()
            self[keyPath: spans] = new
        }
        capacity *= 2
    }
}
