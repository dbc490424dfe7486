/// The metadata of a record batch (Message.fbs of apache/arrow, format 1.5)
/// with its body; every buffer is known to lie inside the body.
struct RecordBatch {
    /// Rows.
    let length: Int
    let nodes: FlatVector?
    let buffers: FlatVector?
    let variadic: FlatVector?
    let body: UnsafeRawBufferPointer
    let place: String

    init(_ table: FlatTable, body: UnsafeRawBufferPointer, place: String) throws(ArrowError) {
        self.body = body
        self.place = place
        if let compression = try table.table(3) {
            let codec = try compression.scalar(0, default: Int8(0))
            throw ArrowError(.compressed(codec: codec == 0 ? "LZ4" : codec == 1 ? "ZSTD" : "codec \(codec)"))
        }
        let rows = try table.scalar(0, default: Int64(0))
        guard rows >= 0 else { throw ArrowError(.damaged(place: place, what: "it has \(rows) rows")) }
        length = Int(rows)
        nodes = try table.vector(1, stride: 16)
        buffers = try table.vector(2, stride: 16)
        variadic = try table.vector(4, stride: 8)
        // Buffers may not share bytes, so that a file never unfolds to more
        // than its size column by column.
        var total = 0
        for index in 0..<(buffers?.count ?? 0) {
            total += try extent(index).count
            guard total <= body.count else {
                throw ArrowError(.damaged(place: place, what: "its buffers overlap"))
            }
        }
    }

    func extent(_ index: Int) throws(ArrowError) -> Range<Int> {
        guard let buffers else { throw ArrowError(.damaged(place: place, what: "it has no buffers")) }
        let offset = try buffers.scalar(index, as: Int64.self)
        let length = try buffers.scalar(index, at: 8, as: Int64.self)
        guard offset >= 0, length >= 0, offset <= body.count, length <= Int64(body.count) - offset else {
            throw ArrowError(.damaged(place: place, what: "a buffer lies outside the body"))
        }
        return Int(offset)..<Int(offset + length)
    }

    /// Nulls of a column, by its place in the schema.
    func nullCount(_ node: Int) throws(ArrowError) -> Int {
        guard let nodes else { throw ArrowError(.damaged(place: place, what: "it has no columns")) }
        let rows = try nodes.scalar(node, as: Int64.self)
        let nulls = try nodes.scalar(node, at: 8, as: Int64.self)
        guard rows == length, nulls >= 0, nulls <= rows else {
            throw ArrowError(
                .damaged(
                    place: place, what: "column \(node + 1) has \(rows) rows and \(nulls) nulls of \(length)")
            )
        }
        return Int(nulls)
    }
}

/// Takes nodes and buffers of a batch in the order of the columns.
struct BatchCursor {
    let batch: RecordBatch
    private var node = 0
    private var buffer = 0
    private var variadic = 0

    init(_ batch: RecordBatch) { self.batch = batch }

    mutating func nextNullCount() throws(ArrowError) -> Int {
        defer { node += 1 }
        return try batch.nullCount(node)
    }

    mutating func nextBuffer() throws(ArrowError) -> UnsafeRawBufferPointer {
        defer { buffer += 1 }
        return UnsafeRawBufferPointer(rebasing: batch.body[try batch.extent(buffer)])
    }

    /// The data buffers of a view column.
    mutating func nextVariadic() throws(ArrowError) -> [UnsafeRawBufferPointer] {
        guard let counts = batch.variadic else {
            throw ArrowError(.damaged(place: batch.place, what: "the numbers of view buffers are missing"))
        }
        let count = try counts.scalar(variadic, as: Int64.self)
        variadic += 1
        guard count >= 0, count <= Int64((batch.buffers?.count ?? 0) - buffer) else {
            throw ArrowError(.damaged(place: batch.place, what: "a column has \(count) view buffers"))
        }
        var buffers: [UnsafeRawBufferPointer] = []
        for _ in 0..<count { buffers.append(try nextBuffer()) }
        return buffers
    }

    /// Whether every part was taken.
    func finish() throws(ArrowError) {
        guard node == batch.nodes?.count ?? 0, buffer == batch.buffers?.count ?? 0 else {
            throw ArrowError(.damaged(place: batch.place, what: "it has more columns than the schema"))
        }
    }
}
