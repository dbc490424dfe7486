import Platform

/// A text that comes bit by bit, cut behind line breaks into pieces of about one size, the first of them even where the
/// text is empty. One piece is in memory at a time, and a line longer than that.
final class LinePieces {
    struct Piece {
        /// Valid until the next piece is asked for.
        let bytes: UnsafeRawBufferPointer
        /// Before its first line.
        let lines: Int
    }

    private let source: any ByteStream
    private let size: Int
    private var room: UnsafeMutableRawBufferPointer
    /// Bytes that were read, those of the last piece first.
    private var held = 0
    private var given = 0
    private var lines = 0
    private var isAtEnd = false
    private var isFirst = true

    /// - Parameter size: Bytes of a piece at least, the last one's apart; a line is never cut.
    init(_ source: any ByteStream, size: Int = 8 << 20) {
        self.source = source
        self.size = size
        room = .allocate(byteCount: size + 1, alignment: 64)
    }

    deinit { room.deallocate() }

    /// Nil behind the last.
    func next() throws -> Piece? {
        passLast()
        var from = size - 1
        while true {
            try fill()
            while let end = lineEnd(behind: from) {
                if end == held {
                    if isAtEnd { return give(end) }
                    break
                }
                // At the start of a piece a byte order mark would be taken for the text's own.
                if room[end] != 0xEF { return give(end) }
                from = end
            }
            if isAtEnd { return held > 0 || isFirst ? give(held) : nil }
            grow()
        }
    }

    private func lineEnd(behind from: Int) -> Int? {
        from < held ? room[from..<held].firstIndex(of: 0x0A).map { $0 + 1 } : nil
    }

    private func give(_ count: Int) -> Piece {
        isFirst = false
        given = count
        return Piece(bytes: UnsafeRawBufferPointer(rebasing: room[..<count]), lines: lines)
    }

    private func passLast() {
        lines += room[..<given].reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
        room.copyMemory(from: UnsafeRawBufferPointer(rebasing: room[given..<held]))
        held -= given
        given = 0
    }

    private func fill() throws {
        while held < room.count, !isAtEnd {
            let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: room[held...]))
            isAtEnd = count == 0
            held += count
        }
    }

    private func grow() {
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: room.count * 2, alignment: 64)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: room[..<held]))
        room.deallocate()
        room = larger
    }
}
