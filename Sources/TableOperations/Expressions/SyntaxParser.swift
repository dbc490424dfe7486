import DataFrames

/// Parses an expression, as SQL reads it:
///
///     any        = all { "or" all }
///     all        = not { "and" not }
///     not        = "not" not | relation
///     relation   = sum [ comparison sum | "is" ["not"] "null"
///                        | ["not"] "in" "(" any { "," any } ")" | ["not"] "between" sum "and" sum ]
///     sum        = product { ("+" | "-") product }
///     product    = unary { ("*" | "/" | "%") unary }
///     unary      = ("-" | "+") unary | value
///     value      = number | 'text' | true | false | null | date 'text' | timestamp 'text'
///                | ("cast" | "try_cast") "(" any "as" TYPE ")"
///                | NAME "(" [ any { "," any } ] ")" | NAME | `NAME` | "(" any ")"
struct SyntaxParser {
    /// A deeper tree than this is no expression; it bounds every recursion.
    static let depthLimit = 200

    private let lexemes: [Lexeme]
    private var position = 0
    private var depth = 0

    /// - Throws: The first thing that cannot be read; what follows means nothing then.
    static func parse(_ text: String) throws(PlacedError) -> Syntax {
        var parser = SyntaxParser(lexemes: Lexeme.all(of: text))
        let syntax = try parser.any()
        guard case .end = parser.next.kind else { throw parser.fail("an operator or the end") }
        return syntax
    }

    struct PlacedError: Error { var placed: PlacedFinding }

    private init(lexemes: [Lexeme]) { self.lexemes = lexemes }

    private var next: Lexeme { lexemes[position] }

    private func nextIs(_ spelling: String) -> Bool {
        (next.kind == .word || next.kind == .symbol) && next.spelling == spelling
    }

    private mutating func take(_ spelling: String) -> Bool {
        guard nextIs(spelling) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ spelling: String) throws(PlacedError) {
        guard take(spelling) else { throw fail("'\(spelling)'") }
    }

    private func fail(_ expected: String) -> PlacedError {
        let finding: ExpressionFinding =
            switch next.kind {
            case .unclosed: .unclosedQuote(String(next.spelling.prefix(1)))
            case .badNumber: .badNumber(next.spelling)
            case .end: .unexpected(found: nil, expected: expected)
            default: .unexpected(found: next.spelling, expected: expected)
            }
        return PlacedError(placed: PlacedFinding(finding, next.span))
    }

    private var before: Span { lexemes[max(0, position - 1)].span }

    /// Mutating, so that it looks at the place only after its arguments have been read.
    private mutating func node(_ form: Syntax.Form, from start: Span) throws(PlacedError) -> Syntax {
        let syntax = Syntax(form, start.joined(before))
        guard syntax.depth <= Self.depthLimit else {
            throw PlacedError(placed: PlacedFinding(.tooDeep(limit: Self.depthLimit), before))
        }
        return syntax
    }

    private mutating func any() throws(PlacedError) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else {
            throw PlacedError(placed: PlacedFinding(.tooDeep(limit: Self.depthLimit), next.span))
        }
        let start = next.span
        var parts = [try all()]
        while take("or") { parts.append(try all()) }
        return parts.count == 1 ? parts[0] : try node(.any(parts), from: start)
    }

    private mutating func all() throws(PlacedError) -> Syntax {
        let start = next.span
        var parts = [try not()]
        while take("and") { parts.append(try not()) }
        return parts.count == 1 ? parts[0] : try node(.all(parts), from: start)
    }

    /// A row of `not` or of signs is walked, not recursed into.
    private mutating func not() throws(PlacedError) -> Syntax {
        var starts: [Span] = []
        while nextIs("not") {
            starts.append(next.span)
            position += 1
        }
        var syntax = try relation()
        for start in starts.reversed() { syntax = try node(.not(syntax), from: start) }
        return syntax
    }

    private mutating func relation() throws(PlacedError) -> Syntax {
        let start = next.span
        let left = try sum()
        if next.kind == .symbol, let comparison = Comparison(spelling: next.spelling) {
            let place = next.span
            position += 1
            return try node(.comparison(left, comparison, try sum(), place: place), from: start)
        }
        if take("is") {
            let isNegated = take("not")
            try expect("null")
            return try negated(isNegated, .isNull(left), from: start)
        }
        let isNegated = take("not")
        if take("in") {
            try expect("(")
            return try negated(isNegated, .isIn(left, try list(atLeastOne: true)), from: start)
        }
        if take("between") {
            let low = try sum()
            try expect("and")
            return try negated(isNegated, .between(left, low, try sum()), from: start)
        }
        if isNegated { throw fail("'in' or 'between'") }
        return left
    }

    private mutating func negated(
        _ isNegated: Bool, _ form: Syntax.Form, from start: Span
    ) throws(PlacedError) -> Syntax {
        let syntax = try node(form, from: start)
        return isNegated ? try node(.not(syntax), from: start) : syntax
    }

    private mutating func sum() throws(PlacedError) -> Syntax {
        let start = next.span
        var left = try product()
        while nextIs("+") || nextIs("-"), let operation = Arithmetic(rawValue: next.spelling) {
            let place = next.span
            position += 1
            left = try node(.arithmetic(left, operation, try product(), place: place), from: start)
        }
        return left
    }

    private mutating func product() throws(PlacedError) -> Syntax {
        let start = next.span
        var left = try unary()
        while nextIs("*") || nextIs("/") || nextIs("%"), let operation = Arithmetic(rawValue: next.spelling) {
            let place = next.span
            position += 1
            left = try node(.arithmetic(left, operation, try unary(), place: place), from: start)
        }
        return left
    }

    private mutating func unary() throws(PlacedError) -> Syntax {
        var signs: [Lexeme] = []
        while nextIs("-") || nextIs("+") {
            signs.append(next)
            position += 1
        }
        var syntax = try value()
        for sign in signs.reversed() where sign.spelling == "-" {
            syntax = try node(.negation(syntax), from: sign.span)
        }
        return syntax
    }

    private mutating func value() throws(PlacedError) -> Syntax {
        let lexeme = next
        switch lexeme.kind {
        case .integer(let value): return literal(.integer(value))
        case .number(let value): return literal(.number(value))
        case .text(let value): return literal(.text(value))
        case .quotedName(let name):
            position += 1
            return Syntax(.column(name), lexeme.span)
        case .symbol where take("("):
            let inner = try any()
            try expect(")")
            return Syntax(inner.form, lexeme.span.joined(before))
        case .word: return try word(lexeme)
        default: throw fail("a value")
        }
    }

    private mutating func literal(_ literal: Literal) -> Syntax {
        position += 1
        return Syntax(.literal(literal), before)
    }

    /// Words that end or join values, and so are none.
    private static let joining: Set<String> = ["and", "or", "in", "is", "between", "as", "not"]

    private mutating func word(_ lexeme: Lexeme) throws(PlacedError) -> Syntax {
        switch lexeme.spelling {
        case "null": return literal(.null)
        case "true": return literal(.boolean(true))
        case "false": return literal(.boolean(false))
        case let word where Self.joining.contains(word): throw fail("a value")
        default: position += 1
        }
        if lexeme.spelling == "date" || lexeme.spelling == "timestamp", case .text(let text) = next.kind {
            position += 1
            let value: Literal? =
                lexeme.spelling == "date"
                ? FieldText.date(text).map { .date($0) } : FieldText.timestamp(text).map { .timestamp($0) }
            guard let value else {
                throw PlacedError(
                    placed: PlacedFinding(.badMoment(text, isDate: lexeme.spelling == "date"), before))
            }
            return Syntax(.literal(value), lexeme.span.joined(before))
        }
        guard take("(") else { return Syntax(.column(lexeme.spelling), lexeme.span) }
        if lexeme.spelling == "cast" || lexeme.spelling == "try_cast" {
            let inner = try any()
            try expect("as")
            guard next.kind == .word else { throw fail("a type") }
            let type = next
            position += 1
            try expect(")")
            return try node(
                .cast(inner, type.spelling, isTry: lexeme.spelling == "try_cast", place: type.span),
                from: lexeme.span)
        }
        let arguments = try list(atLeastOne: false)
        return try node(.call(lexeme.spelling, arguments, place: lexeme.span), from: lexeme.span)
    }

    /// What stands between parentheses, the first of which is taken.
    private mutating func list(atLeastOne: Bool) throws(PlacedError) -> [Syntax] {
        if !atLeastOne, take(")") { return [] }
        var elements = [try any()]
        while take(",") { elements.append(try any()) }
        guard take(")") else { throw fail("',' or ')'") }
        return elements
    }
}
