/// A word of an expression, spelt as it is in the text so that its place can
/// be found again.
struct ExpressionToken: Sendable {
    enum Kind: Sendable, Equatable {
        case text(String)
        case number(Double)
        /// `params.x`, or `${params.x}`.
        case name(space: String, name: String)
        /// `and`, `true`, or a word that means nothing.
        case word
        /// An operator, a parenthesis, a bracket, a comma.
        case symbol
        /// A quote that is never closed, a sign that means nothing.
        case unclosedText, unknown
    }

    var kind: Kind
    var spelling: String
}

enum ExpressionLexer {
    /// - Complexity: O(length).
    static func tokens(_ text: String) -> [ExpressionToken] {
        let scalars = Array(text.unicodeScalars)
        var tokens: [ExpressionToken] = []
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" {
                index += 1
                continue
            }
            let (kind, end) = token(scalars, at: index)
            tokens.append(
                ExpressionToken(kind: kind, spelling: String(String.UnicodeScalarView(scalars[index..<end]))))
            index = end
        }
        return tokens
    }

    private static func token(
        _ scalars: [Unicode.Scalar], at start: Int
    ) -> (kind: ExpressionToken.Kind, end: Int) {
        let scalar = scalars[start]
        func text(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(scalars[range])) }
        if scalar == "'" || scalar == "\"" {
            guard let close = scalars[(start + 1)...].firstIndex(of: scalar) else {
                return (.unclosedText, scalars.count)
            }
            return (.text(text(start + 1..<close)), close + 1)
        }
        // What opens a reference is ASCII, so bytes count like scalars.
        if scalar == "$",
            let (space, afterDot) = ReferenceScanner.opening(TextBytes(text(start..<scalars.count)), at: 0)
        {
            let name = start + afterDot
            guard let close = scalars[name...].firstIndex(of: "}") else {
                return (.unclosedText, scalars.count)
            }
            return (.name(space: space, name: text(name..<close)), close + 1)
        }
        let following = start + 1 < scalars.count ? scalars[start + 1] : " "
        let isSign = (scalar == "-" || scalar == "+") && (isDigit(following) || following == ".")
        if isDigit(scalar) || scalar == "." || isSign {
            var end = start + 1
            while end < scalars.count,
                isDigit(scalars[end]) || scalars[end] == "."
                    || Name.isPart(scalars[end]) && scalars[end] != "-"
                    || (scalars[end] == "-" || scalars[end] == "+")
                        && (scalars[end - 1] == "e" || scalars[end - 1] == "E")
            { end += 1 }
            if let number = Double(text(start..<end)), number.isFinite { return (.number(number), end) }
            return (.unknown, end)
        }
        if Name.isPart(scalar) {
            var end = start
            while end < scalars.count, Name.isPart(scalars[end]) { end += 1 }
            guard end < scalars.count, scalars[end] == "." else { return (.word, end) }
            let dot = end
            end += 1
            while end < scalars.count, Name.isPart(scalars[end]) { end += 1 }
            return (.name(space: text(start..<dot), name: text(dot + 1..<end)), end)
        }
        let pair = "<>=!".unicodeScalars.contains(scalar) && following == "="
        if pair { return (.symbol, start + 2) }
        if "<>()[],".unicodeScalars.contains(scalar) { return (.symbol, start + 1) }
        return (.unknown, start + 1)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}
