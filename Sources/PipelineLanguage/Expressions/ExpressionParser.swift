/// Parses a condition:
///
///     any        = all { "or" all }
///     all        = not { "and" not }
///     not        = "not" not | comparison
///     comparison = value [ operator value ]
///     value      = text | number | true | false | null | name
///                | "(" any ")" | "[" [ value { "," value } ] "]"
struct ExpressionParser {
    /// Deeper nesting than this is no condition; it bounds the recursion.
    static let depthLimit = 50

    enum Problem: Error {
        /// - Parameter token: Nil at the end of the text.
        case unexpected(token: Int?, expected: String)
        case tooDeep(token: Int)
    }

    private let tokens: [ExpressionToken]
    private var position = 0

    init(_ tokens: [ExpressionToken]) { self.tokens = tokens }

    static func parse(_ tokens: [ExpressionToken]) throws(Problem) -> Expression {
        var parser = ExpressionParser(tokens)
        let expression = try parser.any(depth: 0)
        if parser.position < tokens.count {
            throw .unexpected(token: parser.position, expected: "and, or, or the end")
        }
        return expression
    }

    private func next(is spelling: String) -> Bool {
        guard position < tokens.count else { return false }
        let token = tokens[position]
        return (token.kind == .word || token.kind == .symbol) && token.spelling == spelling
    }

    private mutating func take(_ spelling: String) -> Bool {
        guard next(is: spelling) else { return false }
        position += 1
        return true
    }

    private func fail(_ expected: String) -> Problem {
        .unexpected(token: position < tokens.count ? position : nil, expected: expected)
    }

    private mutating func any(depth: Int) throws(Problem) -> Expression {
        guard depth < Self.depthLimit else { throw .tooDeep(token: min(position, tokens.count - 1)) }
        var parts = [try all(depth: depth)]
        while take("or") { parts.append(try all(depth: depth)) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func all(depth: Int) throws(Problem) -> Expression {
        var parts = [try not(depth: depth)]
        while take("and") { parts.append(try not(depth: depth)) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func not(depth: Int) throws(Problem) -> Expression {
        guard depth < Self.depthLimit else { throw .tooDeep(token: min(position, tokens.count - 1)) }
        let token = position
        if take("not") { return .not(try not(depth: depth + 1), token: token) }
        return try comparison(depth: depth)
    }

    private mutating func comparison(depth: Int) throws(Problem) -> Expression {
        let left = try value(depth: depth)
        let token = position
        guard let relation = relation() else { return left }
        let right = try value(depth: depth)
        return .comparison(left, relation, right, token: token)
    }

    private mutating func relation() -> Expression.Comparison? {
        if next(is: "not"), position + 1 < tokens.count, tokens[position + 1].kind == .word,
            tokens[position + 1].spelling == "in"
        {
            position += 2
            return .isNotIn
        }
        guard position < tokens.count, tokens[position].kind == .word || tokens[position].kind == .symbol,
            let relation = Expression.Comparison(rawValue: tokens[position].spelling)
        else { return nil }
        position += 1
        return relation
    }

    private static let values =
        "params.NAME, matrix.NAME, env.NAME, a text in quotes, a number, true or false"

    private mutating func value(depth: Int) throws(Problem) -> Expression {
        let token = position
        if take("(") {
            let inner = try any(depth: depth + 1)
            guard take(")") else { throw fail("')'") }
            return inner
        }
        if take("[") { return try list(token: token, depth: depth + 1) }
        guard position < tokens.count else { throw fail(Self.values) }
        position += 1
        switch (tokens[token].kind, tokens[token].spelling) {
        case (.text(let text), _): return .constant(.text(text), token: token)
        case (.number(let number), _): return .constant(.number(number), token: token)
        case (.name(let space, let name), _): return .name(space: space, name: name, token: token)
        case (.word, "true"): return .constant(.boolean(true), token: token)
        case (.word, "false"): return .constant(.boolean(false), token: token)
        case (.word, "null"): return .constant(.null, token: token)
        default:
            position = token
            throw fail(Self.values)
        }
    }

    private mutating func list(token: Int, depth: Int) throws(Problem) -> Expression {
        guard depth < Self.depthLimit else { throw .tooDeep(token: token) }
        var elements: [Expression] = []
        if take("]") { return .list(elements, token: token) }
        repeat { elements.append(try value(depth: depth)) } while take(",")
        guard take("]") else { throw fail("',' or ']'") }
        return .list(elements, token: token)
    }
}
