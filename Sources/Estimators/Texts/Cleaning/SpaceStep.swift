/// White space folded: Unicode's, and the separators of information (U+001C to U+001F), as Python's `str.isspace` has it.
struct SpaceStep: TextStep {
    let keepsLines: Bool

    func keeps(_ text: UnsafeBufferPointer<UInt8>) -> Bool { text.isEmpty }

    func take(_ text: UnsafeBufferPointer<UInt8>, _ output: inout GrowingBuffer<UInt8>) {
        guard let bytes = text.baseAddress else { return }
        output.makeRoom(3 * text.count)
        var place = 0
        var waiting: UInt8?
        while place < text.count {
            let (scalar, count) = UTF8Scalars.read(bytes, place, text.count)
            place += count
            if UnicodeTables.isSpace(scalar) {
                waiting = keepsLines && (waiting == 0x0A || endsLine(scalar)) ? 0x0A : 0x20
                continue
            }
            if let space = waiting, output.count > 0 { output.append(space) }
            waiting = nil
            output.append(scalar: scalar)
        }
    }

    private func endsLine(_ scalar: UInt32) -> Bool {
        scalar &- 0x0A < 4 || scalar == 0x85 || scalar == 0x2028 || scalar == 0x2029
    }
}

/// Without control characters, but for white space, and without those format characters that change nothing but how a text is
/// laid out: soft hyphen, zero-width space, word joiner, byte order mark, marks of direction. Joiners stay: scripts need them.
struct ControlStep: TextStep {
    func keeps(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var isSuspect = false
        for byte in text { isSuspect = isSuspect || byte < 0x20 || byte >= 0x7F }
        return !isSuspect
    }

    func take(_ text: UnsafeBufferPointer<UInt8>, _ output: inout GrowingBuffer<UInt8>) {
        guard let bytes = text.baseAddress else { return }
        var place = 0
        while place < text.count {
            let (scalar, count) = UTF8Scalars.read(bytes, place, text.count)
            if !isControl(scalar) { output.append(scalar: scalar) }
            place += count
        }
    }

    private func isControl(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x09...0x0D, 0x85: false
        case 0...0x1F, 0x7F...0x9F: true
        case 0xAD, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x206F, 0xFEFF: true
        case 0xFFF9...0xFFFB: true
        default: false
        }
    }
}
