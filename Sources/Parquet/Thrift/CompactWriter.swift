/// Writes Apache Thrift's compact protocol (see `CompactReader`). Fields of a
/// structure are written in rising order of their ids.
struct CompactWriter {
    private(set) var bytes: [UInt8] = []
    /// The id of the field before, of every structure that is open.
    private var last: [Int] = []

    mutating func structure(_ body: (inout CompactWriter) -> Void) {
        last.append(0)
        body(&self)
        last.removeLast()
        bytes.append(0)
    }

    mutating func structure(_ id: Int, _ body: (inout CompactWriter) -> Void) {
        header(id, .structure)
        structure(body)
    }

    mutating func int32(_ id: Int, _ value: Int) {
        header(id, .int32)
        zigzag(Int64(value))
    }

    mutating func int64(_ id: Int, _ value: Int) {
        header(id, .int64)
        zigzag(Int64(value))
    }

    mutating func byte(_ id: Int, _ value: Int8) {
        header(id, .byte)
        bytes.append(UInt8(bitPattern: value))
    }

    mutating func flag(_ id: Int, _ value: Bool) { header(id, value ? .yes : .no) }

    mutating func binary(_ id: Int, _ value: some Collection<UInt8>) {
        header(id, .binary)
        binary(value)
    }

    mutating func text(_ id: Int, _ value: String) { binary(id, value.utf8) }

    mutating func list<Element>(
        _ id: Int, _ kind: CompactReader.Kind, _ elements: [Element],
        _ body: (inout CompactWriter, Element) -> Void
    ) {
        header(id, .list)
        if elements.count < 15 {
            bytes.append(UInt8(elements.count) << 4 | kind.rawValue)
        } else {
            bytes.append(0xF0 | kind.rawValue)
            varint(UInt64(elements.count))
        }
        for element in elements { body(&self, element) }
    }

    /// An element of a list.
    mutating func element(_ value: Int) { zigzag(Int64(value)) }

    /// An element of a list.
    mutating func element(_ value: String) { binary(value.utf8) }

    private mutating func binary(_ value: some Collection<UInt8>) {
        varint(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    private mutating func header(_ id: Int, _ kind: CompactReader.Kind) {
        let delta = id - last[last.count - 1]
        precondition((1...15).contains(delta), "field \(id) after \(last[last.count - 1])")
        bytes.append(UInt8(delta) << 4 | kind.rawValue)
        last[last.count - 1] = id
    }

    private mutating func zigzag(_ value: Int64) { varint(UInt64(bitPattern: value << 1 ^ value >> 63)) }

    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }
}
