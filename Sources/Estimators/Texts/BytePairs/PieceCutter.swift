/// Cuts texts into the pieces within which tokens lie: runs of letters, digits and low lines, of other characters, and of white
/// space. The space before a run that is not white space belongs to it. Put together, pieces are the text.
struct PieceCutter: ~Copyable {
    /// Longer runs are cut, so that no work grows with the square of a text.
    static let mostCharacters = 64

    /// The text, and behind it bytes that may be read.
    private var text = GrowingBuffer<UInt8>(capacity: 256)
    private(set) var pieces = GrowingBuffer<TermCutter.Term>()

    private enum Kind { case space, word, other }

    var bytes: UnsafePointer<UInt8> { UnsafePointer(text.start) }

    mutating func cut(_ source: UnsafeBufferPointer<UInt8>) {
        text.count = 0
        text.makeRoom(source.count + 16)
        if let from = source.baseAddress { text.start.update(from: from, count: source.count) }
        text.count = source.count
        pieces.count = 0
        var place = 0
        while place < text.count {
            let end = end(of: place)
            pieces.append(TermCutter.Term(start: place, count: end - place))
            place = end
        }
    }

    private func kind(_ place: Int) -> (kind: Kind, count: Int, scalar: UInt32) {
        let (scalar, count) = UTF8Scalars.read(bytes, place, text.count)
        let kind: Kind =
            UnicodeTables.isSpace(scalar) ? .space : UnicodeTables.words[scalar] != 0 ? .word : .other
        return (kind, count, scalar)
    }

    private func end(of start: Int) -> Int {
        let first = kind(start)
        var (run, place, characters) = (first.kind, start + first.count, 1)
        if first.scalar == 0x20, place < text.count {
            let next = kind(place)
            if next.kind != .space { run = next.kind }
        }
        while place < text.count, characters < Self.mostCharacters {
            let next = kind(place)
            guard next.kind == run else { break }
            let end = place + next.count
            // The last space goes with what follows.
            if run == .space, next.scalar == 0x20, end < text.count, kind(end).kind != .space { break }
            place = end
            characters += 1
        }
        return place
    }
}
