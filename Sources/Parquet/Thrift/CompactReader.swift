/// Reads Apache Thrift's compact protocol from bytes that may be wrong: every
/// length is held to what is there, every nesting to a bound.
///
/// Source: Apache Thrift, "Thrift Compact protocol encoding",
/// github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md.
struct CompactReader {
    /// Types of the protocol, as a field's header has them. The values of
    /// booleans lie in the header itself.
    enum Kind: UInt8 {
        case yes = 1
        case no, byte, int16, int32, int64, double, binary, list, set, map, structure, uuid
    }

    struct Field {
        let id: Int
        let kind: Kind
    }

    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0
    /// What an error says is damaged.
    private let place: String
    private var depth = 0

    /// Structures within structures; those of Parquet go six deep.
    private static let depthLimit = 32

    init(_ bytes: UnsafeRawBufferPointer, place: String) {
        self.bytes = bytes
        self.place = place
    }

    func damaged(_ what: String) -> ParquetError { ParquetError(.damaged(place: place, what: what)) }

    private mutating func byte() throws(ParquetError) -> UInt8 {
        guard position < bytes.count else { throw damaged("it ends in the middle of a value") }
        defer { position += 1 }
        return bytes[position]
    }

    private mutating func varint() throws(ParquetError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 64 else { throw damaged("a number is longer than 64 bits") }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    private mutating func zigzag() throws(ParquetError) -> Int64 {
        let word = try varint()
        return Int64(bitPattern: word >> 1) ^ -Int64(bitPattern: word & 1)
    }

    /// Calls `body` for each field of the structure at hand; a field it does not
    /// take (by returning false) is skipped.
    mutating func structure(
        _ body: (inout CompactReader, Field) throws(ParquetError) -> Bool
    ) throws(ParquetError) {
        depth += 1
        guard depth <= Self.depthLimit else { throw damaged("its structures are nested too deep") }
        var id = 0
        while true {
            let header = try byte()
            if header == 0 { break }
            let delta = Int(header >> 4)
            if delta == 0 {
                id = Int(truncatingIfNeeded: Int16(truncatingIfNeeded: try zigzag()))
            } else {
                id += delta
            }
            guard let kind = Kind(rawValue: header & 15) else {
                throw damaged("a field has type \(header & 15), which is none")
            }
            if !(try body(&self, Field(id: id, kind: kind))) { try skip(kind) }
        }
        depth -= 1
    }

    /// The elements of a list field; `body` takes one.
    mutating func list<Element>(
        _ field: Field, of kind: Kind,
        _ body: (inout CompactReader) throws(ParquetError) -> Element
    ) throws(ParquetError) -> [Element] {
        guard field.kind == .list || field.kind == .set else { throw wrong(field) }
        let (found, count) = try listHeader()
        guard found == kind || count == 0 else { throw wrong(field) }
        var elements: [Element] = []
        for _ in 0..<count { elements.append(try body(&self)) }
        return elements
    }

    /// Every element takes a byte at least, so no count exceeds the bytes.
    private mutating func listHeader() throws(ParquetError) -> (kind: Kind, count: Int) {
        let header = try byte()
        let count = header >> 4 == 15 ? try varint() : UInt64(header >> 4)
        guard let kind = Kind(rawValue: header & 15) else {
            throw damaged("a list has elements of type \(header & 15), which is none")
        }
        guard count <= UInt64(bytes.count - position) else {
            throw damaged("a list is said to have \(count) elements")
        }
        return (kind, Int(count))
    }

    mutating func integer(_ field: Field) throws(ParquetError) -> Int64 {
        switch field.kind {
        case .byte: return Int64(Int8(bitPattern: try byte()))
        case .int16, .int32, .int64: return try zigzag()
        default: throw wrong(field)
        }
    }

    /// An integer that counts or measures something: never negative.
    mutating func size(_ field: Field) throws(ParquetError) -> Int {
        let value = try integer(field)
        guard value >= 0 else { throw damaged("a size is \(value)") }
        return Int(value)
    }

    /// An element of a list of integers.
    mutating func element() throws(ParquetError) -> Int { Int(try zigzag()) }

    mutating func flag(_ field: Field) throws(ParquetError) -> Bool {
        guard field.kind == .yes || field.kind == .no else { throw wrong(field) }
        return field.kind == .yes
    }

    mutating func binary(_ field: Field) throws(ParquetError) -> UnsafeRawBufferPointer {
        guard field.kind == .binary else { throw wrong(field) }
        return try binary()
    }

    /// An element of a list of texts, or the value of a field.
    mutating func binary() throws(ParquetError) -> UnsafeRawBufferPointer {
        let count = try varint()
        guard count <= UInt64(bytes.count - position) else {
            throw damaged("a text is said to have \(count) bytes")
        }
        defer { position += Int(count) }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<(position + Int(count))])
    }

    mutating func text(_ field: Field) throws(ParquetError) -> String {
        guard let text = String(validating: try binary(field), as: UTF8.self) else {
            throw damaged("a name is not UTF-8")
        }
        return text
    }

    func wrong(_ field: Field) -> ParquetError {
        damaged("its field \(field.id) is of another type (\(field.kind))")
    }

    private mutating func skip(_ kind: Kind) throws(ParquetError) {
        switch kind {
        case .yes, .no: break
        case .byte: _ = try byte()
        case .int16, .int32, .int64: _ = try varint()
        case .double: try pass(8)
        case .uuid: try pass(16)
        case .binary: _ = try binary()
        case .list, .set:
            let (kind, count) = try listHeader()
            try deeper { (reader) throws(ParquetError) in
                for _ in 0..<count { try reader.skipElement(kind) }
            }
        case .map:
            let count = try varint()
            guard count > 0 else { return }
            guard count <= UInt64(bytes.count - position) else {
                throw damaged("a map is said to have \(count) entries")
            }
            let kinds = try byte()
            guard let key = Kind(rawValue: kinds >> 4), let value = Kind(rawValue: kinds & 15) else {
                throw damaged("a map has no types")
            }
            try deeper { (reader) throws(ParquetError) in
                for _ in 0..<count {
                    try reader.skipElement(key)
                    try reader.skipElement(value)
                }
            }
        case .structure: try structure { (_, _) throws(ParquetError) in false }
        }
    }

    /// In a list a boolean takes a byte.
    private mutating func skipElement(_ kind: Kind) throws(ParquetError) {
        if kind == .yes || kind == .no { try pass(1) } else { try skip(kind) }
    }

    private mutating func deeper(
        _ body: (inout CompactReader) throws(ParquetError) -> Void
    ) throws(ParquetError) {
        depth += 1
        guard depth <= Self.depthLimit else { throw damaged("its lists are nested too deep") }
        try body(&self)
        depth -= 1
    }

    private mutating func pass(_ count: Int) throws(ParquetError) {
        guard count <= bytes.count - position else { throw damaged("it ends in the middle of a value") }
        position += count
    }
}
