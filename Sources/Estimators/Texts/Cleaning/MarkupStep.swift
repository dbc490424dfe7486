/// Without HTML: tags, comments, declarations, and scripts and styles with what is in them go; character references become what
/// they stand for. What only looks like markup, such as a tag that never ends, stays.
///
/// A tag that has its place within a line, such as `<b>`, leaves nothing; any other leaves a space where none is yet.
///
/// - Complexity: O(bytes).
struct MarkupStep: TextStep {
    private let references = CharacterReferences()

    func keeps(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var isSuspect = false
        for byte in text { isSuspect = isSuspect || byte == 0x3C || byte == 0x26 }
        return !isSuspect
    }

    func take(_ text: UnsafeBufferPointer<UInt8>, _ output: inout GrowingBuffer<UInt8>) {
        var markup = MarkupReader(text)
        var place = 0
        while place < text.count {
            let byte = text[place]
            if byte == 0x3C, let found = markup.skip(place) {
                place = found.end
                if found.separates, let last = output.elements.last, last != 0x20, last != 0x0A {
                    output.append(0x20)
                }
            } else if byte == 0x26, let found = references.read(text, place) {
                for scalar in found.scalars { output.append(scalar: scalar) }
                place = found.end
            } else {
                output.append(byte)
                place += 1
            }
        }
    }
}

/// Finds where pieces of markup end. What a search found to be nowhere is not searched for again.
private struct MarkupReader {
    private let text: UnsafeBufferPointer<UInt8>
    private let lastEnd: Int
    private var honoursQuotes = true
    private var mayEndComment = true
    private var mayEndRaw: [String: Bool] = [:]

    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
        lastEnd = text.lastIndex(of: 0x3E) ?? -1
    }

    /// What begins with `<` at a place, nil if it is no markup.
    mutating func skip(_ place: Int) -> (end: Int, separates: Bool)? {
        guard place + 1 < text.count, place < lastEnd else { return nil }
        switch text[place + 1] {
        case 0x21 where starts(place + 2, "--"):
            return endOfComment(place + 4).map { ($0, false) }
        case 0x21, 0x3F:
            return find(0x3E, place + 2).map { ($0 + 1, false) }
        default:
            return skipTag(place)
        }
    }

    private mutating func endOfComment(_ start: Int) -> Int? {
        guard mayEndComment else { return nil }
        // `<!-->` and `<!--->` are comments too.
        if starts(start, ">") { return start + 1 }
        if starts(start, "->") { return start + 2 }
        var place = start
        while let end = find(0x3E, place) {
            if end >= start + 2, text[end - 1] == 0x2D, text[end - 2] == 0x2D { return end + 1 }
            place = end + 1
        }
        mayEndComment = false
        return nil
    }

    private mutating func skipTag(_ start: Int) -> (end: Int, separates: Bool)? {
        let isClosing = text[start + 1] == 0x2F
        let from = start + (isClosing ? 2 : 1)
        var place = from
        while place < text.count, isNamePart(text[place]) { place += 1 }
        guard place > from, isLetter(text[from]), place - from <= 64 else { return nil }
        let name = String(decoding: text[from..<place], as: UTF8.self).lowercased()
        guard let end = endOfTag(place) else { return nil }
        if !isClosing, name == "script" || name == "style", let raw = endOfRaw(end, name) {
            return (raw, true)
        }
        return (end, !MarkupReader.inline.contains(name))
    }

    /// Behind the next `>` that is in no quotes.
    private mutating func endOfTag(_ start: Int) -> Int? {
        var place = start
        var quote: UInt8 = 0
        while honoursQuotes, place < text.count {
            let byte = text[place]
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if byte == 0x3E {
                return place + 1
            } else if byte == 0x22 || byte == 0x27 {
                quote = byte
            }
            place += 1
        }
        honoursQuotes = false
        return find(0x3E, start).map { $0 + 1 }
    }

    /// Behind the closing tag of a script or style.
    private mutating func endOfRaw(_ start: Int, _ name: String) -> Int? {
        guard mayEndRaw[name] ?? true else { return nil }
        var place = start
        while let next = find(0x3C, place) {
            place = next + 1
            if starts(place, "/" + name), let end = find(0x3E, place) { return end + 1 }
        }
        mayEndRaw[name] = false
        return nil
    }

    private func find(_ byte: UInt8, _ start: Int) -> Int? {
        var place = start
        while place < text.count {
            if text[place] == byte { return place }
            place += 1
        }
        return nil
    }

    /// Whether these letters stand there, large or small.
    private func starts(_ place: Int, _ word: String) -> Bool {
        guard place + word.utf8.count <= text.count else { return false }
        for (offset, byte) in word.utf8.enumerated() {
            let own = text[place + offset]
            if own != byte && !(isLetter(own) && own | 0x20 == byte) { return false }
        }
        return true
    }

    private func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    private func isNamePart(_ byte: UInt8) -> Bool {
        isLetter(byte) || byte &- 0x30 < 10 || byte == 0x2D || byte == 0x3A
    }

    /// Elements of phrasing content that do not part words.
    private static let inline: Set<String> = [
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
        "i",
        "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
        "time",
        "tt", "u", "var", "wbr",
    ]
}
