import TableTypes

/// One field of each row of a chunk, those with doubled quotes made right; around each are bytes that may be looked
/// at (`PaddedField`).
struct FieldRows {
    let count: Int
    private let base: UnsafePointer<UInt8>
    private let spans: UnsafePointer<FieldSpans.Span>
    private let width: Int
    private unowned(unsafe) let chunk: CSVChunk
    private let scratch = FieldScratch()

    init(_ chunk: CSVChunk, _ column: Int) {
        self.chunk = chunk
        count = chunk.rows
        base = chunk.base
        spans = UnsafePointer(chunk.spans.all) + column
        width = chunk.width
    }

    /// What it gives is good until the next one.
    @inline(__always)
    subscript(row: Int) -> (UnsafePointer<UInt8>, Int) {
        let span = spans[row &* width]
        if span.isDoubled { return chunk.undoubled(span.start, span.end, scratch) }
        return (base + span.start, span.end &- span.start)
    }

    /// Of all fields, at most.
    var bytes: Int {
        var sum = 0
        var row = 0
        while row < count {
            sum &+= spans[row &* width].end &- spans[row &* width].start
            row &+= 1
        }
        return sum
    }
}

extension StringStorage {
    /// Takes one field of each row of a chunk.
    mutating func append(_ chunk: CSVChunk, column: Int) {
        let rows = FieldRows(chunk, column)
        append(rows: rows.count, bytes: rows.bytes) { rows[$0] }
    }
}

/// The texts that stand for no value in a column.
struct MissingFields {
    /// Whether one of them would also read as a value of the type.
    let comesFirst: Bool
    let isAny: Bool
    private let hasEmpty: Bool
    private let others: [[UInt8]]

    init(_ texts: Set<String>, _ type: ColumnType, comesFirst: Bool = false) {
        isAny = !texts.isEmpty
        hasEmpty = texts.contains("")
        let others = texts.subtracting([""])
        self.others = others.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        self.comesFirst =
            comesFirst || type == .category && !texts.isEmpty
            || others.contains { FieldText.fits($0, type, isTold: true) }
    }

    @inline(__always)
    func contains(_ field: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        if count == 0 { return hasEmpty }
        return !others.isEmpty && isOther(field, count)
    }

    @inline(never)
    private func isOther(_ field: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let field = UnsafeBufferPointer(start: field, count: count)
        if others.contains(where: { $0.elementsEqual(field) }) { return true }
        // Another spelling of one of them: an é may be one character or an e and an accent.
        guard field.contains(where: { $0 >= 0x80 }) else { return false }
        let text = String(decoding: field, as: UTF8.self)
        return others.contains { String(decoding: $0, as: UTF8.self) == text }
    }
}
