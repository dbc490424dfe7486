import CanonicalJSON
import YAMLSyntax

extension JSONValue {
    /// What a YAML node means, its scalars by the core schema.
    ///
    /// - Parameter keepsDigits: Whether a decimal whose digits a double cannot hold stays the text it is.
    public init(_ node: Node, keepsDigits: Bool = false) {
        switch node.content {
        case .sequence(let elements): self = .array(elements.map { JSONValue($0, keepsDigits: keepsDigits) })
        case .mapping(let entries):
            self = .object(
                Dictionary(entries.map { ($0.name, JSONValue($0.value, keepsDigits: keepsDigits)) }) { $1 })
        case .scalar(let text, _):
            switch node.scalar {
            case .null: self = .null
            case .boolean(let flag): self = .boolean(flag)
            case .integer(let number): self = .integer(number)
            case .number(let number)
            where keepsDigits && number.isFinite && Self.isBeyondDouble(text): self = .string(text)
            case .number(let number) where number.isFinite: self = .number(number)
            default: self = .string(text)
            }
        }
    }
    /// Fifteen decimal digits can be read back from any double. Source: IEEE 754-2019, section 5.12.2.
    private static func isBeyondDouble(_ text: String) -> Bool {
        text.utf8.contains(0x2E) && text.utf8.lazy.filter { $0 &- 0x30 <= 9 }.count > 15
    }
}
