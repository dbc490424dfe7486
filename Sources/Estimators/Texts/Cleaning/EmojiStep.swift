/// Without emoji: what Unicode shows as one by itself or with U+FE0F behind it, symbols from U+2600 on that it lists as emoji,
/// keycaps and flags; each with modifiers, variation selectors, tags, and what joiners tie to it.
///
/// A run of them that stands between two characters, neither of them a space, leaves a space, so that no two words become one.
///
/// Source: Unicode Technical Standard 51, "Unicode Emoji", section 1.4.
struct EmojiStep: TextStep {
    func keeps(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        // Keycaps have U+20E3.
        isASCII(text)
    }

    func take(_ text: UnsafeBufferPointer<UInt8>, _ output: inout GrowingBuffer<UInt8>) {
        guard let bytes = text.baseAddress else { return }
        var place = 0
        var isBehindEmoji = false
        while place < text.count {
            let end = emoji(bytes, place, text.count)
            if end > place {
                place = end
                isBehindEmoji = true
                continue
            }
            let (scalar, count) = UTF8Scalars.read(bytes, place, text.count)
            if isBehindEmoji, output.count > 0, !UnicodeTables.isSpace(scalar),
                !UnicodeTables.isSpace(UTF8Scalars.readBack(UnsafePointer(output.start), output.count).scalar)
            {
                output.append(0x20)
            }
            isBehindEmoji = false
            output.append(scalar: scalar)
            place += count
        }
    }

    /// Where the sequence ends that begins at a place; the place itself where none does.
    private func emoji(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
        func scalar(_ place: Int) -> (scalar: UInt32, count: Int) {
            place < end ? UTF8Scalars.read(bytes, place, end) : (0, 0)
        }
        let first = scalar(start)
        var place = start + first.count
        if first.scalar < 0x80 {
            // A keycap: a digit, perhaps a selector, and the frame.
            guard isKey(first.scalar) else { return start }
            if scalar(place).scalar == 0xFE0F { place += 3 }
            return scalar(place).scalar == 0x20E3 ? place + 3 : start
        }
        guard isEmoji(first.scalar, before: scalar(place).scalar) else { return start }
        while true {
            let (next, count) = scalar(place)
            switch next {
            case 0xFE0E, 0xFE0F, 0x20E3, 0x1F3FB...0x1F3FF, 0xE0020...0xE007F: place += count
            case 0x200D:
                let joined = scalar(place + count)
                guard isEmoji(joined.scalar, before: 0xFE0F) else { return place }
                place += count + joined.count
            default: return place
            }
        }
    }

    private func isKey(_ scalar: UInt32) -> Bool { scalar &- 0x30 < 10 || scalar == 0x23 || scalar == 0x2A }

    private func isEmoji(_ scalar: UInt32, before next: UInt32) -> Bool {
        // Where any are at all.
        guard scalar == 0xA9 || scalar == 0xAE || 0x203C...0x3299 ~= scalar || scalar >= 0x1F000,
            let properties = Unicode.Scalar(scalar)?.properties, properties.isEmoji
        else { return false }
        return properties.isEmojiPresentation || next == 0xFE0F || 0x1F3FB...0x1F3FF ~= next
            || 0x2600...0x27BF ~= scalar || scalar >= 0x1F000
    }
}
