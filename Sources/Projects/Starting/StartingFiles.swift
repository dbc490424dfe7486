import Platform

/// Files of a new project, written only where nothing is yet.
public struct StartingFiles: Sendable {
    public enum Outcome: String, Hashable, Sendable {
        case written
        /// It was there already and is as it was.
        case left
        /// It was there already and has got more lines.
        case extended
    }

    enum Content: Hashable, Sendable {
        case bytes([UInt8])
        /// The bytes of a file elsewhere.
        case copy(of: String)
        /// Lines that the file is to have, in this order.
        case lines([String])
    }

    /// Relative to the project's folder.
    private(set) var files: [(path: String, content: Content)] = []

    mutating func add(_ path: String, _ text: String) { files.append((path, .bytes(Array(text.utf8)))) }
    mutating func add(_ path: String, _ content: Content) { files.append((path, content)) }

    /// - Returns: What became of each, in order.
    /// - Throws: `SystemError`.
    public func write(to folder: String) throws(SystemError) -> [(path: String, outcome: Outcome)] {
        var outcomes: [(path: String, outcome: Outcome)] = []
        for (path, content) in files {
            let target = folder + "/" + path
            try Files.makeDirectories(String(target[..<target.lastIndex(of: "/")!]))
            outcomes.append((path, try Self.write(content, to: target)))
        }
        return outcomes
    }

    private static func write(_ content: Content, to path: String) throws(SystemError) -> Outcome {
        let isThere = try Files.status(path, followLinks: false) != nil
        switch content {
        case .bytes(let bytes):
            if isThere { return .left }
            try Files.replace(path, with: bytes)
        case .copy(let origin):
            if isThere { return .left }
            try Files.copy(origin, to: path)
        case .lines(let lines):
            var text = isThere ? String(decoding: try Files.read(path), as: UTF8.self) : ""
            let present = Set(text.split(whereSeparator: \.isNewline).map(String.init))
            let missing = lines.filter { !present.contains($0) }
            if missing.isEmpty { return .left }
            if !text.isEmpty, text.last?.isNewline != true { text += "\n" }
            text += missing.map { $0 + "\n" }.joined()
            try Files.replace(path, with: Array(text.utf8))
            return isThere ? .extended : .written
        }
        return .written
    }
}
