import Diagnostics

/// A value of a YAML document that knows where it stands.
///
/// Nodes are shared, not copied: an alias is the node of its anchor.
public final class Node: Sendable {
    public enum Content: Sendable {
        /// - Parameter isPlain: Written without quotes and not as a block, so
        ///   that it may be a number, a boolean or null.
        case scalar(String, isPlain: Bool)
        case sequence([Node])
        /// In written order; keys are scalars.
        case mapping([Entry])
    }

    public struct Entry: Sendable {
        public let key: Node
        public let value: Node
        /// The key's text.
        public let name: String

        public init(key: Node, value: Node) {
            self.key = key
            self.value = value
            name = key.text ?? ""
        }
    }

    public let content: Content
    public let range: SourceRange

    public init(_ content: Content, at range: SourceRange) {
        self.content = content
        self.range = range
    }

    public var entries: [Entry]? { if case .mapping(let entries) = content { entries } else { nil } }
    public var elements: [Node]? { if case .sequence(let elements) = content { elements } else { nil } }
    /// The text of a scalar as written, whatever it may mean.
    public var text: String? { if case .scalar(let text, _) = content { text } else { nil } }

    /// The value under a key.
    ///
    /// - Complexity: O(keys).
    public subscript(key: String) -> Node? { entries?.first { $0.name == key }?.value }

    /// As a message calls it: "a mapping", "a list", "the text 'x'", "3".
    public var whatItIs: String {
        switch content {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar(let text, _):
            switch scalar {
            case .text: text.isEmpty ? "an empty text" : "the text '\(text.prefix(40))'"
            case .null: "nothing"
            default: text
            }
        }
    }
}
