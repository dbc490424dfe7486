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
        let scalars = Array(text.unicodeScalars)
        var parts: [Part] = []
        var literal = String.UnicodeScalarView()
        var index = 0
        func flush() {
            if !literal.isEmpty { parts.append(.literal(String(literal))) }
            literal = String.UnicodeScalarView()
        }
        while index < scalars.count {
            if isEscape(scalars, at: index) {
                literal.append(contentsOf: "${".unicodeScalars)
                index += 3
            } else if let (space, afterDot) = opening(scalars, at: index) {
                flush()
                guard let close = scalars[afterDot...].firstIndex(of: "}") else {
                    parts.append(.unclosed(space: space))
                    return parts
                }
                let name = String(String.UnicodeScalarView(scalars[afterDot..<close]))
                parts.append(.reference(space: space, name: name))
                index = close + 1
            } else {
                literal.append(scalars[index])
                index += 1
            }
        }
        flush()
        return parts
    }

    /// Whether `$${` stands here.
    static func isEscape(_ scalars: [Unicode.Scalar], at index: Int) -> Bool {
        index + 2 < scalars.count && scalars[index] == "$" && scalars[index + 1] == "$"
            && scalars[index + 2] == "{"
    }

    /// The space and where the name begins, if `${IDENT.` stands here.
    static func opening(_ scalars: [Unicode.Scalar], at index: Int) -> (space: String, afterDot: Int)? {
        guard scalars[index] == "$", index + 1 < scalars.count, scalars[index + 1] == "{" else { return nil }
        let word = scalars[(index + 2)...].prefix {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || $0 == "_"
        }
        let dot = index + 2 + word.count
        guard !word.isEmpty, dot < scalars.count, scalars[dot] == "." else { return nil }
        return (String(String.UnicodeScalarView(word)), dot + 1)
    }
}
