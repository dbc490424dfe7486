/// One of the two files in which the tools of AWS keep settings: sections of `name = value`, some values a block of further
/// ones.
///
/// Source: docs.aws.amazon.com/sdkref/latest/guide/file-format.html.
public struct ProfileFile: Sendable {
    /// By section as written, such as `profile dev`, then by name in lower case; a name in a block has its block's in
    /// front: `s3.endpoint_url`.
    public private(set) var sections: [String: [String: String]] = [:]

    /// A line that is none of these.
    public struct Problem: Error, Hashable {
        /// From 1.
        public var line: Int
    }

    /// - Complexity: O(bytes).
    public init(parsing text: String) throws(Problem) {
        var section: String?
        var block: String?
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let words = line.trimmed
            if words.isEmpty || words.hasPrefix("#") || words.hasPrefix(";") { continue }
            if line.first == "[" {
                guard let end = line.firstIndex(of: "]") else { throw Problem(line: index + 1) }
                let name = line[line.index(after: line.startIndex)..<end].split(
                    whereSeparator: \.isWhitespace
                )
                .joined(separator: " ")
                guard !name.isEmpty else { throw Problem(line: index + 1) }
                section = name
                block = nil
                sections[name, default: [:]] = sections[name] ?? [:]
                continue
            }
            guard let section, let equal = words.firstIndex(of: "=") else { throw Problem(line: index + 1) }
            let name = words[..<equal].trimmed.lowercased()
            let value = Self.withoutComment(words[words.index(after: equal)...])
            guard !name.isEmpty else { throw Problem(line: index + 1) }
            if line.first == " " || line.first == "\t", let block {
                sections[section]?["\(block).\(name)"] = value
            } else {
                block = value.isEmpty ? name : nil
                sections[section]?[name] = value
            }
        }
    }

    /// A comment stands behind white space, so that a secret may have the characters.
    private static func withoutComment(_ text: Substring) -> String {
        var previous: Character = " "
        for index in text.indices {
            if text[index] == "#" || text[index] == ";", previous.isWhitespace {
                return text[..<index].trimmed
            }
            previous = text[index]
        }
        return text.trimmed
    }
}
