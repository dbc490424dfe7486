import YAMLSyntax

/// What a part of an expression comes to.
enum ExpressionValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    case number(Double)
    case text(String)
    case list([ExpressionValue])
    case mapping

    init(_ node: Node) {
        switch node.content {
        case .mapping: self = .mapping
        case .sequence(let elements): self = .list(elements.map { ExpressionValue($0) })
        case .scalar(let text, _):
            switch node.scalar {
            case .null, nil: self = .null
            case .boolean(let flag): self = .boolean(flag)
            case .integer(let number): self = .number(Double(number))
            case .number(let number): self = .number(number)
            case .text: self = .text(text)
            }
        }
    }

    /// As a message calls it.
    var sort: String {
        switch self {
        case .null: "nothing"
        case .boolean: "a boolean"
        case .number: "a number"
        case .text: "a text"
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }

    /// Whether `==` means something between the two: like with like, and
    /// nothing with anything.
    func isComparable(with other: ExpressionValue) -> Bool {
        self == .null || other == .null || sort == other.sort
    }
}
