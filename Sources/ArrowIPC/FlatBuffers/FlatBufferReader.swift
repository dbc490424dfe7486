/// FlatBuffers as Arrow's metadata uses them, read from bytes nobody vouches
/// for: every access is checked against the bounds, nothing is followed by
/// recursion, and the sum of what is read is bounded, so that offsets that
/// point to one place many times cost no more than honest ones.
///
/// Source: "FlatBuffers Internals", flatbuffers.dev/internals.
final class FlatBuffer {
    let bytes: UnsafeRawBufferPointer
    /// The part of the file it is, for errors.
    let place: String
    private var budget: Int

    init(_ bytes: UnsafeRawBufferPointer, place: String) {
        self.bytes = bytes
        self.place = place
        budget = bytes.count * 16 + 4096
    }

    func damaged(_ what: String) -> ArrowError { ArrowError(.damaged(place: place, what: what)) }

    /// The table the buffer is about.
    func root() throws(ArrowError) -> FlatTable { try table(at: Int(scalar(at: 0, as: UInt32.self))) }

    /// A little-endian integer at an offset from the start.
    func scalar<T: FixedWidthInteger>(at offset: Int, as: T.Type) throws(ArrowError) -> T {
        guard offset >= 0, offset <= bytes.count - MemoryLayout<T>.size else {
            throw damaged("an offset leads outside the metadata")
        }
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    func table(at position: Int) throws(ArrowError) -> FlatTable {
        try spend(8)
        let back = Int(try scalar(at: position, as: Int32.self))
        let fields = position - back
        let size = Int(try scalar(at: fields, as: UInt16.self))
        guard size >= 4, fields <= bytes.count - size else {
            throw damaged("the list of a table's fields leads outside the metadata")
        }
        return FlatTable(buffer: self, position: position, fields: fields, fieldsSize: size)
    }

    /// What an offset stored at a place points to.
    func target(at position: Int) throws(ArrowError) -> Int {
        position + Int(try scalar(at: position, as: UInt32.self))
    }

    func vector(at position: Int, stride: Int) throws(ArrowError) -> FlatVector {
        let count = Int(try scalar(at: position, as: UInt32.self))
        guard count <= (bytes.count - position - 4) / stride else {
            throw damaged("a list is longer than the metadata")
        }
        try spend(count)
        return FlatVector(buffer: self, start: position + 4, count: count, stride: stride)
    }

    func string(at position: Int) throws(ArrowError) -> String {
        let content = try vector(at: position, stride: 1)
        let slice = bytes[content.start..<(content.start + content.count)]
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw damaged("a name is not UTF-8")
        }
        return text
    }

    private func spend(_ amount: Int) throws(ArrowError) {
        budget -= amount
        if budget < 0 { throw damaged("its parts overlap") }
    }
}

/// A table: fields by their slot in the schema, each possibly absent.
struct FlatTable {
    let buffer: FlatBuffer
    let position: Int
    let fields: Int
    let fieldsSize: Int

    /// Where a field's value stands; nil if it has its default.
    func field(_ slot: Int) throws(ArrowError) -> Int? {
        let entry = 4 + 2 * slot
        guard entry + 2 <= fieldsSize else { return nil }
        let offset = Int(try buffer.scalar(at: fields + entry, as: UInt16.self))
        return offset == 0 ? nil : position + offset
    }

    func scalar<T: FixedWidthInteger>(_ slot: Int, default value: T) throws(ArrowError) -> T {
        guard let place = try field(slot) else { return value }
        return try buffer.scalar(at: place, as: T.self)
    }

    func flag(_ slot: Int) throws(ArrowError) -> Bool { try scalar(slot, default: UInt8(0)) != 0 }

    func table(_ slot: Int) throws(ArrowError) -> FlatTable? {
        guard let place = try field(slot) else { return nil }
        return try buffer.table(at: try buffer.target(at: place))
    }

    func string(_ slot: Int) throws(ArrowError) -> String? {
        guard let place = try field(slot) else { return nil }
        return try buffer.string(at: try buffer.target(at: place))
    }

    /// A list of structs or scalars of `stride` bytes; of tables with 4.
    func vector(_ slot: Int, stride: Int) throws(ArrowError) -> FlatVector? {
        guard let place = try field(slot) else { return nil }
        return try buffer.vector(at: try buffer.target(at: place), stride: stride)
    }
}

/// A list whose extent is known to lie inside the buffer.
struct FlatVector {
    let buffer: FlatBuffer
    let start: Int
    let count: Int
    let stride: Int

    /// A scalar `offset` bytes into an element.
    func scalar<T: FixedWidthInteger>(_ index: Int, at offset: Int = 0, as: T.Type) throws(ArrowError) -> T {
        guard index >= 0, index < count else { throw buffer.damaged("a list is too short") }
        return try buffer.scalar(at: start + index * stride + offset, as: T.self)
    }

    func table(_ index: Int) throws(ArrowError) -> FlatTable {
        guard index >= 0, index < count else { throw buffer.damaged("a list is too short") }
        return try buffer.table(at: try buffer.target(at: start + index * stride))
    }
}
