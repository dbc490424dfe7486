import CDataFrames

/// The values of a column in one of the physical layouts the file format has.
/// A row that is null (see `DataColumn.validity`) still takes a place here;
/// what stands in it means nothing.
public enum ColumnStorage: Hashable, Sendable {
    case boolean([Bool])
    case int64([Int64])
    case float64([Double])
    case utf8(StringStorage)
    case binary(BinaryStorage)
    /// A category: every row is an index into the levels.
    case dictionary(indices: [Int32], levels: [String])
    /// Days since 1970-01-01.
    case date32([Int32])
    /// Microseconds since 1970-01-01T00:00:00Z.
    case timestamp([Int64])

    /// Rows.
    public var count: Int {
        switch self {
        case .boolean(let values): values.count
        case .int64(let values), .timestamp(let values): values.count
        case .float64(let values): values.count
        case .utf8(let values): values.count
        case .binary(let values): values.count
        case .dictionary(let indices, _): indices.count
        case .date32(let values): values.count
        }
    }

    /// The rows at these places, in this order; a place may come twice.
    /// - Complexity: O(rows taken), for text O(bytes taken).
    public func gather(_ rows: [Int]) -> ColumnStorage {
        switch self {
        case .boolean(let values): .boolean(rows.map { values[$0] })
        case .int64(let values): .int64(rows.map { values[$0] })
        case .float64(let values): .float64(rows.map { values[$0] })
        case .utf8(let values): .utf8(values.gather(rows))
        case .binary(let values): .binary(values.gather(rows))
        case .dictionary(let indices, let levels):
            .dictionary(indices: rows.map { indices[$0] }, levels: levels)
        case .date32(let values): .date32(rows.map { values[$0] })
        case .timestamp(let values): .timestamp(rows.map { values[$0] })
        }
    }
}

/// Strings end to end in one buffer, as Arrow's utf8 layout has them: row `i`
/// is the bytes from `offsets[i]` to `offsets[i + 1]`.
public struct StringStorage: Hashable, Sendable {
    public private(set) var offsets = Offsets()
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public init(_ strings: some Sequence<String>) {
        for string in strings { append(string.utf8) }
    }

    /// Takes both buffers as they are.
    /// - Precondition: The offsets end with the number of bytes; the bytes between two of them are UTF-8.
    public init(uncheckedOffsets offsets: Offsets, bytes: [UInt8]) {
        precondition(offsets.last == bytes.count, "offsets that do not span the bytes")
        self.offsets = offsets
        self.bytes = bytes
    }

    public var count: Int { offsets.count - 1 }

    /// Takes the bytes of one more row, which must be UTF-8.
    public mutating func append(_ utf8: some Sequence<UInt8>) {
        bytes.append(contentsOf: utf8)
        offsets.append(bytes.count)
    }

    /// Takes rows of another storage.
    /// - Complexity: O(bytes taken).
    public mutating func append(_ other: StringStorage, _ rows: Range<Int>) {
        bytes += other.bytes[other.offsets[rows.lowerBound]..<other.offsets[rows.upperBound]]
        offsets.append(other.offsets, rows)
    }

    /// Takes more fields at once, each of which must be UTF-8, of so many bytes in all at most; around each are bytes
    /// that may be looked at (`PaddedField`). Room is made for twice what there is, so that many calls cost no more
    /// than one.
    @inline(__always)
    mutating func append(
        rows: Int, bytes most: Int, _ text: (Int) -> (UnsafePointer<UInt8>, Int)
    ) {
        let end = bytes.count
        let wanted = end + most + PaddedField.behind
        if bytes.capacity < wanted { bytes.reserveCapacity(max(wanted, 2 * bytes.capacity)) }
        bytes.append(contentsOf: repeatElement(0, count: wanted - end))
        var place = end
        bytes.withUnsafeMutableBufferPointer { bytes in
            let bytes = bytes.baseAddress!
            offsets.append(rows) { offsets in
                for row in 0..<rows {
                    let (start, count) = text(row)
                    sluice_copy_field(bytes + place, start, count)
                    place &+= count
                    offsets[row] = UInt32(truncatingIfNeeded: place)
                }
                return place
            }
        }
        bytes.removeLast(bytes.count - place)
    }

    /// Whether a row has these bytes.
    @inline(__always)
    func bytes(of row: Int, equal text: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = offsets[row]
        guard offsets[row &+ 1] &- start == text.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < text.count {
                if bytes[start &+ index] != text[index] { return false }
                index &+= 1
            }
            return true
        }
    }

    public subscript(row: Int) -> String {
        String(decoding: bytes[offsets[row]..<offsets[row + 1]], as: UTF8.self)
    }

    func gather(_ rows: [Int]) -> StringStorage {
        var taken = StringStorage()
        taken.offsets.reserveCapacity(rows.count + 1)
        for row in rows { taken.append(bytes[offsets[row]..<offsets[row + 1]]) }
        return taken
    }
}
