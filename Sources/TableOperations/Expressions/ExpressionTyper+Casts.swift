/// Which types can be made which others.
extension ExpressionTyper {
    static let castTypes: [ExpressionType] = [.integer, .number, .text, .date, .timestamp]

    mutating func cast(
        _ node: TypedNode?, to word: String, isTry: Bool, place: Span, _ span: Span
    ) -> TypedNode? {
        guard let type = Self.castTypes.first(where: { $0.rawValue == word }) else {
            report(.unknownCast(word, known: Self.castTypes.map(\.rawValue)), place)
            return nil
        }
        guard let node else { return nil }
        guard node.type == .null || type.casts(from: node.type) else {
            report(.impossibleCast(from: node.type, to: type), place)
            return nil
        }
        if node.type == type || node.type == .null { return widened(node, type) }
        return TypedNode(
            form: .cast(node, isTry: isTry), type: type, isNullable: node.isNullable || isTry, span: span)
    }
}

extension Literal {
    var type: ExpressionType {
        switch self {
        case .null: .null
        case .boolean: .boolean
        case .integer: .integer
        case .number: .number
        case .text: .text
        case .date: .date
        case .timestamp: .timestamp
        }
    }
}

extension ExpressionType {
    func casts(from other: ExpressionType) -> Bool {
        if self == other { return true }
        return switch (other, self) {
        case (.boolean, .integer), (.boolean, .text), (.integer, .number), (.number, .integer): true
        case (.integer, .text), (.number, .text), (.date, .text), (.timestamp, .text): true
        case (.text, .integer), (.text, .number), (.text, .date), (.text, .timestamp): true
        case (.date, .timestamp), (.timestamp, .date): true
        default: false
        }
    }
}
