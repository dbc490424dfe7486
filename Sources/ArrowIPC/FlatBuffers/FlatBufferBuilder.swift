/// Writes FlatBuffers. Equal calls give equal bytes: no table is shared, fields
/// stand in the order they are given.
///
/// A buffer grows from its end, children before what points to them, so the
/// bytes are kept in reverse and a place is its distance from the end.
struct FlatBufferBuilder {
    /// Distance of an object's first byte from the end of the buffer.
    struct Place: Hashable, Sendable { fileprivate let distance: Int }

    enum Value {
        case int8(UInt8)
        case int16(Int16)
        case int32(Int32)
        case int64(Int64)
        case flag(Bool)
        case place(Place)
    }

    private var reversed: [UInt8] = []

    mutating func string(_ text: String) -> Place {
        let content = Array(text.utf8)
        align(4, after: content.count + 1)
        reversed.append(0)
        reversed.append(contentsOf: content.reversed())
        push(UInt32(content.count))
        return here
    }

    mutating func vector(_ elements: [Place]) -> Place {
        align(4, after: elements.count * 4)
        for element in elements.reversed() { push(element) }
        push(UInt32(elements.count))
        return here
    }

    /// A list of structs, each given as its 64-bit words in order.
    mutating func vector(words: [Int64], perElement: Int) -> Place {
        align(4, after: words.count * 8)
        align(8, after: words.count * 8)
        for word in words.reversed() { push(word) }
        push(UInt32(words.count / perElement))
        return here
    }

    /// A table of the fields given by slot; the others have their defaults.
    mutating func table(_ fields: [(slot: Int, value: Value)]) -> Place {
        let end = reversed.count
        var distances: [Int] = []
        for (slot, value) in fields {
            switch value {
            case .int8(let number): push(number)
            case .int16(let number): push(number)
            case .int32(let number): push(number)
            case .int64(let number): push(number)
            case .flag(let flag): push(UInt8(flag ? 1 : 0))
            case .place(let place): push(place)
            }
            while distances.count <= slot { distances.append(0) }
            distances[slot] = reversed.count
        }
        push(Int32(0))
        let object = reversed.count
        for distance in distances.reversed() { push(UInt16(distance == 0 ? 0 : object - distance)) }
        push(UInt16(object - end))
        push(UInt16(4 + 2 * distances.count))
        let back = UInt32(reversed.count - object)
        for byte in 0..<4 {
            reversed[object - 1 - byte] = UInt8(truncatingIfNeeded: back >> (8 * UInt32(byte)))
        }
        return Place(distance: object)
    }

    /// The buffer with its root; its length is a multiple of 8.
    mutating func finish(_ root: Place) -> [UInt8] {
        align(8, after: 4)
        push(root)
        return reversed.reversed()
    }

    private var here: Place { Place(distance: reversed.count) }

    /// Pads so that after `count` more bytes the place is a multiple of `size`.
    private mutating func align(_ size: Int, after count: Int) {
        while (reversed.count + count) % size != 0 { reversed.append(0) }
    }

    private mutating func push<T: FixedWidthInteger>(_ value: T) {
        align(MemoryLayout<T>.size, after: 0)
        for byte in stride(from: MemoryLayout<T>.size - 1, through: 0, by: -1) {
            reversed.append(UInt8(truncatingIfNeeded: value >> T(8 * byte)))
        }
    }

    private mutating func push(_ place: Place) {
        align(4, after: 0)
        push(UInt32(reversed.count + 4 - place.distance))
    }
}
