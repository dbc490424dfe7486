/// A simple path to elements, or to an attribute of them: names with `/` in
/// between, `*` for any name, `@name` at the end for an attribute. A name
/// without a prefix matches an element of any.
///
/// Source: a small part of XPath 1.0, w3.org/TR/1999/REC-xpath-19991116.
public struct XMLPath: Hashable, Sendable {
    /// From what a path leads.
    public enum Origin: Hashable, Sendable {
        /// `/a/b`: the document.
        case document
        /// `//a/b`: any element, or the document.
        case anywhere
        /// `a/b`: a row.
        case row
    }

    public let origin: Origin
    /// Of elements, outermost first; none for the row itself, which is `.`.
    public let names: [String]
    public let attribute: String?

    /// Why a text is no path.
    public enum Problem: String, Error, Hashable, Sendable {
        case empty = "it is empty"
        case emptyName = "a name is missing"
        case innerAttribute = "an attribute can only stand at the end"
        case unsupported = "only names, * and @name are read"
        case notRows = "rows are told by /a/b from the document or //b anywhere"
        case notInRow = "a column's path begins at the row, without a /"
    }

    /// The path of the elements that are rows.
    public static func rows(_ text: String) throws(Problem) -> XMLPath {
        let path = try XMLPath(text)
        guard path.origin != .row, path.attribute == nil else { throw .notRows }
        return path
    }

    /// The path of a column's values, from the row.
    public static func column(_ text: String) throws(Problem) -> XMLPath {
        let path = try XMLPath(text)
        guard path.origin == .row else { throw .notInRow }
        return path
    }

    private init(_ text: String) throws(Problem) {
        guard !text.isEmpty else { throw .empty }
        origin = text.hasPrefix("//") ? .anywhere : text.hasPrefix("/") ? .document : .row
        var names = text.dropFirst(origin == .anywhere ? 2 : origin == .document ? 1 : 0)
            .split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if origin == .row, names == ["."] { names = [] }
        var attribute: String?
        if let last = names.last, last.hasPrefix("@") {
            attribute = String(last.dropFirst())
            names.removeLast()
        }
        for name in names + (attribute.map { [$0] } ?? []) {
            if name.isEmpty { throw .emptyName }
            if name.hasPrefix("@") { throw .innerAttribute }
            if name.hasPrefix(".") || name.contains(where: { "[]()=|".contains($0) || $0.isWhitespace }) {
                throw .unsupported
            }
        }
        if names.isEmpty, origin != .row { throw .emptyName }
        self.names = names
        self.attribute = attribute
    }

    /// Whether it leads to the innermost of open elements.
    ///
    /// - Parameter open: From the document or the row to the element.
    func leads(to open: ArraySlice<XMLName>) -> Bool {
        guard origin == .anywhere ? open.count >= names.count : open.count == names.count else {
            return false
        }
        return zip(open.suffix(names.count), names).allSatisfy { $0.matches($1) }
    }
}

/// An element's or attribute's name as it is written, and without its prefix.
struct XMLName {
    var qualified: String
    var local: String

    func matches(_ wanted: String) -> Bool { wanted == "*" || wanted == local || wanted == qualified }
}
