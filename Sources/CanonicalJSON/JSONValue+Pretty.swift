extension JSONValue {
    /// The canonical text laid out for people and for line-by-line merges: two
    /// blanks a level, one member a line; what fits on one line stands on one.
    public var prettyText: String {
        var text = ""
        write(to: &text, indent: 0)
        return text + "\n"
    }

    private func write(to text: inout String, indent: Int) {
        let flat = canonicalText
        let isNested = object?.isEmpty == false || array?.isEmpty == false
        guard isNested, flat.utf8.count + indent > 100 else {
            text += flat
            return
        }
        let margin = String(repeating: " ", count: indent + 2)
        let end = "\n" + String(repeating: " ", count: indent)
        var isFirst = true
        if let members = object {
            text += "{"
            for (name, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                text += (isFirst ? "\n" : ",\n") + margin + JSONValue.string(name).canonicalText + ": "
                value.write(to: &text, indent: indent + 2)
                isFirst = false
            }
            text += end + "}"
        } else if let elements = array {
            text += "["
            for value in elements {
                text += (isFirst ? "\n" : ",\n") + margin
                value.write(to: &text, indent: indent + 2)
                isFirst = false
            }
            text += end + "]"
        }
    }
}
