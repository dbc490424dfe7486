/// Cuts a stream into lines, whatever pieces it comes in. A line longer than
/// the bound is cut there, so that no writer can fill the keeper's memory.
struct LineSplitter {
    static let longest = 1 << 20

    private var open: [UInt8] = []
    private var isSkipping = false

    mutating func feed(_ bytes: UnsafeRawBufferPointer, _ emit: ([UInt8]) -> Void) {
        for piece in bytes.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
            if piece.offset > 0 {
                emit(open)
                open.removeAll()
                isSkipping = false
            }
            guard !isSkipping else { continue }
            open += piece.element.prefix(Self.longest - open.count)
            isSkipping = open.count == Self.longest
        }
    }

    /// A last line that has no line feed is a line too.
    mutating func finish(_ emit: ([UInt8]) -> Void) {
        if !open.isEmpty { emit(open) }
        open.removeAll()
    }
}
