/// Integers as differences in blocks: of each block the least difference, and
/// of each part of it how many bits the rest takes.
///
/// Source: apache/parquet-format 2.11, Encodings.md, "Delta Encoding
/// (DELTA_BINARY_PACKED = 5)".
struct DeltaIntegers {
    /// What the header says; the caller holds it to what it expects.
    let count: Int
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0
    private let partsPerBlock: Int
    private let valuesPerPart: Int
    private let first: Int64

    /// Nil where the header is none. Eight bytes behind `bytes` may be read.
    init?(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        var position = 0
        guard let block = Self.varint(bytes, &position), let parts = Self.varint(bytes, &position),
            let count = Self.varint(bytes, &position), let first = Self.varint(bytes, &position),
            block > 0, block <= 1 << 20, parts > 0, parts <= block, block % parts == 0,
            (block / parts) % 8 == 0, count <= UInt64(Int32.max)
        else { return nil }
        self.count = Int(count)
        self.first = Self.unzigzag(first)
        partsPerBlock = Int(parts)
        valuesPerPart = Int(block / parts)
        self.position = position
    }

    /// All values.
    /// - Returns: False where the bytes end before them; `position` is behind
    ///   the last block then, which is where other data may begin.
    mutating func decode(into target: UnsafeMutablePointer<Int64>) -> Bool {
        guard count > 0 else { return true }
        var value = first
        target[0] = value
        var filled = 1
        while filled < count {
            guard let least = Self.varint(bytes, &position).map(Self.unzigzag),
                partsPerBlock <= bytes.count - position
            else { return false }
            let widths = position
            position += partsPerBlock
            for part in 0..<partsPerBlock where filled < count {
                let width = Int(bytes[widths + part])
                guard width <= 64 else { return false }
                let taken = min(valuesPerPart, count - filled)
                // The last part may be cut off where no value lies in it.
                guard (taken * width + 7) / 8 <= bytes.count - position, let base = bytes.baseAddress else {
                    return false
                }
                let start = base + position
                for index in 0..<taken {
                    let word = BitUnpacking.word(start, bit: index * width, width: width)
                    value = value &+ least &+ Int64(bitPattern: word)
                    target[filled + index] = value
                }
                filled += taken
                position = min(bytes.count, position + valuesPerPart / 8 * width)
            }
        }
        return true
    }

    private static func varint(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    private static func unzigzag(_ word: UInt64) -> Int64 {
        Int64(bitPattern: word >> 1) ^ -Int64(bitPattern: word & 1)
    }
}
