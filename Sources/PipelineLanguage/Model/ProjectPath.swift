/// Where something lies in the project, whatever file named it.
public struct ProjectPath: Hashable, Sendable {
    /// Relative to the project's root, normalised: no `.` parts, `..` only in
    /// front; `.` is the root itself. Absolute for a source given by an
    /// absolute path.
    public let text: String

    /// - Parameter text: Already relative to the root, or absolute.
    public init(_ text: String) { self.text = Self.normalised(text) }

    /// - Parameters:
    ///   - written: As in a pipeline file: relative to the file's folder,
    ///     or to the root behind `//`, or absolute.
    ///   - folder: The file's folder, relative to the root; `.` is the root.
    public init(written: String, in folder: String) {
        if written.hasPrefix("//") {
            self.init(String(written.dropFirst(2)))
        } else if written.hasPrefix("/") {
            self.init(written)
        } else {
            self.init(folder == "." ? written : folder + "/" + written)
        }
    }

    /// Whether it lies outside the project.
    public var isOutside: Bool { text == ".." || text.hasPrefix("../") || text.hasPrefix("/") }

    /// Whether a path is relative, not empty, and has neither `.` nor `..` nor
    /// an empty part: what nearly every path is.
    static func isNormal(_ text: String) -> Bool {
        // Bytes of the part so far, and whether all of them are dots.
        var (length, dots) = (0, 0)
        for byte in text.utf8 {
            if byte == UInt8(ascii: "/") {
                if length == 0 || length <= 2 && dots == length { return false }
                (length, dots) = (0, 0)
            } else {
                length += 1
                if byte == UInt8(ascii: ".") { dots += 1 }
            }
        }
        return length > 2 || length > 0 && dots < length
    }

    private static func normalised(_ text: String) -> String {
        if isNormal(text) { return text }
        var parts: [Substring] = []
        for part in text.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !text.hasPrefix("/") {
                parts.append(part)
            }
        }
        let joined = parts.joined(separator: "/")
        if text.hasPrefix("/") { return "/" + joined }
        return joined.isEmpty ? "." : joined
    }
}
