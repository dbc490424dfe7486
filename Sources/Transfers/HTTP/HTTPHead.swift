/// Status and header fields of an answer.
public struct HTTPHead: Sendable, Hashable {
    public let status: Int
    /// Names in lower case; where one stands twice, the first holds.
    private var fields: [String: String] = [:]

    init(status: Int) { self.status = status }

    /// Begins with a line such as `HTTP/1.1 200 OK` or `HTTP/2 200`; nil when it is none.
    init?(statusLine line: some StringProtocol) {
        guard line.hasPrefix("HTTP/") else { return nil }
        let words = line.trimmed.split(separator: " ", maxSplits: 2)
        guard words.count > 1, words[1].utf8.count == 3, let status = Int(words[1]), status >= 100 else {
            return nil
        }
        self.status = status
    }

    /// Takes a line `name: value`; what is none is passed over.
    mutating func add(line: some StringProtocol) {
        guard let colon = line.firstIndex(of: ":") else { return }
        let name = line[..<colon].lowercased()
        let value = line[line.index(after: colon)...].trimmed
        if !name.isEmpty, fields[name] == nil { fields[name] = value }
    }

    /// - Parameter name: In lower case.
    public subscript(name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }

    public var entityTag: String? { self["etag"] }
    public var lastModified: String? { self["last-modified"] }
    public var length: Int64? { self["content-length"].flatMap { Int64($0) }.flatMap { $0 < 0 ? nil : $0 } }
    public var contentRange: ContentRange? { self["content-range"].flatMap { ContentRange($0) } }
}

/// Which part of a whole an answer is: `bytes 100-199/3000`.
///
/// Source: RFC 9110, section 14.4.
public struct ContentRange: Hashable, Sendable {
    public let first: Int64
    public let last: Int64
    /// Nil where the server does not say (`*`).
    public let whole: Int64?

    init?(_ text: some StringProtocol) {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
        let parts = words[1].split(separator: "/", omittingEmptySubsequences: false)
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, ends.count == 2, let first = Int64(ends[0]), let last = Int64(ends[1]),
            0 <= first, first <= last
        else { return nil }
        let whole = Int64(parts[1])
        guard parts[1] == "*" || whole.map({ last < $0 }) ?? false else { return nil }
        self.first = first
        self.last = last
        self.whole = whole
    }
}

extension StringProtocol {
    /// Without spaces, tabs and line ends at both ends.
    var trimmed: String {
        func isSpace(_ scalar: Unicode.Scalar) -> Bool { [" ", "\t", "\r", "\n"].contains(scalar) }
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(String.UnicodeScalarView(scalars[first...last]))
    }
}
