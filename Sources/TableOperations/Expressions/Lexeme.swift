/// A word of an expression.
struct Lexeme: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// A column, a function or a word of the language: `amount`, `and`.
        case word
        /// A column between backquotes, which may hold anything else.
        case quotedName(String)
        case text(String)
        case integer(Int64)
        case number(Double)
        /// An operator, a parenthesis, a comma.
        case symbol
        /// A quote that is never closed, digits that are no number, a sign that means nothing.
        case unclosed, badNumber, unknown
        case end
    }

    var kind: Kind
    var spelling: String
    var span: Span

    /// The words of a text, the last one its end.
    ///
    /// - Complexity: O(length).
    static func all(of text: String) -> [Lexeme] {
        let scalars = Array(text.unicodeScalars)
        var lexemes: [Lexeme] = []
        var index = 0
        while index < scalars.count {
            if isSpace(scalars[index]) {
                index += 1
                continue
            }
            let (kind, end) = read(scalars, at: index)
            let spelling = string(scalars[index..<end])
            lexemes.append(
                Lexeme(kind: kind, spelling: spelling, span: Span(offset: index, length: end - index)))
            index = end
        }
        lexemes.append(Lexeme(kind: .end, spelling: "", span: Span(offset: scalars.count, length: 0)))
        return lexemes
    }

    private static func read(_ scalars: [Unicode.Scalar], at start: Int) -> (Kind, end: Int) {
        let scalar = scalars[start]
        switch scalar {
        case "'": return quoted(scalars, at: start).map { (.text($0), $1) } ?? (.unclosed, scalars.count)
        case "`":
            return quoted(scalars, at: start).map { (.quotedName($0), $1) } ?? (.unclosed, scalars.count)
        case "<", ">", "=", "!":
            let pair = start + 1 < scalars.count ? string(scalars[start...(start + 1)]) : ""
            if ["<=", ">=", "==", "!=", "<>"].contains(pair) { return (.symbol, start + 2) }
            return (scalar == "!" ? .unknown : .symbol, start + 1)
        // Other languages' words, kept whole for the message.
        case "&", "|":
            let isPair = start + 1 < scalars.count && scalars[start + 1] == scalar
            return (.unknown, start + (isPair ? 2 : 1))
        case "+", "-", "*", "/", "%", "(", ")", ",": return (.symbol, start + 1)
        default: break
        }
        if isDigit(scalar) || scalar == "." { return number(scalars, at: start) }
        guard isPart(scalar) else { return (.unknown, start + 1) }
        var end = start
        while end < scalars.count, isPart(scalars[end]) { end += 1 }
        return (.word, end)
    }

    /// A quote stands twice for itself, as in SQL.
    private static func quoted(_ scalars: [Unicode.Scalar], at start: Int) -> (String, end: Int)? {
        var text = String.UnicodeScalarView()
        var index = start + 1
        while index < scalars.count {
            if scalars[index] == scalars[start] {
                guard index + 1 < scalars.count, scalars[index + 1] == scalars[start] else {
                    return (String(text), index + 1)
                }
                index += 1
            }
            text.append(scalars[index])
            index += 1
        }
        return nil
    }

    private static func number(_ scalars: [Unicode.Scalar], at start: Int) -> (Kind, end: Int) {
        var end = start
        while end < scalars.count {
            let scalar = scalars[end]
            let isSign = scalar == "-" || scalar == "+"
            guard isPart(scalar) || scalar == "." || isSign && "eE".unicodeScalars.contains(scalars[end - 1])
            else { break }
            end += 1
        }
        let text = string(scalars[start..<end])
        let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        if isPlain { return (Int64(text).map { .integer($0) } ?? .badNumber, end) }
        let isDecimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
        if isDecimal, let value = Double(text), value.isFinite { return (.number(value), end) }
        return (.badNumber, end)
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    /// Of a name without backquotes: letters, marks, digits and `_`.
    private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || isDigit(scalar) || scalar.properties.isAlphabetic
            || scalar.properties.generalCategory == .nonspacingMark
    }
}
