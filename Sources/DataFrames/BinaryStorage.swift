/// Values of any bytes end to end in one buffer, as Arrow's binary layout has
/// them: row `i` is the bytes from `offsets[i]` to `offsets[i + 1]`. Images and
/// audio are whole files of theirs.
public struct BinaryStorage: Hashable, Sendable {
    public private(set) var offsets = Offsets()
    public private(set) var bytes: [UInt8] = []

    public init() {}

    /// Takes both buffers as they are.
    /// - Precondition: The offsets end with the number of bytes.
    public init(offsets: Offsets, bytes: [UInt8]) {
        precondition(offsets.last == bytes.count, "offsets that do not span the bytes")
        self.offsets = offsets
        self.bytes = bytes
    }

    public var count: Int { offsets.count - 1 }

    public mutating func reserveCapacity(rows: Int, bytes count: Int) {
        offsets.reserveCapacity(rows + 1)
        bytes.reserveCapacity(count)
    }

    /// Takes the bytes of one more row.
    public mutating func append(_ value: some Sequence<UInt8>) {
        bytes.append(contentsOf: value)
        offsets.append(bytes.count)
    }

    /// Takes rows of another storage.
    /// - Complexity: O(bytes taken)
    public mutating func append(_ other: BinaryStorage, _ rows: Range<Int>) {
        bytes += other.bytes[other.offsets[rows.lowerBound]..<other.offsets[rows.upperBound]]
        offsets.append(other.offsets, rows)
    }

    public subscript(row: Int) -> ArraySlice<UInt8> { bytes[offsets[row]..<offsets[row + 1]] }

    /// The rows at these places, in this order; one below zero is empty.
    /// - Complexity: O(bytes taken)
    public func gather(_ rows: some Collection<some BinaryInteger>) -> BinaryStorage {
        var taken = BinaryStorage()
        taken.reserveCapacity(
            rows: rows.count, bytes: rows.reduce(0) { $1 < 0 ? $0 : $0 + self[Int($1)].count })
        for row in rows { taken.append(row < 0 ? [] : self[Int(row)]) }
        return taken
    }
}
