import DataFrames

/// Gathers the texts, or bytes, of a column batch by batch. Null rows become empty,
/// whatever stood in them.
struct TextAssembly {
    private var offsets: [Int] = [0]
    private var bytes: [UInt8] = []
    private let column: String
    /// Bytes the column may take; views can name one text many times.
    private let limit: Int
    /// Whether each must be UTF-8.
    private let isText: Bool

    init(column: String, rows: Int, limit: Int, isText: Bool) {
        self.column = column
        self.limit = limit
        self.isText = isText
        offsets.reserveCapacity(rows + 1)
    }

    var storage: StringStorage { StringStorage(uncheckedOffsets: offsets, bytes: bytes) }
    var binaryStorage: BinaryStorage { BinaryStorage(offsets: offsets, bytes: bytes) }

    mutating func appendEmpty(_ count: Int) {
        offsets.append(contentsOf: repeatElement(bytes.count, count: count))
    }

    /// The utf8 layout: `rows + 1` offsets into the data.
    mutating func append<Offset: FixedWidthInteger>(
        _: Offset.Type, _ ends: UnsafeRawBufferPointer, _ data: UnsafeRawBufferPointer, rows: Int,
        place: String,
        isNull: (Int) -> Bool
    ) throws(ArrowError) {
        let size = MemoryLayout<Offset>.size
        guard rows > 0 else { return }
        guard ends.count / size > rows else { throw short(place) }
        func end(_ row: Int) -> Offset {
            Offset(littleEndian: ends.loadUnaligned(fromByteOffset: row * size, as: Offset.self))
        }
        var previous = end(0)
        var nullsAreEmpty = true
        guard previous >= 0 else { throw outside(place) }
        for row in 1...rows {
            let next = end(row)
            guard next >= previous else { throw outside(place) }
            if next != previous, isNull(row - 1) { nullsAreEmpty = false }
            previous = next
        }
        guard previous <= data.count else { throw outside(place) }
        guard nullsAreEmpty else {
            for row in 0..<rows {
                if !isNull(row) { bytes.append(contentsOf: data[Int(end(row))..<Int(end(row + 1))]) }
                offsets.append(bytes.count)
            }
            return try check(from: offsets.count - 1 - rows)
        }
        let first = Int(end(0))
        let shift = bytes.count - first
        bytes.append(contentsOf: data[first..<Int(previous)])
        for row in 1...rows { offsets.append(shift + Int(end(row))) }
        try check(from: offsets.count - 1 - rows)
    }

    /// The view layout: 16 bytes a row, up to 12 of text inside, longer ones as
    /// length, prefix, buffer and offset.
    mutating func append(
        views: UnsafeRawBufferPointer, _ buffers: [UnsafeRawBufferPointer], rows: Int, place: String,
        isNull: (Int) -> Bool
    ) throws(ArrowError) {
        guard views.count / 16 >= rows else { throw short(place) }
        func word(_ row: Int, _ index: Int) -> Int {
            Int(
                Int32(littleEndian: views.loadUnaligned(fromByteOffset: row * 16 + index * 4, as: Int32.self))
            )
        }
        for row in 0..<rows {
            if !isNull(row) {
                let length = word(row, 0)
                guard length >= 0 else { throw outside(place) }
                if length <= 12 {
                    bytes.append(contentsOf: views[(row * 16 + 4)..<(row * 16 + 4 + length)])
                } else {
                    let (buffer, offset) = (word(row, 2), word(row, 3))
                    guard buffers.indices.contains(buffer), offset >= 0,
                        length <= buffers[buffer].count - offset
                    else { throw outside(place) }
                    guard bytes.count + length <= limit else {
                        throw ArrowError(
                            .unfoldsTooFar(
                                column: column, what: "its texts unfold to more than \(limit) bytes"))
                    }
                    bytes.append(contentsOf: buffers[buffer][offset..<(offset + length)])
                }
            }
            offsets.append(bytes.count)
        }
        try check(from: offsets.count - 1 - rows)
    }

    /// Each row from this one on is UTF-8: the run is, and no row begins inside
    /// a character.
    private func check(from first: Int) throws(ArrowError) {
        guard isText else { return }
        let start = offsets[first]
        let scan = bytes.withUnsafeBytes { UTF8Scan(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        let wrong: Int?
        switch scan {
        case .ascii: return
        case .valid:
            wrong = offsets[first...].firstIndex { $0 < bytes.count && bytes[$0] & 0xC0 == 0x80 }
                .map { max(first, $0 - 1) }
        case .invalid(let offset): wrong = offsets[first...].lastIndex { $0 <= start + offset }
        }
        guard let wrong else { return }
        throw ArrowError(
            .value(
                column: column, row: wrong + 1, what: "the text is not UTF-8",
                fix: "write the column from text, not from bytes"))
    }

    private func short(_ place: String) -> ArrowError {
        ArrowError(.damaged(place: place, what: "column '\(column)' has too few bytes for its rows"))
    }

    private func outside(_ place: String) -> ArrowError {
        ArrowError(.damaged(place: place, what: "column '\(column)' has a text outside its bytes"))
    }
}
