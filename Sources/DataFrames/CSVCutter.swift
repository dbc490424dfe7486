import CDataFrames

/// Cuts the bytes of a CSV file into records, chunk by chunk (RFC 4180): fields may be quoted, a quote within is
/// doubled, lines end in LF or CRLF. A quote opens only at the start of a field. 64 bytes are looked at at a
/// time for what ends or quotes a field, as simdjson does (Langdale, Lemire: "Parsing gigabytes of JSON per second",
/// VLDB Journal 28, 2019).
public struct CSVCutter {
    private var bytes: UnsafePointer<UInt8>
    private var count: Int
    /// Whether the file ends where the bytes do; else the record there goes on, and is left for when the rest has come.
    private var isWhole: Bool
    /// Bytes that may be looked at before and behind those of the file.
    private var padding: (before: Int, behind: Int) = (0, 0)
    private let delimiter: UInt8
    /// A line feed, which is looked at first, where nothing quotes.
    private let quote: UInt8
    let trims: Bool
    /// Nil where nothing quotes.
    var quotes: UInt8? { quote == 0x0A ? nil : quote }
    /// Names of the fields a row has; nil takes records of as many fields as the chunk's first one.
    public var names: [String]?
    /// Lines without a character are no records, unless a record is one field.
    public var keepsEmptyLines = false
    /// Records with a NUL character make no row; else it is not looked for.
    private var refusesNUL = false
    /// Of the next byte to look at.
    public private(set) var position: Int
    /// Of the next record, from 1.
    public private(set) var row = 1

    /// - Parameter isWhole: Whether the file ends where the bytes do.
    /// - Precondition: The bytes outlive the cutter and its chunks. The delimiter ends no line.
    public init(_ bytes: UnsafeRawBufferPointer, _ format: CSVFormat, isWhole: Bool = true) {
        self.bytes = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(bitPattern: 1)!
        count = bytes.count
        self.isWhole = isWhole
        delimiter = format.delimiter
        quote = format.quote ?? 0x0A
        trims = format.trims
        position = Self.start(of: bytes)
    }

    public var isAtEnd: Bool { position >= count }

    /// Goes on in other bytes, which begin with those that have not been cut.
    ///
    /// - Parameter isFirst: Whether nothing was cut yet.
    /// - Precondition: Around them are bytes that may be looked at (`PaddedField`).
    mutating func move(to bytes: UnsafeRawBufferPointer, isWhole: Bool, isFirst: Bool) {
        padding = (PaddedField.before, PaddedField.behind)
        self.bytes = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(bitPattern: 1)!
        count = bytes.count
        self.isWhole = isWhole
        position = isFirst ? Self.start(of: bytes) : 0
    }

    /// Behind a byte order mark.
    private static func start(of bytes: UnsafeRawBufferPointer) -> Int {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// All bytes that are there.
    var all: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: count) }

    /// What has not been cut.
    var rest: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes + position, count: max(0, count - position))
    }

    /// Goes back to before the first record of a chunk that was cut last, and past lines without a character there.
    mutating func goBack(to chunk: CSVChunk) {
        position = chunk.start - bytes
        row = 1
        while lineEnd(position) > 0 { position += lineEnd(position) }
    }

    /// Goes on until a chunk has so many records, those that make no row among them, or so many bytes: of empty
    /// lines it may have none.
    ///
    /// - Throws: `CSVError.unclosedQuote`; `.recordTooLong` of 2 GiB.
    /// - Complexity: O(bytes).
    public mutating func cut(
        into chunk: CSVChunk, records limit: Int, bytes enough: Int = 1 << 28
    ) throws(CSVError) {
        let origin = position
        chunk.begin(at: bytes + origin, row: row, quote: quote)
        var cut = Cut(
            chunk: chunk, spans: chunk.spans, row: row, names: names,
            refused: refusesNUL ? bytes + origin : nil)
        defer {
            chunk.end(
                cut.wholeSpans, rows: cut.rows, before: padding.before + origin,
                count: count - origin + padding.behind)
            row = cut.row
        }
        let (bytes, count, delimiter, quote) = (bytes, count, delimiter, quote)
        var record = position
        var start = position
        var block = position
        blocks: while block < count {
            let rest = count &- block
            let here =
                rest >= 64
                ? sluice_read_block(bytes + block, delimiter, quote)
                : sluice_read_rest(bytes + block, rest, delimiter, quote)
            if here.isASCII == 0 { chunk.isASCII = false }
            var found = here.marks
            if here.hasOthers == 0 {
                cut.spans.append(found, of: block &- origin, from: start &- origin)
                if found != 0 { start = block &+ 64 &- found.leadingZeroBitCount }
                block &+= 64
                continue
            }
            while found != 0 {
                let at = block &+ found.trailingZeroBitCount
                found &= found &- 1
                let byte = bytes[at]
                if byte == delimiter {
                    cut.spans.append(start &- origin, at &- origin)
                    start = at &+ 1
                    continue
                }
                var isEnd = true
                if byte == 0x0A {
                    let end = at > start && bytes[at &- 1] == 0x0D ? at &- 1 : at
                    if start == record, end == start, !keepsEmptyLines {
                        start = at &+ 1
                        record = start
                        if start &- origin >= enough {
                            position = start
                            return
                        }
                        continue
                    }
                    cut.spans.append(start &- origin, end &- origin)
                    start = at &+ 1
                    try cut.endRecord(start &- origin, from: record &- origin)
                } else if at == start {
                    let column = cut.fields + 1
                    guard let (close, isDoubled) = closingQuote(at) else {
                        if isWhole { throw .unclosedQuote(row: cut.row, column: column) }
                        break blocks
                    }
                    let after = close + 1
                    let line = lineEnd(after)
                    // A quote that is the last byte may be doubled, a CR stand before an LF.
                    if !isWhole, after >= count || bytes[after] == 0x0D && after + 1 >= count { break blocks }
                    if after < count, bytes[after] != delimiter, line == 0 {
                        guard let next = nextLine(after) else { break blocks }
                        cut.leaveOut(.textAfterQuote(row: cut.row, column: column))
                        start = next
                    } else {
                        cut.spans.append(at + 1 - origin, close - origin, isDoubled: isDoubled)
                        isEnd = line > 0 || after >= count
                        start = min(count, after + max(1, line))
                        if isEnd { try cut.endRecord(start - origin, from: record - origin) }
                    }
                } else {
                    guard let next = nextLine(at) else { break blocks }
                    cut.leaveOut(.quoteInBareField(row: cut.row, column: cut.fields + 1))
                    start = next
                }
                if start > block &+ 64, sluice_is_ascii(bytes + block + 64, start - block - 64) == 0 {
                    chunk.isASCII = false
                }
                if isEnd {
                    record = start
                    if cut.row &- cut.firstRow >= limit || start &- origin >= enough {
                        position = start
                        return
                    }
                }
                // What was just skipped may have bits in this block, or reach beyond it.
                if start >= block &+ 64 {
                    block = start
                    continue blocks
                }
                if start > at &+ 1 { found &= ~0 << UInt64(start &- block) }
            }
            block &+= 64
        }
        if !isWhole {
            position = record
            return
        }
        if record < count {
            cut.spans.append(start - origin, count - origin)
            try cut.endRecord(count - origin, from: record - origin)
        }
        position = count
    }

    /// The same, where a record that has a NUL character makes no row: few files have one, and those are cut twice.
    mutating func cutWithoutNUL(into chunk: CSVChunk, records: Int) throws(CSVError) {
        let before = self
        try cut(into: chunk, records: records)
        guard sluice_find(bytes + before.position, position - before.position, 0) >= 0 else { return }
        self = before
        refusesNUL = true
        defer { refusesNUL = false }
        try cut(into: chunk, records: records)
    }

    /// Bytes of the line end at a place, 0 if none is there.
    private func lineEnd(_ place: Int) -> Int {
        guard place < count else { return 0 }
        if bytes[place] == 0x0A { return 1 }
        return bytes[place] == 0x0D && place + 1 < count && bytes[place + 1] == 0x0A ? 2 : 0
    }

    /// Where the line after the one at a place begins; nil where it may not have come yet.
    private func nextLine(_ place: Int) -> Int? {
        let line = sluice_find(bytes + place, count - place, 0x0A)
        if line >= 0 { return place + line + 1 }
        return isWhole ? count : nil
    }

    /// The quote that closes the one at a place, and whether quotes between are doubled; nil if none does.
    private func closingQuote(_ open: Int) -> (place: Int, isDoubled: Bool)? {
        var place = open + 1
        var isDoubled = false
        while true {
            let next = sluice_find(bytes + place, count - place, quote)
            if next < 0 { return nil }
            place += next
            guard place + 1 < count, bytes[place + 1] == quote else { return (place, isDoubled) }
            isDoubled = true
            place += 2
        }
    }
}

/// What has been cut of a chunk, in a value of its own, so that it can lie in registers.
private struct Cut {
    unowned(unsafe) let chunk: CSVChunk
    var spans: FieldSpans
    var row: Int
    let firstRow: Int
    let names: [String]?
    /// What offsets count from, where records with a NUL character make no row.
    let refused: UnsafePointer<UInt8>?
    private(set) var rows = 0
    /// Fields of the rows.
    private var whole = 0
    private var width: Int

    init(
        chunk: CSVChunk, spans: FieldSpans, row: Int, names: [String]?, refused: UnsafePointer<UInt8>?
    ) {
        self.chunk = chunk
        self.spans = spans
        self.row = row
        firstRow = row
        self.names = names
        self.refused = refused
        width = names?.count ?? 0
    }

    /// Without the fields of the record at hand.
    var wholeSpans: FieldSpans {
        var spans = spans
        spans.keep(whole)
        return spans
    }

    /// Of the record at hand.
    var fields: Int { spans.count &- whole }

    /// - Parameters:
    ///   - length: Bytes of the chunk so far.
    ///   - start: Where the record begins.
    @inline(__always)
    mutating func endRecord(_ length: Int, from start: Int) throws(CSVError) {
        if length > FieldSpans.longest { throw .recordTooLong(row: row, limit: FieldSpans.longest) }
        if width == 0 { width = fields }
        if let refused, let error = nul(refused, start..<length) {
            leaveOut(error)
        } else if fields == width {
            rows &+= 1
            whole = spans.count
            row &+= 1
        } else {
            leaveOut(misfit)
        }
    }

    @inline(never)
    private func nul(_ bytes: UnsafePointer<UInt8>, _ record: Range<Int>) -> CSVError? {
        let place = sluice_find(bytes + record.lowerBound, record.count, 0)
        if place < 0 { return nil }
        let field = (0..<fields).first { spans[whole + $0].end > record.lowerBound + place }
        return .nulCharacter(row: row, column: (field ?? fields - 1) + 1)
    }

    private var misfit: CSVError {
        let missing = fields < width ? names?[fields] ?? "column_\(fields + 1)" : ""
        return fields < width
            ? .tooFewFields(row: row, found: fields, expected: width, firstMissing: missing)
            : .tooManyFields(row: row, expected: width, firstSurplus: width + 1)
    }

    @inline(never)
    mutating func leaveOut(_ error: CSVError) {
        spans.keep(whole)
        chunk.note(CSVRecords.Fault(row: row, error: error), after: rows)
        row &+= 1
    }
}
