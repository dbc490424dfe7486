/// The keys of the objects at one place, in the order they are first seen. As
/// most rows have the keys of the row before in its order, a key is compared
/// with the one expected before it is looked for.
final class KeyShape {
    struct Key {
        let bytes: UnsafeBufferPointer<UInt8>
        /// Whether it stands between quotes as it is.
        let isPlain: Bool
        /// The column's name: the key, and those of the objects around it.
        let name: String
        /// Nil while no value has been seen that goes into a column; -1 for one
        /// that belongs into none.
        var column: Int?
        /// The last row that has it, as far as no column tells.
        var row = -1
        /// Of the objects that stand here, where those are flattened.
        var child: KeyShape?
    }

    private let prefix: String
    var keys: [Key] = []
    private var places: [String: Int] = [:]

    /// - Parameter prefix: What stands before a key in the column's name.
    init(prefix: String = "") { self.prefix = prefix }

    deinit { for key in keys { key.bytes.deallocate() } }

    /// The key that stands at a scanner's quote; its place among the keys.
    ///
    /// - Parameter expected: Where it probably is.
    @inline(__always)
    func take(_ scanner: inout JSONScanner, expected: Int) throws(JSONFault) -> Int {
        if expected < keys.count, keys[expected].isPlain {
            let bytes = keys[expected].bytes
            let first = scanner.position + 1
            let last = first + bytes.count
            if last < scanner.end, scanner.start[last] == 0x22 {
                var index = 0
                while index < bytes.count, scanner.start[first + index] == bytes[index] { index += 1 }
                if index == bytes.count {
                    scanner.position = last + 1
                    return expected
                }
            }
        }
        return try find(&scanner)
    }

    @inline(never)
    private func find(_ scanner: inout JSONScanner) throws(JSONFault) -> Int {
        let key = String(decoding: try scanner.string(), as: UTF8.self)
        if let place = places[key] { return place }
        let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: key.utf8.count)
        _ = bytes.initialize(from: key.utf8)
        places[key] = keys.count
        keys.append(
            Key(
                bytes: UnsafeBufferPointer(bytes),
                isPlain: bytes.allSatisfy { $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }, name: prefix + key))
        return keys.count - 1
    }

    func child(_ place: Int) -> KeyShape {
        if let child = keys[place].child { return child }
        let child = KeyShape(prefix: keys[place].name + ".")
        keys[place].child = child
        return child
    }
}
