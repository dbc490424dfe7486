import DataFrames

/// Packs a column's rows of a row group: levels, a dictionary where it pays,
/// values, and what they are at least and at most.
struct ChunkPacking {
    /// Rows of a page: 512 KiB of plain 64-bit values.
    static let pageRows = 65_536
    /// Bytes of texts that fill a page.
    static let pageBytes = 1 << 20

    private let column: DataColumn
    /// Of the row group.
    private let rows: Range<Int>
    /// Nil where all rows of the row group have values.
    private let validity: ValidityBitmap?
    private let compressor: Compressor
    private var chunk = PackedChunk()
    /// Values that are there.
    private let present: Int

    init(_ column: DataColumn, _ rows: Range<Int>, _ compressor: Compressor) {
        self.column = column
        self.rows = rows
        self.compressor = compressor
        let nulls = column.validity.map { validity in
            rows.reduce(0) { $0 + (validity[$1] ? 0 : 1) }
        }
        validity = nulls ?? 0 > 0 ? column.validity : nil
        present = rows.count - (nulls ?? 0)
        chunk.nullCount = nulls ?? 0
    }

    consuming func packed() throws(ParquetError) -> PackedChunk {
        switch column.storage {
        case .boolean(let values): booleans(dense(values))
        case .int64(let values), .timestamp(let values): integers(dense(values))
        case .date32(let values): integers(dense(values))
        case .float64(let values): numbers(dense(values))
        case .utf8(let texts): try self.texts(texts)
        case .binary: preconditionFailure("ParquetWriter refuses columns of bytes")
        case .dictionary(let indices, let levels): try category(dense(indices), levels)
        }
        return chunk
    }

    /// The values that are there, without those of null rows.
    private func dense<Value>(_ values: [Value]) -> ArraySlice<Value> {
        guard let validity else { return values[rows] }
        return [Value](unsafeUninitializedCapacity: present) { target, filled in
            values.withUnsafeBufferPointer { values in
                validity.bytes.withUnsafeBufferPointer { bits in
                    for row in rows where bits[row >> 3] >> UInt8(row & 7) & 1 == 1 {
                        (target.baseAddress! + filled).initialize(to: values[row])
                        filled += 1
                    }
                }
            }
        }[...]
    }

    /// Data pages of up to `pageRows` rows; `body` appends the values of a page,
    /// counted from the first that is there.
    private mutating func pages(encoding: Int, _ body: (Range<Int>, inout [UInt8]) -> Void) {
        var page: [UInt8] = []
        var first = 0
        for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.pageRows) {
            let range = start..<min(start + Self.pageRows, rows.upperBound)
            let count =
                validity.map { validity in range.reduce(0) { $0 + (validity[$1] ? 1 : 0) } } ?? range.count
            page.removeAll(keepingCapacity: true)
            HybridWriting.appendLevels(validity, range, to: &page)
            body(first..<(first + count), &page)
            page.withUnsafeBytes { chunk.appendData($0, rows: range.count, encoding: encoding, compressor) }
            first += count
        }
    }

    private mutating func indexPages(_ indices: UnsafeBufferPointer<UInt32>, entries: Int) {
        let width = HybridWriting.width(count: entries)
        pages(encoding: PageEncoding.dictionary) { range, page in
            page.append(UInt8(width))
            HybridWriting.append(UnsafeBufferPointer(rebasing: indices[range]), width: width, to: &page)
        }
    }

    private mutating func booleans(_ values: ArraySlice<Bool>) {
        if let first = values.first {
            let isMixed = values.contains(!first)
            chunk.least = [isMixed ? 0 : first ? 1 : 0]
            chunk.greatest = [isMixed ? 1 : first ? 1 : 0]
        }
        values.withUnsafeBufferPointer { values in
            pages(encoding: PageEncoding.plain) { range, page in
                var (byte, bit): (UInt8, UInt8) = (0, 0)
                for place in range {
                    if values[place] { byte |= 1 << bit }
                    bit += 1
                    if bit == 8 {
                        page.append(byte)
                        (byte, bit) = (0, 0)
                    }
                }
                if bit > 0 { page.append(byte) }
            }
        }
    }

    private static func bytes<Value>(_ value: Value) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    private mutating func integers<Value: FixedWidthInteger>(_ values: ArraySlice<Value>) {
        values.withUnsafeBufferPointer { values in
            guard var least = values.first else { return fixed(values) { _ in 0 } }
            var greatest = least
            for value in values {
                least = min(least, value)
                greatest = max(greatest, value)
            }
            chunk.least = Self.bytes(least)
            chunk.greatest = Self.bytes(greatest)
            fixed(values) { UInt64(truncatingIfNeeded: $0) }
        }
    }

    /// NaN compares with nothing, so a chunk with one has no bounds; a zero is
    /// bounded by both zeros (parquet.thrift, "ColumnOrder").
    private mutating func numbers(_ values: ArraySlice<Double>) {
        values.withUnsafeBufferPointer { values in
            var (least, greatest) = (Double.infinity, -Double.infinity)
            var hasNaN = values.isEmpty
            for value in values {
                least = value < least ? value : least
                greatest = value > greatest ? value : greatest
                hasNaN = hasNaN || value.isNaN
            }
            if !hasNaN {
                chunk.least = Self.bytes(least == 0 ? -0.0 : least)
                chunk.greatest = Self.bytes(greatest == 0 ? 0.0 : greatest)
            }
            fixed(values) { $0.bitPattern }
        }
    }

    /// Values of fixed width, equal when their keys are.
    @inline(__always)
    private mutating func fixed<Value>(_ values: UnsafeBufferPointer<Value>, _ key: (Value) -> UInt64) {
        let distinct = DistinctValues(
            count: values.count, hash: { key(values[$0]) }, isEqual: { key(values[$0]) == key(values[$1]) })
        guard let distinct else {
            pages(encoding: PageEncoding.plain) { range, page in
                page.append(contentsOf: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: values[range])))
            }
            return
        }
        let entries = distinct.firsts.map { values[$0] }
        entries.withUnsafeBytes { chunk.appendDictionary($0, entries: entries.count, compressor) }
        distinct.indices.withUnsafeBufferPointer { indexPages($0, entries: entries.count) }
    }

    private mutating func category(_ places: ArraySlice<Int32>, _ levels: [String]) throws(ParquetError) {
        var page: [UInt8] = []
        for level in levels { Self.append(level.utf8, to: &page) }
        try Self.check(page.count, column.name, "its levels are longer than 2 GiB")
        page.withUnsafeBytes { chunk.appendDictionary($0, entries: levels.count, compressor) }
        places.withUnsafeBufferPointer { places in
            // Indices that are not null lie within the levels, so none is negative.
            places.withMemoryRebound(to: UInt32.self) { indexPages($0, entries: levels.count) }
        }
        var isUsed = [Bool](repeating: false, count: levels.count)
        for place in places { isUsed[Int(place)] = true }
        var bounds = TextBounds()
        for (place, level) in levels.enumerated() where isUsed[place] { bounds.take(Array(level.utf8)[...]) }
        (chunk.least, chunk.greatest) = bounds.found
    }

    private static func append(_ text: some Collection<UInt8>, to page: inout [UInt8]) {
        let count = UInt32(truncatingIfNeeded: text.count)
        for byte in 0..<4 { page.append(UInt8(truncatingIfNeeded: count >> UInt32(8 * byte))) }
        page.append(contentsOf: text)
    }

    /// Lengths of pages are 32 bits with a sign.
    static func check(_ bytes: Int, _ column: String, _ what: String) throws(ParquetError) {
        guard bytes < Int32.max - (1 << 20) else { throw ParquetError(.tooLong(column: column, what: what)) }
    }

    private mutating func texts(_ texts: StringStorage) throws(ParquetError) {
        let packing = TextPacking(texts, rows, validity, present: present)
        if let distinct = packing.distinct {
            var page: [UInt8] = []
            var bounds = TextBounds()
            for first in distinct.firsts {
                let text = packing.text(first)
                Self.append(text, to: &page)
                bounds.take(text)
            }
            (chunk.least, chunk.greatest) = bounds.found
            page.withUnsafeBytes { chunk.appendDictionary($0, entries: distinct.firsts.count, compressor) }
            distinct.indices.withUnsafeBufferPointer { indexPages($0, entries: distinct.firsts.count) }
            return
        }
        (chunk.least, chunk.greatest) = packing.bounds()
        var page: [UInt8] = []
        for range in packing.pages() {
            page.removeAll(keepingCapacity: true)
            HybridWriting.appendLevels(validity, range, to: &page)
            packing.append(range, to: &page)
            try Self.check(page.count, column.name, "a text is longer than 2 GiB")
            page.withUnsafeBytes {
                chunk.appendData($0, rows: range.count, encoding: PageEncoding.plain, compressor)
            }
        }
    }
}
