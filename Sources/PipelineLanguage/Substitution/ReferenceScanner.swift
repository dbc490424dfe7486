/// Cuts a text at its `${...}`.
///
/// Ours is `${IDENT.` only: an identifier directly followed by a dot. All other
/// `${` are text; `$${` is a literal `${`.
enum ReferenceScanner {
    enum Part {
        case literal(String)
        case reference(space: String, name: String)
        /// `${space.` without a `}`.
        case unclosed(space: String)
    }

    /// Whether there is anything to cut: what every other text pays.
    static func mayHoldReference(_ text: String) -> Bool {
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "{"), previous == UInt8(ascii: "$") { return true }
            previous = byte
        }
        return false
    }

    static func parts(_ text: String) -> [Part] {
        let text = TextBytes(text)
        var parts: [Part] = []
        var literal: [UInt8] = []
        var index = 0
        func flush() {
            if !literal.isEmpty { parts.append(.literal(String(decoding: literal, as: UTF8.self))) }
            literal = []
        }
        while index < text.count {
            if isEscape(text, at: index) {
                literal += "${".utf8
                index += 3
            } else if let (space, afterDot) = opening(text, at: index) {
                flush()
                guard let close = text.firstIndex(of: "}", from: afterDot) else {
                    parts.append(.unclosed(space: space))
                    return parts
                }
                parts.append(.reference(space: space, name: text.string(afterDot..<close)))
                index = close + 1
            } else {
                literal.append(text.bytes[index])
                index += 1
            }
        }
        flush()
        return parts
    }

    /// Whether `$${` stands here.
    static func isEscape(_ text: TextBytes, at index: Int) -> Bool {
        index + 2 < text.count && text[index] == "$" && text[index + 1] == "$" && text[index + 2] == "{"
    }

    /// The space and where the name begins, if `${IDENT.` stands here.
    static func opening(_ text: TextBytes, at index: Int) -> (space: String, afterDot: Int)? {
        guard text[index] == "$", index + 1 < text.count, text[index + 1] == "{" else { return nil }
        var dot = index + 2
        while dot < text.count, isIdentifierPart(text[dot]) { dot += 1 }
        guard dot > index + 2, dot < text.count, text[dot] == "." else { return nil }
        return (text.string(index + 2..<dot), dot + 1)
    }

    private static func isIdentifierPart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "_": true
        default: false
        }
    }
}

/// A text byte by byte, for scans to which only ASCII means something: a byte
/// of any other character reads as none of it.
struct TextBytes {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    var count: Int { bytes.count }

    subscript(index: Int) -> Unicode.Scalar { Unicode.Scalar(bytes[index]) }

    /// - Precondition: The range begins and ends between characters.
    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    func firstIndex(of scalar: Unicode.Scalar, from start: Int) -> Int? {
        bytes[start...].firstIndex(of: UInt8(ascii: scalar))
    }
}
