/// A text cut behind line breaks into pieces of about one size, the first of them even where the text is empty.
struct LinePieces {
    struct Piece {
        let bytes: UnsafeRawBufferPointer
        /// Before its first line.
        let lines: Int
    }

    private let text: UnsafeRawBufferPointer
    private let size: Int
    private var position = 0
    private var lines = 0
    private var isFirst = true

    /// - Parameter size: Bytes of a piece at least, the last one's apart; a line is never cut.
    init(_ text: UnsafeRawBufferPointer, size: Int = 8 << 20) {
        self.text = text
        self.size = size
    }

    /// Nil behind the last.
    mutating func next() -> Piece? {
        guard isFirst || position < text.count else { return nil }
        isFirst = false
        let rest = UnsafeRawBufferPointer(rebasing: text[position...])
        let piece = Piece(bytes: UnsafeRawBufferPointer(rebasing: rest[..<end(in: rest)]), lines: lines)
        position += piece.bytes.count
        lines += piece.bytes.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
        return piece
    }

    private func end(in rest: UnsafeRawBufferPointer) -> Int {
        var from = size - 1
        while from < rest.count, let found = rest[from...].firstIndex(of: 0x0A) {
            let end = found + 1
            // At the start of a piece a byte order mark would be taken for the text's own.
            if end == rest.count || rest[end] != 0xEF { return end }
            from = end
        }
        return rest.count
    }
}
