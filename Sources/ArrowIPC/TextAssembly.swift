import DataFrames

/// Gathers the texts, or bytes, of a column batch by batch. Null rows become empty,
/// whatever stood in them.
struct TextAssembly {
    private var offsets = Offsets()
    private var bytes: [UInt8] = []
    private let column: String
    /// Rows of the table before the first one here.
    private let first: Int
    /// Bytes the column may take; views can name one text many times.
    private let limit: Int
    /// Whether each must be UTF-8.
    private let isText: Bool

    init(column: String, first: Int, rows: Int, limit: Int, isText: Bool) {
        self.column = column
        self.first = first
        self.limit = limit
        self.isText = isText
        offsets.reserveCapacity(rows + 1)
    }

    var storage: StringStorage { StringStorage(uncheckedOffsets: offsets, bytes: bytes) }
    var binaryStorage: BinaryStorage { BinaryStorage(offsets: offsets, bytes: bytes) }

    mutating func appendEmpty(_ count: Int) {
        offsets.append(empty: count)
    }

    /// One row, of UTF-8.
    mutating func append(_ text: [UInt8]) throws(ArrowError) {
        guard bytes.count + text.count <= limit else {
            throw ArrowError(
                .unfoldsTooFar(column: column, what: "its values unfold to more than \(limit) bytes"))
        }
        bytes.append(contentsOf: text)
        offsets.append(bytes.count)
    }

    /// The utf8 layout: an offset into the data for each row of the batch, and one more.
    ///
    /// - Parameters:
    ///   - rows: Those of the batch that are taken.
    ///   - isNull: Of a row, counted from the first of these.
    mutating func append<Offset: FixedWidthInteger>(
        _: Offset.Type, _ ends: UnsafeRawBufferPointer, _ data: UnsafeRawBufferPointer, rows: Range<Int>,
        place: String, isNull: (Int) -> Bool
    ) throws(ArrowError) {
        let size = MemoryLayout<Offset>.size
        guard !rows.isEmpty else { return }
        guard ends.count / size > rows.upperBound else { throw short(place) }
        func end(_ row: Int) -> Offset {
            Offset(
                littleEndian: ends.loadUnaligned(
                    fromByteOffset: (rows.lowerBound + row) * size, as: Offset.self))
        }
        var previous = end(0)
        var nullsAreEmpty = true
        guard previous >= 0 else { throw outside(place) }
        for row in 1...rows.count {
            let next = end(row)
            guard next >= previous else { throw outside(place) }
            if next != previous, isNull(row - 1) { nullsAreEmpty = false }
            previous = next
        }
        guard previous <= data.count else { throw outside(place) }
        guard nullsAreEmpty else {
            for row in 0..<rows.count {
                if !isNull(row) { bytes.append(contentsOf: data[Int(end(row))..<Int(end(row + 1))]) }
                offsets.append(bytes.count)
            }
            return try check(from: offsets.count - 1 - rows.count)
        }
        let first = Int(end(0))
        let shift = bytes.count - first
        bytes.append(contentsOf: data[first..<Int(previous)])
        for row in 1...rows.count { offsets.append(shift + Int(end(row))) }
        try check(from: offsets.count - 1 - rows.count)
    }

    /// The view layout: 16 bytes a row, up to 12 of text inside, longer ones as
    /// length, prefix, buffer and offset. Rows as above.
    mutating func append(
        views: UnsafeRawBufferPointer, _ buffers: [UnsafeRawBufferPointer], rows: Range<Int>, place: String,
        isNull: (Int) -> Bool
    ) throws(ArrowError) {
        guard views.count / 16 >= rows.upperBound else { throw short(place) }
        func word(_ row: Int, _ index: Int) -> Int {
            Int(
                Int32(littleEndian: views.loadUnaligned(fromByteOffset: row * 16 + index * 4, as: Int32.self))
            )
        }
        for row in rows {
            if !isNull(row - rows.lowerBound) {
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
        try check(from: offsets.count - 1 - rows.count)
    }

    /// Each row from this one on is UTF-8: the run is, and no row begins inside
    /// a character.
    private func check(from row: Int) throws(ArrowError) {
        guard isText else { return }
        let start = offsets[row]
        let scan = bytes.withUnsafeBytes { UTF8Scan(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        let wrong: Int?
        switch scan {
        case .ascii: return
        case .valid:
            wrong = offsets[row...].firstIndex { $0 < bytes.count && bytes[$0] & 0xC0 == 0x80 }
                .map { max(row, $0 - 1) }
        case .invalid(let offset): wrong = offsets[row...].lastIndex { $0 <= start + offset }
        }
        guard let wrong else { return }
        throw ArrowError(
            .value(
                column: column, row: first + wrong + 1, what: "the text is not UTF-8",
                fix: "write the column from text, not from bytes"))
    }

    private func short(_ place: String) -> ArrowError {
        ArrowError(.damaged(place: place, what: "column '\(column)' has too few bytes for its rows"))
    }

    private func outside(_ place: String) -> ArrowError {
        ArrowError(.damaged(place: place, what: "column '\(column)' has a text outside its bytes"))
    }
}
