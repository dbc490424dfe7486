import DataFrames

/// Writes runs of small unsigned integers; see `HybridRuns`.
enum HybridWriting {
    /// Equal values are worth a run of their own from this many on.
    private static let longRun = 16

    /// Bits that hold every index below a count.
    static func width(count: Int) -> Int { count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount }

    /// - Complexity: O(values).
    static func append(_ values: UnsafeBufferPointer<UInt32>, width: Int, to bytes: inout [UInt8]) {
        var start = 0
        var place = 0
        while place < values.count {
            let value = values[place]
            var end = place + 1
            while end < values.count, values[end] == value { end += 1 }
            if end - place >= longRun {
                // Packed runs are of whole groups of eight: the equal values
                // fill the last one up.
                let fill = (8 - (place - start) % 8) % 8
                let cut = place + fill
                pack(UnsafeBufferPointer(rebasing: values[start..<cut]), width, &bytes)
                varint(UInt64(end - cut) << 1, &bytes)
                for byte in 0..<((width + 7) / 8) {
                    bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * byte)))
                }
                start = end
            }
            place = end
        }
        pack(UnsafeBufferPointer(rebasing: values[start...]), width, &bytes)
    }

    private static func pack(_ values: UnsafeBufferPointer<UInt32>, _ width: Int, _ bytes: inout [UInt8]) {
        guard !values.isEmpty else { return }
        let groups = (values.count + 7) / 8
        varint(UInt64(groups) << 1 | 1, &bytes)
        guard width > 0 else { return }
        let start = bytes.count
        let size = groups * width
        bytes.append(contentsOf: repeatElement(0, count: size))
        bytes.withUnsafeMutableBytes { target in
            let base = target.baseAddress! + start
            var word: UInt64 = 0
            var bits = 0
            var place = 0
            for value in values {
                word |= UInt64(value) &<< UInt64(bits)
                bits += width
                if bits >= 32 {
                    (base + place).storeBytes(
                        of: UInt32(truncatingIfNeeded: word).littleEndian, as: UInt32.self)
                    place += 4
                    word >>= 32
                    bits -= 32
                }
            }
            while bits > 0, place < size {
                (base + place).storeBytes(of: UInt8(truncatingIfNeeded: word), as: UInt8.self)
                place += 1
                word >>= 8
                bits -= 8
            }
        }
    }

    /// Definition levels of rows, 1 for one that is there: their length first,
    /// as pages of version 1 have them.
    static func appendLevels(_ validity: ValidityBitmap?, _ rows: Range<Int>, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes += [0, 0, 0, 0]
        if let validity {
            varint(UInt64((rows.count + 7) / 8) << 1 | 1, &bytes)
            validity.bytes.withUnsafeBufferPointer { bits in
                let shift = rows.lowerBound & 7
                for row in stride(from: rows.lowerBound, to: rows.upperBound, by: 8) {
                    var byte = UInt16(bits[row >> 3])
                    if shift > 0, (row >> 3) + 1 < bits.count { byte |= UInt16(bits[(row >> 3) + 1]) << 8 }
                    byte >>= UInt16(shift)
                    let left = rows.upperBound - row
                    if left < 8 { byte &= 1 << UInt16(left) - 1 }
                    bytes.append(UInt8(truncatingIfNeeded: byte))
                }
            }
        } else {
            varint(UInt64(rows.count) << 1, &bytes)
            bytes.append(1)
        }
        let count = UInt32(bytes.count - start - 4)
        for byte in 0..<4 { bytes[start + byte] = UInt8(truncatingIfNeeded: count >> UInt32(8 * byte)) }
    }

    private static func varint(_ value: UInt64, _ bytes: inout [UInt8]) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }
}
