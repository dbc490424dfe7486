/// A number for each Unicode scalar, 0 for most: pages of 128 scalars, equal pages kept once.
struct ScalarTable: Sendable {
    private let pages: [UInt16]
    private let values: [Int32]

    /// - Parameter entries: Scalars and their values.
    init(_ entries: [(scalar: UInt32, value: Int32)]) {
        var filled: [Int: [Int32]] = [:]
        for (scalar, value) in entries {
            filled[Int(scalar >> 7), default: [Int32](repeating: 0, count: 128)][Int(scalar & 127)] = value
        }
        var values = [Int32](repeating: 0, count: 128)
        var known: [[Int32]: UInt16] = [values: 0]
        var pages = [UInt16](repeating: 0, count: 0x110000 >> 7)
        for page in filled.keys.sorted() {
            guard let numbers = filled[page] else { continue }
            let place = known[numbers] ?? UInt16(values.count >> 7)
            if known[numbers] == nil {
                known[numbers] = place
                values += numbers
            }
            pages[page] = place
        }
        (self.pages, self.values) = (pages, values)
    }

    /// - Precondition: It is at most 0x10FFFF.
    @inline(__always)
    subscript(scalar: UInt32) -> Int32 {
        pages.withUnsafeBufferPointer { pages in
            values.withUnsafeBufferPointer { $0[Int(pages[Int(scalar >> 7)]) << 7 | Int(scalar & 127)] }
        }
    }
}

/// Whole numbers out of the text they are kept as in source: five bits a character from '0' to 'O', the low ones first,
/// 32 more where another follows; line ends between them mean nothing. Made by `scripts/unicode_tables.py`.
struct PackedNumbers: IteratorProtocol, Sequence {
    private let text: StaticString
    private var place = 0

    init(_ text: StaticString) { self.text = text }

    mutating func next() -> Int? {
        let bytes = text.utf8Start
        var (number, shift) = (0, 0)
        while place < text.utf8CodeUnitCount {
            let byte = bytes[place]
            place += 1
            if byte < 0x30 { continue }
            number |= Int((byte - 0x30) & 31) << shift
            shift += 5
            if byte - 0x30 < 32 { return number }
        }
        return nil
    }

    /// A number that may be below zero, kept with its sign in the lowest bit.
    mutating func nextSigned() -> Int? { next().map { $0 & 1 == 0 ? $0 >> 1 : -($0 >> 1) - 1 } }
}
