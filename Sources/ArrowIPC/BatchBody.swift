import DataFrames
import Platform

/// The body of a batch with the places of its buffers, made a buffer at a time when it is written: a batch in memory is
/// not there twice. Null rows are written as zero or empty: equal tables give equal bytes.
struct BatchBody {
    private var nodes: [Int64] = []
    private var places: [Int64] = []
    private var buffers: [Buffer] = []
    private let rows: Int
    /// Bytes, every buffer padded to 64 of them.
    private(set) var count = 0

    private struct Buffer {
        let count: Int
        let write: Write
    }

    /// Writes as many bytes as were announced.
    typealias Write = (inout FileReplacement) throws(SystemError) -> Void

    init(rows: Int) { self.rows = rows }

    func header(_ builder: inout FlatBufferBuilder) -> FlatBufferBuilder.Place {
        let nodes = builder.vector(words: nodes, perElement: 2)
        let buffers = builder.vector(words: places, perElement: 2)
        return builder.table([(0, .int64(Int64(rows))), (1, .place(nodes)), (2, .place(buffers))])
    }

    func write(to file: inout FileReplacement) throws(SystemError) {
        for buffer in buffers {
            let start = file.count
            try buffer.write(&file)
            precondition(file.count - start == buffer.count, "a buffer of another length than was said")
            let padding = Self.padded(buffer.count) - buffer.count
            if padding > 0 { try file.write([UInt8](repeating: 0, count: padding)) }
        }
    }

    private static func padded(_ count: Int) -> Int { (count + 63) & ~63 }

    mutating func appendNode(nulls: Int) { nodes += [Int64(rows), Int64(nulls)] }

    mutating func appendBuffer(_ bytes: Int, _ write: @escaping Write) {
        places += [Int64(count), Int64(bytes)]
        count += Self.padded(bytes)
        buffers.append(Buffer(count: bytes, write: write))
    }

    /// Levels: a column without nulls.
    mutating func appendText(_ texts: StringStorage, isLarge: Bool) {
        appendNode(nulls: 0)
        appendBuffer(0) { _ in }
        variable(texts.offsets, texts.bytes, 0..<rows, nil, isLarge: isLarge)
    }

    /// These rows of a column; they begin at a multiple of 8.
    ///
    /// - Parameter levels: Of a category what each of its indices is written as.
    mutating func append(
        _ column: DataColumn, _ range: Range<Int>, isLarge: Bool, levels: [Int32]? = nil
    ) {
        var validity = column.validity
        let nulls = validity?.nullCount(in: range) ?? 0
        if nulls == 0 { validity = nil }
        appendNode(nulls: nulls)
        let bits = range.lowerBound / 8..<(range.upperBound + 7) / 8
        appendBuffer(validity == nil ? 0 : bits.count) { [validity] file throws(SystemError) in
            if let validity { try Self.write(validity.bytes[bits], to: &file) }
        }
        switch column.storage {
        case .boolean(let values): self.bits(values, range, validity)
        case .int64(let values), .timestamp(let values): fixed(values, range, validity, zero: 0)
        case .float64(let values): fixed(values, range, validity, zero: 0)
        case .date32(let values): fixed(values, range, validity, zero: 0)
        case .dictionary(let indices, _): self.indices(indices, range, validity, levels)
        case .utf8(let texts): variable(texts.offsets, texts.bytes, range, validity, isLarge: isLarge)
        case .binary(let values): variable(values.offsets, values.bytes, range, validity, isLarge: isLarge)
        }
    }

    static func write<T>(_ values: ArraySlice<T>, to file: inout FileReplacement) throws(SystemError) {
        try values.withUnsafeBufferPointer { values throws(SystemError) in
            try file.write(UnsafeRawBufferPointer(values))
        }
    }

    private mutating func fixed<T: BitwiseCopyable>(
        _ values: [T], _ range: Range<Int>, _ validity: ValidityBitmap?, zero: T
    ) {
        // Nulls are zero in most columns, which are written from where they lie. By bytes: -0 is another number.
        var isZeroed = true
        validity?.eachNull(in: range) { row in
            isZeroed = isZeroed && withUnsafeBytes(of: values[row]) { $0.allSatisfy { $0 == 0 } }
        }
        let gaps = isZeroed ? nil : validity
        appendBuffer(range.count * MemoryLayout<T>.stride) { file throws(SystemError) in
            guard let gaps else { return try Self.write(values[range], to: &file) }
            try file.write(range.count) { (places, made: UnsafeMutablePointer<T>) in
                let (first, rows) = (range.lowerBound + places.lowerBound, places.count)
                values.withUnsafeBufferPointer {
                    made.initialize(from: $0.baseAddress! + first, count: rows)
                }
                gaps.eachNull(in: first..<first + rows) { made[$0 - first] = zero }
            }
        }
    }

    private mutating func indices(
        _ values: [Int32], _ range: Range<Int>, _ validity: ValidityBitmap?, _ levels: [Int32]?
    ) {
        guard let levels, !levels.isEmpty else { return fixed(values, range, validity, zero: 0) }
        appendBuffer(range.count * 4) { file throws(SystemError) in
            try file.write(range.count) { (places, made: UnsafeMutablePointer<Int32>) in
                for (offset, place) in places.enumerated() {
                    let row = range.lowerBound + place
                    made[offset] = validity?[row] ?? true ? levels[Int(values[row])] : 0
                }
            }
        }
    }

    private mutating func bits(_ values: [Bool], _ range: Range<Int>, _ validity: ValidityBitmap?) {
        let (whole, tail) = (range.count / 8, range.count % 8)
        appendBuffer((range.count + 7) / 8) { file throws(SystemError) in
            try file.write((range.count + 7) / 8) { (places, made: UnsafeMutablePointer<UInt8>) in
                values.withUnsafeBytes { values in
                    let start = values.baseAddress! + range.lowerBound
                    for (offset, place) in places.enumerated() where place < whole {
                        let word = start.loadUnaligned(fromByteOffset: place * 8, as: UInt64.self)
                        made[offset] = Self.packed(UInt64(littleEndian: word))
                    }
                }
                if tail > 0, places.upperBound > whole {
                    let rest = values[range.upperBound - tail..<range.upperBound]
                    made[places.count - 1] = rest.reversed().reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
                }
                validity?.bytes.withUnsafeBufferPointer { bits in
                    for (offset, place) in places.enumerated() {
                        made[offset] &= bits[range.lowerBound / 8 + place]
                    }
                }
            }
        }
    }

    /// The lowest bits of eight bytes as one byte, that of the first byte lowest: the product moves the bit of byte i, at
    /// 8 i, by 56 - 7 i, and no two of its terms meet in one place.
    private static func packed(_ bytes: UInt64) -> UInt8 {
        UInt8(truncatingIfNeeded: ((bytes & 0x0101_0101_0101_0101) &* 0x0102_0408_1020_4080) >> 56)
    }

    /// Values of a length each: texts, bytes.
    private mutating func variable(
        _ offsets: Offsets, _ values: [UInt8], _ range: Range<Int>, _ validity: ValidityBitmap?, isLarge: Bool
    ) {
        var total = offsets[range.upperBound] - offsets[range.lowerBound]
        let all = total
        validity?.eachNull(in: range) { total -= offsets[$0 + 1] - offsets[$0] }
        // What null rows have is left out.
        let gaps = total < all ? validity : nil
        if isLarge {
            ends(offsets, range, without: gaps, Int64.self)
        } else if let gaps {
            ends(offsets, range, without: gaps, Int32.self)
        } else {
            ends(offsets, range)
        }
        appendBuffer(total) { file throws(SystemError) in
            guard let gaps else {
                return try Self.write(
                    values[offsets[range.lowerBound]..<offsets[range.upperBound]], to: &file)
            }
            for row in range where gaps[row] {
                try Self.write(values[offsets[row]..<offsets[row + 1]], to: &file)
            }
        }
    }

    /// Where the value of each row begins, and where the last one ends, within 4 GiB: many are done at a time.
    private mutating func ends(_ offsets: Offsets, _ range: Range<Int>) {
        appendBuffer((range.count + 1) * MemoryLayout<UInt32>.stride) { file throws(SystemError) in
            let before = offsets.words[range.lowerBound]
            try file.write(range.count + 1) { (places, made: UnsafeMutablePointer<UInt32>) in
                offsets.words.withUnsafeBufferPointer { words in
                    let start = words.baseAddress! + range.lowerBound + places.lowerBound
                    for place in 0..<places.count { made[place] = start[place] &- before }
                }
            }
        }
    }

    /// Where the value of each row begins, and where the last one ends; those of gaps are left out.
    private mutating func ends<Offset: FixedWidthInteger & BitwiseCopyable>(
        _ offsets: Offsets, _ range: Range<Int>, without gaps: ValidityBitmap?, _: Offset.Type
    ) {
        appendBuffer((range.count + 1) * MemoryLayout<Offset>.stride) { file throws(SystemError) in
            var missing = offsets[range.lowerBound]
            try file.write(range.count + 1) { (places, made: UnsafeMutablePointer<Offset>) in
                for place in 0..<places.count {
                    let row = range.lowerBound + places.lowerBound + place
                    if row > range.lowerBound, let gaps, !gaps[row - 1] {
                        missing += offsets[row] - offsets[row - 1]
                    }
                    made[place] = Offset(truncatingIfNeeded: offsets[row] - missing)
                }
            }
        }
    }
}
