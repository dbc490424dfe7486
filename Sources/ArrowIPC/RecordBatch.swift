/// The metadata of a record batch (Message.fbs of apache/arrow, format 1.5)
/// with its body; every buffer is known to lie inside the body.
struct RecordBatch {
    /// Rows.
    let length: Int
    let nodes: FlatVector?
    let buffers: FlatVector?
    let variadic: FlatVector?
    let body: UnsafeRawBufferPointer
    /// Bytes of the body when unpacked.
    let unfolded: Int
    let place: String
    private let unpacked: UnpackedBuffers?

    init(_ table: FlatTable, body: UnsafeRawBufferPointer, place: String) throws(ArrowError) {
        self.body = body
        self.place = place
        let rows = try table.scalar(0, default: Int64(0))
        guard rows >= 0 else { throw ArrowError(.damaged(place: place, what: "it has \(rows) rows")) }
        length = Int(rows)
        nodes = try table.vector(1, stride: 16)
        buffers = try table.vector(2, stride: 16)
        variadic = try table.vector(4, stride: 8)
        if let compression = try table.table(3) {
            let number = try compression.scalar(0, default: Int8(0))
            guard let codec = BodyCodec(rawValue: number), try compression.scalar(1, default: Int8(0)) == 0
            else {
                throw ArrowError(.compressed(codec: "codec \(number)"))
            }
            unpacked = UnpackedBuffers(codec, place: place)
        } else {
            unpacked = nil
        }
        // Buffers may not share bytes, so that a file never unfolds to more
        // than its size column by column.
        var total = 0
        var unfolded = 0
        for index in 0..<(buffers?.count ?? 0) {
            let extent = try Self.extent(index, of: buffers, in: body, place)
            total += extent.count
            guard total <= body.count else {
                throw ArrowError(.damaged(place: place, what: "its buffers overlap"))
            }
            if unpacked != nil {
                let packed = UnsafeRawBufferPointer(rebasing: body[extent])
                let limit = max(1 << 30, body.count.multipliedReportingOverflow(by: 1024).partialValue)
                guard let count = UnpackedBuffers.count(packed), count <= limit - unfolded else {
                    throw ArrowError(
                        .damaged(
                            place: place,
                            what: "buffer \(index + 1) is said to unfold to more than any file does"))
                }
                unfolded += Int(count)
            }
        }
        self.unfolded = unpacked == nil ? body.count : unfolded
    }

    /// The bytes of a buffer, unpacked when first asked for; they stay as long as the batch.
    func buffer(_ index: Int) throws(ArrowError) -> UnsafeRawBufferPointer {
        let bytes = UnsafeRawBufferPointer(
            rebasing: body[try Self.extent(index, of: buffers, in: body, place)])
        return try unpacked?.unpacked(bytes, number: index) ?? bytes
    }

    private static func extent(
        _ index: Int, of buffers: FlatVector?, in body: UnsafeRawBufferPointer, _ place: String
    ) throws(ArrowError) -> Range<Int> {
        guard let buffers else { throw ArrowError(.damaged(place: place, what: "it has no buffers")) }
        let offset = try buffers.scalar(index, as: Int64.self)
        let length = try buffers.scalar(index, at: 8, as: Int64.self)
        guard offset >= 0, length >= 0, offset <= body.count, length <= Int64(body.count) - offset else {
            throw ArrowError(.damaged(place: place, what: "a buffer lies outside the body"))
        }
        return Int(offset)..<Int(offset + length)
    }

    /// Nulls of a column, by the place of its node.
    func nullCount(_ node: Int) throws(ArrowError) -> Int {
        let (rows, nulls) = try self.node(node)
        guard rows == length else {
            throw ArrowError(
                .damaged(place: place, what: "column \(node + 1) has \(rows) rows of \(length)"))
        }
        return nulls
    }

    /// Rows and nulls of a column, or of a part of a nested one.
    func node(_ index: Int) throws(ArrowError) -> (rows: Int, nulls: Int) {
        guard let nodes else { throw ArrowError(.damaged(place: place, what: "it has no columns")) }
        let rows = try nodes.scalar(index, as: Int64.self)
        let nulls = try nodes.scalar(index, at: 8, as: Int64.self)
        // No file has 2^48 rows, and sums of fewer do not overflow.
        guard 0...1 << 48 ~= rows, nulls >= 0, nulls <= rows else {
            throw ArrowError(
                .damaged(place: place, what: "column \(index + 1) has \(nulls) nulls in \(rows) rows"))
        }
        return (Int(rows), Int(nulls))
    }
}

/// Takes nodes and buffers of a batch in the order of the columns.
struct BatchCursor {
    let batch: RecordBatch
    private var node = 0
    private var buffer = 0
    private var variadic = 0

    init(_ batch: RecordBatch) { self.batch = batch }

    /// Of a column, which has as many rows as the batch.
    mutating func nextNullCount() throws(ArrowError) -> Int {
        defer { node += 1 }
        return try batch.nullCount(node)
    }

    /// Of what lies within a nested column.
    mutating func nextNode() throws(ArrowError) -> (rows: Int, nulls: Int) {
        defer { node += 1 }
        return try batch.node(node)
    }

    mutating func nextBuffer() throws(ArrowError) -> UnsafeRawBufferPointer {
        defer { buffer += 1 }
        return try batch.buffer(buffer)
    }

    /// Passes over a column, and what lies within it, without unpacking it.
    mutating func pass(_ field: ArrowField) throws(ArrowError) {
        node += 1
        switch field.layout {
        case .null: break
        case .structure: buffer += 1
        case .fixedList: buffer += 1
        case .utf8, .largeUtf8, .binary, .largeBinary: buffer += 3
        case .utf8View, .binaryView: buffer += 2 + (try nextVariadicCount(after: 2))
        case .boolean, .integer, .float, .decimal, .days, .dayMilliseconds, .timestamp, .list, .map:
            buffer += 2
        }
        if field.dictionary == nil { for child in field.children { try pass(child) } }
    }

    /// The data buffers of a view column.
    mutating func nextVariadic() throws(ArrowError) -> [UnsafeRawBufferPointer] {
        var buffers: [UnsafeRawBufferPointer] = []
        for _ in 0..<(try nextVariadicCount(after: 0)) { buffers.append(try nextBuffer()) }
        return buffers
    }

    /// - Parameter others: Buffers of the column that come before them and are not taken yet.
    private mutating func nextVariadicCount(after others: Int) throws(ArrowError) -> Int {
        guard let counts = batch.variadic else {
            throw ArrowError(.damaged(place: batch.place, what: "the numbers of view buffers are missing"))
        }
        let count = try counts.scalar(variadic, as: Int64.self)
        variadic += 1
        guard count >= 0, count <= Int64((batch.buffers?.count ?? 0) - buffer - others) else {
            throw ArrowError(.damaged(place: batch.place, what: "a column has \(count) view buffers"))
        }
        return Int(count)
    }

    /// Whether every part was taken.
    func finish() throws(ArrowError) {
        guard node == batch.nodes?.count ?? 0, buffer == batch.buffers?.count ?? 0 else {
            throw ArrowError(.damaged(place: batch.place, what: "it has more columns than the schema"))
        }
    }
}
