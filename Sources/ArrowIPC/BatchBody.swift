import DataFrames

/// The body of a batch with the places of its buffers. Null rows are written
/// as zero or empty: equal tables give equal bytes.
struct BatchBody {
    private(set) var bytes: [UInt8] = []
    private var nodes: [Int64] = []
    private var buffers: [Int64] = []
    private let rows: Int

    init(rows: Int) { self.rows = rows }

    func header(_ builder: inout FlatBufferBuilder) -> FlatBufferBuilder.Place {
        let nodes = builder.vector(words: nodes, perElement: 2)
        let buffers = builder.vector(words: buffers, perElement: 2)
        return builder.table([(0, .int64(Int64(rows))), (1, .place(nodes)), (2, .place(buffers))])
    }

    /// A column without nulls.
    mutating func appendText(_ texts: StringStorage, isLarge: Bool) {
        nodes += [Int64(rows), 0]
        buffer { _ in }
        variable(texts.offsets, texts.bytes, 0..<rows, nil, isLarge: isLarge)
    }

    /// These rows of a column; they begin at a multiple of 8.
    mutating func append(_ field: WrittenField, _ range: Range<Int>) {
        let column = field.column
        var validity = column.validity
        var nulls = 0
        if let bitmap = validity {
            nulls = range.count { !bitmap[$0] }
            if nulls == 0 { validity = nil }
        }
        nodes += [Int64(rows), Int64(nulls)]
        buffer { bytes in
            guard let validity else { return }
            bytes += validity.bytes[(range.lowerBound / 8)..<((range.upperBound + 7) / 8)]
        }
        switch column.storage {
        case .boolean(let values): bits(values, range, validity)
        case .int64(let values), .timestamp(let values): fixed(values, range, validity, zero: 0)
        case .float64(let values): fixed(values, range, validity, zero: 0)
        case .date32(let values): fixed(values, range, validity, zero: 0)
        case .dictionary(let indices, _): fixed(indices, range, validity, zero: 0)
        case .utf8(let texts): variable(texts.offsets, texts.bytes, range, validity, isLarge: field.isLarge)
        case .binary(let values):
            variable(values.offsets, values.bytes, range, validity, isLarge: field.isLarge)
        }
    }

    /// A buffer, padded to 64 bytes.
    private mutating func buffer(_ fill: (inout [UInt8]) -> Void) {
        let start = bytes.count
        fill(&bytes)
        buffers += [Int64(start), Int64(bytes.count - start)]
        while bytes.count % 64 != 0 { bytes.append(0) }
    }

    private mutating func fixed<T>(_ values: [T], _ range: Range<Int>, _ validity: ValidityBitmap?, zero: T) {
        var part = values[range]
        if let validity {
            for row in range where !validity[row] { part[row] = zero }
        }
        buffer { bytes in part.withUnsafeBytes { bytes.append(contentsOf: $0) } }
    }

    private mutating func bits(_ values: [Bool], _ range: Range<Int>, _ validity: ValidityBitmap?) {
        buffer { bytes in
            var byte: UInt8 = 0
            for (place, row) in range.enumerated() {
                if values[row], validity?[row] ?? true { byte |= 1 << UInt8(place & 7) }
                if place & 7 == 7 || row == range.upperBound - 1 {
                    bytes.append(byte)
                    byte = 0
                }
            }
        }
    }

    /// Values of a length each: texts, bytes.
    private mutating func variable(
        _ offsets: [Int], _ values: [UInt8], _ range: Range<Int>, _ validity: ValidityBitmap?, isLarge: Bool
    ) {
        var ends = [0]
        ends.reserveCapacity(range.count + 1)
        var isPlain = true
        for row in range {
            let length = offsets[row + 1] - offsets[row]
            let isNull = !(validity?[row] ?? true)
            if isNull, length > 0 { isPlain = false }
            ends.append(ends[ends.count - 1] + (isNull ? 0 : length))
        }
        buffer { bytes in
            if isLarge {
                ends.withUnsafeBytes { bytes.append(contentsOf: $0) }
            } else {
                ends.map { Int32($0) }.withUnsafeBytes { bytes.append(contentsOf: $0) }
            }
        }
        buffer { bytes in
            if isPlain {
                bytes += values[offsets[range.lowerBound]..<offsets[range.upperBound]]
            } else {
                for row in range where validity?[row] ?? true {
                    bytes += values[offsets[row]..<offsets[row + 1]]
                }
            }
        }
    }
}
