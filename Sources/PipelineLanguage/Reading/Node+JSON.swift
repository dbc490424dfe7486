import CanonicalJSON
import YAMLSyntax

extension JSONValue {
    /// What a YAML node means, its scalars by the core schema.
    public init(_ node: Node) {
        switch node.content {
        case .sequence(let elements): self = .array(elements.map { JSONValue($0) })
        case .mapping(let entries):
            self = .object(Dictionary(entries.map { ($0.name, JSONValue($0.value)) }) { $1 })
        case .scalar(let text, _):
            switch node.scalar {
            case .null: self = .null
            case .boolean(let flag): self = .boolean(flag)
            case .integer(let number): self = .integer(number)
            case .number(let number) where number.isFinite: self = .number(number)
            default: self = .string(text)
            }
        }
    }
}
