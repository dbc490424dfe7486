/// Cuts a query into what matters of it: words, placeholders, parentheses, semicolons.
struct QueryScanner {
    struct Token {
        enum Kind: Equatable {
            /// In upper case.
            case word(String)
            case placeholder(String)
            case open, close, semicolon
            /// A quoted text or name, a number, an operator.
            case other
        }

        var kind: Kind
        /// In scalars.
        var start: Int
        var end: Int
    }

    private let scalars: [Unicode.Scalar]
    private let dialect: SQLDialect
    private var index = 0

    init(_ text: String, _ dialect: SQLDialect) {
        scalars = Array(text.unicodeScalars)
        self.dialect = dialect
    }

    /// The next token; nil at the end.
    mutating func next() throws(QueryFault) -> Token? {
        try skipSpace()
        guard index < scalars.count else { return nil }
        let start = index
        let kind = try take()
        return Token(kind: kind, start: start, end: index)
    }

    private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        index + ahead < scalars.count ? scalars[index + ahead] : nil
    }

    private static func isWordStart(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return scalar == "_" || scalar.value >= 0x80 || ("a"..."z").contains(scalar)
            || ("A"..."Z").contains(scalar)
    }

    private static func isWordPart(_ scalar: Unicode.Scalar?) -> Bool {
        isWordStart(scalar) || scalar == "$" || scalar.map { ("0"..."9").contains($0) } == true
    }

    private mutating func take() throws(QueryFault) -> Token.Kind {
        let first = scalars[index]
        switch first {
        case "(": return single(.open)
        case ")": return single(.close)
        case ";": return single(.semicolon)
        case "'": return try quoted(by: "'", escapes: dialect == .mysql, .unclosedText)
        case "\"":
            return try quoted(
                by: "\"", escapes: dialect == .mysql, dialect == .mysql ? .unclosedText : .unclosedName)
        case "`" where dialect != .postgres: return try quoted(by: "`", escapes: false, .unclosedName)
        case "[" where dialect == .sqlite: return try quoted(by: "]", escapes: false, .unclosedName)
        case "$" where dialect == .postgres: return try dollarQuoted()
        case ":": return colon()
        default: return try Self.isWordStart(first) ? word() : number(first)
        }
    }

    private mutating func single(_ kind: Token.Kind) -> Token.Kind {
        index += 1
        return kind
    }

    private mutating func word() throws(QueryFault) -> Token.Kind {
        let start = index
        while Self.isWordPart(peek()) { index += 1 }
        let word = String(String.UnicodeScalarView(scalars[start..<index])).uppercased()
        // E'...' has escapes.
        if dialect == .postgres, word == "E", peek() == "'" {
            return try quoted(by: "'", escapes: true, .unclosedText)
        }
        return .word(word)
    }

    /// A number, or one character of an operator.
    private mutating func number(_ first: Unicode.Scalar) -> Token.Kind {
        index += 1
        if ("0"..."9").contains(first) { while Self.isWordPart(peek()) { index += 1 } }
        return .other
    }

    /// `::` casts, `:=` assigns; a colon and a name is a placeholder.
    private mutating func colon() -> Token.Kind {
        index += 1
        if peek() == ":" || peek() == "=" {
            index += 1
            return .other
        }
        guard Self.isWordStart(peek()) else { return .other }
        let start = index
        while Self.isWordPart(peek()), peek() != "$" { index += 1 }
        return .placeholder(String(String.UnicodeScalarView(scalars[start..<index])))
    }

    /// A doubled mark is one within.
    private mutating func quoted(
        by mark: Unicode.Scalar, escapes: Bool, _ unclosed: QueryFault.Problem
    ) throws(QueryFault) -> Token.Kind {
        let start = index
        index += 1
        while let scalar = peek() {
            if escapes, scalar == "\\" {
                index += 2
            } else if scalar != mark {
                index += 1
            } else if peek(1) == mark, mark != "]" {
                index += 2
            } else {
                index += 1
                return .other
            }
        }
        throw QueryFault(unclosed, start, start + 1)
    }

    /// `$$...$$`, `$tag$...$tag$`, or a place such as `$1`.
    private mutating func dollarQuoted() throws(QueryFault) -> Token.Kind {
        let start = index
        index += 1
        while Self.isWordPart(peek()), peek() != "$" { index += 1 }
        let isTag = !(start + 1 < index && ("0"..."9").contains(scalars[start + 1]))
        guard peek() == "$", isTag else { return .other }
        index += 1
        let tag = scalars[start..<index]
        while index + tag.count <= scalars.count {
            if scalars[index] == "$", scalars[index..<(index + tag.count)].elementsEqual(tag) {
                index += tag.count
                return .other
            }
            index += 1
        }
        throw QueryFault(.unclosedText, start, start + tag.count)
    }

    /// White space and comments; those of PostgreSQL nest.
    private mutating func skipSpace() throws(QueryFault) {
        while let scalar = peek() {
            if scalar.properties.isWhitespace {
                index += 1
            } else if startsLineComment(scalar) {
                while let scalar = peek(), scalar != "\n" { index += 1 }
            } else if scalar == "/", peek(1) == "*" {
                try skipComment()
            } else {
                return
            }
        }
    }

    private func startsLineComment(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "#" { return dialect == .mysql }
        guard scalar == "-", peek(1) == "-" else { return false }
        // In MySQL two signs and no space are arithmetic.
        return dialect != .mysql || peek(2).map { $0.properties.isWhitespace || $0.value < 0x20 } ?? true
    }

    private mutating func skipComment() throws(QueryFault) {
        let start = index
        if dialect == .mysql, peek(2) == "!" || peek(2) == "M" && peek(3) == "!" {
            throw QueryFault(.hiddenStatement, start, start + 3)
        }
        index += 2
        var depth = 1
        while depth > 0 {
            guard let scalar = peek() else { throw QueryFault(.unclosedComment, start, start + 2) }
            if scalar == "*", peek(1) == "/" {
                depth -= 1
                index += 2
            } else if dialect == .postgres, scalar == "/", peek(1) == "*" {
                depth += 1
                index += 2
            } else {
                index += 1
            }
        }
    }
}
