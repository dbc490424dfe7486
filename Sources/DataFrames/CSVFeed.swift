/// Cuts a CSV file whose bytes come block by block, so that one larger than memory passes. A block ends behind a record:
/// what is left of it is the start of the next one, and a block grows to the longest record.
public final class CSVFeed {
    /// Gives the next bytes of the file, as many as there is room for or fewer, and whether they are the last.
    public typealias Fill = (UnsafeMutableRawBufferPointer) throws -> (count: Int, isLast: Bool)

    private var cutter: CSVCutter
    private let fill: Fill?
    private let blockBytes: Int
    private let mostBytes: Int
    private var block: CSVBlock?
    /// Blocks that chunks may still point into.
    private var spares: [CSVBlock] = []
    private var isWhole: Bool
    /// Bytes before those of the block.
    private var passed = 0

    /// - Parameters:
    ///   - blockBytes: How many are read at a time; they stay in the second-level cache while a chunk's columns are
    ///     read from them.
    ///   - mostBytes: Of a record; one that is longer is an error.
    public init(
        _ format: CSVFormat, blockBytes: Int = 1 << 19, mostBytes: Int = FieldSpans.longest,
        fill: @escaping Fill
    ) {
        cutter = CSVCutter(UnsafeRawBufferPointer(start: nil, count: 0), format, isWhole: false)
        self.fill = fill
        self.blockBytes = blockBytes
        self.mostBytes = mostBytes
        isWhole = false
    }

    /// Of a file that lies in memory.
    ///
    /// - Precondition: The bytes outlive this and the chunks.
    public init(_ bytes: UnsafeRawBufferPointer, _ format: CSVFormat) {
        cutter = CSVCutter(bytes, format)
        fill = nil
        blockBytes = bytes.count
        mostBytes = FieldSpans.longest
        isWhole = true
    }

    public var isAtEnd: Bool { isWhole && cutter.isAtEnd }
    /// Of the next record, from 1.
    public var row: Int { cutter.row }

    /// What the columns are called, and so how many fields a row has.
    var names: [String]? {
        get { cutter.names }
        set {
            cutter.names = newValue
            cutter.keepsEmptyLines = newValue?.count == 1
        }
    }

    /// Cuts the next records, of which there may be fewer than were asked for before the end, and sees that they are
    /// UTF-8.
    ///
    /// - Throws: `CSVError.encoding`, `.unclosedQuote`, `.recordTooLong`; what `fill` throws.
    public func cut(into chunk: CSVChunk, records: Int) throws {
        if cutter.isAtEnd, !isWhole { try move() }
        while true {
            let (start, row) = (cutter.position, cutter.row)
            do {
                try cutter.cutUTF8(into: chunk, records: records)
            } catch {
                throw error.moved(by: passed)
            }
            chunk.block = block
            if isWhole || cutter.position > start || cutter.row > row { return }
            try move()
        }
    }

    /// Goes back to before the first record of the chunk that was cut last.
    func goBack(to chunk: CSVChunk) { cutter.goBack(to: chunk) }

    /// Brings more bytes, behind those that have not been cut.
    private func move() throws {
        guard let fill else { preconditionFailure("all bytes are there") }
        let rest = cutter.rest
        guard rest.count < mostBytes else { throw CSVError.recordTooLong(row: cutter.row, limit: mostBytes) }
        let next = spare(of: min(max(blockBytes, 2 * rest.count), mostBytes))
        next.bytes.copyMemory(from: rest)
        let room = UnsafeMutableRawBufferPointer(rebasing: next.bytes[rest.count...])
        let (count, isLast) = try fill(room)
        isWhole = isLast
        passed += cutter.position
        let isFirst = block == nil
        if let block { spares.append(block) }
        block = next
        let bytes = UnsafeRawBufferPointer(rebasing: next.bytes[..<(rest.count + count)])
        cutter.move(to: bytes, isWhole: isWhole, isFirst: isFirst)
    }

    /// A block that no chunk points into.
    private func spare(of size: Int) -> CSVBlock {
        for index in spares.indices where spares[index].bytes.count >= size {
            if isKnownUniquelyReferenced(&spares[index]) { return spares.remove(at: index) }
        }
        spares.removeAll { $0.bytes.count < size }
        return CSVBlock(size)
    }
}

/// Memory that records lie in, with bytes around them that may be looked at (`PaddedField`).
final class CSVBlock {
    private let all: UnsafeMutableRawBufferPointer
    let bytes: UnsafeMutableRawBufferPointer

    init(_ count: Int) {
        all = .allocate(byteCount: PaddedField.before + count + PaddedField.behind, alignment: 64)
        bytes = UnsafeMutableRawBufferPointer(rebasing: all[PaddedField.before...].prefix(count))
    }

    deinit { all.deallocate() }
}
