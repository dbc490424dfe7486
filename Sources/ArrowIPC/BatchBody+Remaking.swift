import DataFrames
import Platform

extension BatchBody {
    /// A batch of ours as it is to be with other levels and longer offsets; else its buffers stay.
    ///
    /// - Parameters:
    ///   - batch: Of a file that stays mapped until the body is written.
    ///   - wasLarge: Of each field whether its offsets have 64 bits there.
    ///   - levels: Of each field what its indices become; nil are themselves.
    init(
        remaking batch: RecordBatch, _ fields: [WrittenField], wasLarge: [Bool], levels: [[Int32]?]
    ) throws(ArrowError) {
        self.init(rows: batch.length)
        var cursor = BatchCursor(batch)
        for (place, field) in fields.enumerated() {
            appendNode(nulls: try cursor.nextNullCount())
            let bits = try cursor.nextBuffer()
            append(bits)
            let values = try cursor.nextBuffer()
            switch field.layout {
            case .dictionary:
                guard let moved = levels[place] else {
                    append(values)
                    continue
                }
                try Self.check(indices: values, bits, of: batch)
                append(indices: values, bits, moved)
            case .utf8, .binary:
                let isWidened = field.isLarge && !wasLarge[place]
                if isWidened { append(widening: values) } else { append(values) }
                append(try cursor.nextBuffer())
            case .boolean, .int64, .float64, .date32, .timestamp: append(values)
            }
        }
    }

    /// Rows are looked up in both by their number: a file that was cut short must not be read behind its end.
    private static func check(
        indices values: UnsafeRawBufferPointer, _ bits: UnsafeRawBufferPointer, of batch: RecordBatch
    ) throws(ArrowError) {
        guard values.count == batch.length * 4, bits.isEmpty || bits.count == (batch.length + 7) / 8 else {
            throw ArrowError(
                .damaged(
                    place: batch.place,
                    what:
                        "\(values.count) bytes of indices and \(bits.count) of nulls are not of \(batch.length) rows"
                ))
        }
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        appendBuffer(bytes.count) { file throws(SystemError) in try file.write(bytes) }
    }

    private mutating func append(
        indices values: UnsafeRawBufferPointer, _ bits: UnsafeRawBufferPointer, _ moved: [Int32]
    ) {
        appendBuffer(values.count) { file throws(SystemError) in
            try file.write(values.count / 4) { (rows, made: UnsafeMutablePointer<Int32>) in
                for (place, row) in rows.enumerated() {
                    let isNull = !bits.isEmpty && bits[row >> 3] >> UInt8(row & 7) & 1 == 0
                    let index = values.loadUnaligned(fromByteOffset: row * 4, as: Int32.self)
                    made[place] = isNull ? 0 : moved[Int(index)]
                }
            }
        }
    }

    private mutating func append(widening ends: UnsafeRawBufferPointer) {
        appendBuffer(ends.count * 2) { file throws(SystemError) in
            try file.write(ends.count / 4) { (rows, made: UnsafeMutablePointer<Int64>) in
                for (place, row) in rows.enumerated() {
                    made[place] = Int64(ends.loadUnaligned(fromByteOffset: row * 4, as: Int32.self))
                }
            }
        }
    }
}
