/// An expression as it is written, parsed and not yet typed.
struct Syntax: Sendable {
    var form: Form
    /// All of it, from its first word to its last.
    var span: Span
    /// Levels of the tree below, this one included.
    var depth: Int

    init(_ form: Form, _ span: Span) {
        self.form = form
        self.span = span
        depth = 1 + (form.parts.map(\.depth).max() ?? 0)
    }

    indirect enum Form: Sendable {
        case literal(Literal)
        case column(String)
        /// - Parameter place: Of the name.
        case call(String, [Syntax], place: Span)
        case negation(Syntax)
        case not(Syntax)
        /// - Parameter place: Of the operator.
        case arithmetic(Syntax, Arithmetic, Syntax, place: Span)
        case comparison(Syntax, Comparison, Syntax, place: Span)
        /// Parts side by side, so that a long chain is not a deep tree.
        case all([Syntax])
        case any([Syntax])
        case isNull(Syntax)
        case isIn(Syntax, [Syntax])
        case between(Syntax, Syntax, Syntax)
        /// - Parameters:
        ///   - isTry: Whether what does not fit becomes null.
        ///   - place: Of the type's name.
        case cast(Syntax, String, isTry: Bool, place: Span)

        var parts: [Syntax] {
            switch self {
            case .literal, .column: []
            case .call(_, let parts, _), .all(let parts), .any(let parts): parts
            case .negation(let part), .not(let part), .isNull(let part), .cast(let part, _, _, _): [part]
            case .arithmetic(let a, _, let b, _), .comparison(let a, _, let b, _): [a, b]
            case .isIn(let part, let parts): [part] + parts
            case .between(let a, let b, let c): [a, b, c]
            }
        }
    }
}

enum Literal: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    /// Days since 1970-01-01.
    case date(Int32)
    /// Microseconds since 1970-01-01T00:00:00Z.
    case timestamp(Int64)
}

enum Arithmetic: String, Sendable, CaseIterable {
    case plus = "+"
    case minus = "-"
    case times = "*"
    case over = "/"
    case modulo = "%"
}

enum Comparison: String, Sendable, CaseIterable {
    case equal = "="
    case different = "!="
    case less = "<"
    case atMost = "<="
    case more = ">"
    case atLeast = ">="

    init?(spelling: String) {
        switch spelling {
        case "==": self = .equal
        case "<>": self = .different
        default:
            guard let found = Comparison(rawValue: spelling) else { return nil }
            self = found
        }
    }
}
