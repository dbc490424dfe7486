/// One text file that findings can point into.
///
/// Lines and columns count from 1, columns in Unicode scalars. The text is
/// kept as bytes: it may hold invalid UTF-8, which is itself a finding.
public final class SourceText: Sendable {
    /// The path as people should see it, relative to the working directory.
    public let path: String
    public let bytes: [UInt8]
    /// Of a word of the command line what stands before the text there, such
    /// as `-S test=`. Nobody goes to a line and column of one: it is shown whole.
    public let lead: String?

    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        lead = nil
    }

    /// A word of the command line, or the end of one, behind what stands before it.
    public init(argument text: String, behind lead: String) {
        path = lead + (text.split(separator: "\n", omittingEmptySubsequences: false).first ?? "")
        bytes = Array(text.utf8)
        self.lead = lead
    }

    public convenience init(path: String, text: String) {
        self.init(path: path, bytes: Array(text.utf8))
    }

    /// The text of line `number` without its line break, invalid bytes
    /// replaced by U+FFFD; empty past the end.
    ///
    /// - Complexity: O(size of the text). Called only to render a finding.
    public func line(_ number: Int) -> String {
        var current = 1
        var start = 0
        while current < number {
            guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else { return "" }
            start = end + 1
            current += 1
        }
        var end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }
}

/// A place in a text: line and column, both from 1, columns in Unicode scalars.
public struct Mark: Hashable, Comparable, Sendable {
    public var line: Int32
    public var column: Int32

    public init(line: Int, column: Int) {
        self.line = Int32(clamping: line)
        self.column = Int32(clamping: column)
    }

    public static func < (a: Mark, b: Mark) -> Bool {
        (a.line, a.column) < (b.line, b.column)
    }
}

/// A stretch of one text, from `start` up to, not including, `end`.
public struct SourceRange: Sendable {
    public var source: SourceText
    public var start: Mark
    public var end: Mark

    public init(_ source: SourceText, start: Mark, end: Mark) {
        self.source = source
        self.start = start
        self.end = end
    }

    /// The stretch inside this one that begins `offset` scalars after its
    /// start and is `length` scalars long; both on the first line.
    public func part(offset: Int, length: Int) -> SourceRange {
        let column = Int(start.column) + offset
        return SourceRange(
            source, start: Mark(line: Int(start.line), column: column),
            end: Mark(line: Int(start.line), column: column + length))
    }
}

extension SourceRange: CustomStringConvertible {
    public var description: String {
        source.lead == nil ? "\(source.path):\(start.line):\(start.column)" : source.path
    }
}
