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
            self.init(folder + "/" + written)
        }
    }

    /// Whether it lies outside the project.
    public var isOutside: Bool { text == ".." || text.hasPrefix("../") || text.hasPrefix("/") }

    private static func normalised(_ text: String) -> String {
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
