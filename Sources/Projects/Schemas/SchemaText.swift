import CanonicalJSON
import TableTypes

/// A Table Schema as YAML that people read and correct, with comments beside what they are about.
public struct SchemaText {
    /// Lines above everything.
    public var head: [String] = []
    /// Lines above each field, in order; a field may have none.
    public var remarks: [[String]] = []
    /// What stands behind a field's role.
    public var roleRemark: (TableSchema.Field) -> String? = { _ in nil }
    private let schema: TableSchema

    public init(_ schema: TableSchema) { self.schema = schema }

    /// In the order people look for them; others follow by their names.
    private static let order = [
        "name", "type", "format", "role", "title", "description", "missingValues", "constraints", "required",
        "unique",
        "minimum", "maximum",
    ]
    private static let width = 100

    /// What stands in a comment may come from the data: what would end it, or no YAML may have, is spelt out.
    static func line(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A: line += "\\n"
            case 0x09: line += "\\t"
            case 0x0D: line += "\\r"
            case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF:
                line += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line
    }

    public var text: String {
        var json = schema.json.object ?? [:]
        let fields = json.removeValue(forKey: "fields")?.array ?? []
        var text = head.map { $0.isEmpty ? "#\n" : "# \(Self.line($0))\n" }.joined()
        for (key, value) in Self.sorted(json) { text += Self.entry(key, value, indent: 0) }
        if fields.isEmpty { return text + "fields: []\n" }
        text += "fields:\n"
        for (place, field) in fields.enumerated() {
            if remarks.indices.contains(place) {
                text += remarks[place].map { "  # \(Self.line($0))\n" }.joined()
            }
            var lines = ""
            for (key, value) in Self.sorted(field.object ?? [:]) {
                var entry = Self.entry(key, value, indent: 4)
                if key == "role", let why = roleRemark(schema.fields[place]) {
                    entry = "\(entry.dropLast())    # \(Self.line(why))\n"
                }
                lines += entry
            }
            text += "  - " + lines.dropFirst(4)
        }
        return text
    }

    private static func sorted(_ members: [String: JSONValue]) -> [(key: String, value: JSONValue)] {
        members.sorted { a, b in
            let places = [a.key, b.key].map { order.firstIndex(of: $0) ?? order.count }
            return (places[0], a.key) < (places[1], b.key)
        }
    }

    /// A key with its value, and the lines of what is within.
    private static func entry(_ key: String, _ value: JSONValue, indent: Int) -> String {
        let start = String(repeating: " ", count: indent) + YAMLText.scalar(key) + ":"
        switch value {
        case .object(let members) where !members.isEmpty:
            return start + "\n"
                + sorted(members).map { entry($0.key, $0.value, indent: indent + 2) }.joined()
        case .array(let elements) where !elements.isEmpty:
            let flow = "[\(elements.map(YAMLText.flow).joined(separator: ", "))]"
            if start.count + flow.count < width { return "\(start) \(flow)\n" }
            let lines = elements.map {
                String(repeating: " ", count: indent + 2) + "- \(YAMLText.flow($0))\n"
            }
            return start + "\n" + lines.joined()
        default: return "\(start) \(YAMLText.flow(value))\n"
        }
    }
}

/// Values as every YAML reader takes them.
enum YAMLText {
    /// Plain where it is this text to all of them, else in quotes: a JSON string is a YAML double-quoted scalar.
    static func scalar(_ text: String) -> String {
        let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        let startsWell = text.unicodeScalars.first.map { $0.properties.isAlphabetic || $0 == "/" } ?? false
        let isPlain = text.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || ("0"..."9").contains($0) || "_-./".unicodeScalars.contains($0)
        }
        return startsWell && isPlain && !words.contains(text.lowercased())
            ? text : JSONValue.string(text).canonicalText
    }

    /// On one line: JSON is YAML, but its texts need no quotes.
    static func flow(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): scalar(text)
        case .array(let elements): "[\(elements.map(flow).joined(separator: ", "))]"
        default: value.canonicalText
        }
    }
}
