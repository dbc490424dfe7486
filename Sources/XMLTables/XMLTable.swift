import DataFrames

/// The elements of XML documents that are rows, with the texts that columns'
/// paths lead to.
public struct XMLTable: Sendable {
    /// The values of a column, row after row; a row may have none or several.
    public struct Column: Sendable {
        public let name: String
        public fileprivate(set) var values = StringStorage()
        /// Of each row how many values it and the rows before it have.
        fileprivate var ends: [Int] = []

        /// Places of a row's values.
        public func range(ofRow row: Int) -> Range<Int> { (row == 0 ? 0 : ends[row - 1])..<ends[row] }
        /// Whether a row has more than one value.
        public var hasSeveral: Bool { ends.indices.contains { range(ofRow: $0).count > 1 } }
    }

    public private(set) var columns: [Column]
    /// Rows.
    public private(set) var count = 0
    /// Of each file how many rows it and the files before it have.
    private var fileEnds: [Int] = []

    /// Reads documents.
    ///
    /// - Parameters:
    ///   - files: Documents whose rows follow each other.
    ///   - rows: Elements that are rows; one within another is part of that.
    ///   - columns: Names, and paths from a row. The value of an element is all
    ///     text in it, without white space at both ends.
    ///   - limit: Rows after which the rest is not looked at.
    /// - Throws: `XMLFault` for the first document that is not well-formed, or
    ///   declares or uses entities of its own.
    /// - Complexity: O(bytes + elements in rows x columns), one node in memory.
    public init(
        _ files: [UnsafeRawBufferPointer], rows: XMLPath, columns: [(name: String, path: XMLPath)],
        limit: Int = .max
    ) throws(XMLFault) {
        self.columns = columns.map { Column(name: $0.name) }
        for (file, bytes) in files.enumerated() {
            do throws(XMLError) {
                try read(bytes, rows, columns.map(\.path), limit)
            } catch {
                throw XMLFault(file: file, error: error)
            }
            fileEnds.append(count)
        }
    }

    /// Where a row stands: the file, from 0, and its number there, from 1.
    public func place(ofRow row: Int) -> (file: Int, number: Int) {
        let file = fileEnds.firstIndex { row < $0 }!
        return (file, row - (file == 0 ? 0 : fileEnds[file - 1]) + 1)
    }

    /// A value whose element is open.
    private struct Capture {
        var column: Int
        /// Open elements, with this one.
        var depth: Int
        var text: [UInt8] = []
    }

    private mutating func read(
        _ bytes: UnsafeRawBufferPointer, _ rows: XMLPath, _ paths: [XMLPath], _ limit: Int
    ) throws(XMLError) {
        let reader = try XMLReader(bytes)
        var open: [XMLName] = []
        /// Open elements where the row began, with it; nil between rows.
        var row: Int?
        var captures: [Capture] = []
        while count < limit, let node = try reader.next() {
            switch node {
            case .start(let name, let isEmpty):
                open.append(name)
                if row == nil, rows.leads(to: open[...]) { row = open.count }
                if let row {
                    let within = open[row...]
                    for (column, path) in paths.enumerated() where path.leads(to: within) {
                        if let attribute = path.attribute {
                            reader.attributes { name, value in
                                if name.matches(attribute) {
                                    columns[column].values.append(Self.trimmed(value))
                                }
                            }
                        } else {
                            captures.append(Capture(column: column, depth: open.count))
                        }
                    }
                }
                if isEmpty { close(&open, &captures, &row) }
            case .end: close(&open, &captures, &row)
            case .text:
                if captures.isEmpty { continue }
                let text = reader.value
                for index in captures.indices { captures[index].text += text }
            }
        }
    }

    private mutating func close(_ open: inout [XMLName], _ captures: inout [Capture], _ row: inout Int?) {
        while let last = captures.last, last.depth == open.count {
            last.text.withUnsafeBufferPointer { columns[last.column].values.append(Self.trimmed($0)) }
            captures.removeLast()
        }
        if row == open.count {
            row = nil
            count += 1
            for index in columns.indices { columns[index].ends.append(columns[index].values.count) }
        }
        open.removeLast()
    }

    /// Without the white space of XML at both ends.
    private static func trimmed(_ text: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D }
        guard let first = text.firstIndex(where: { !isSpace($0) }),
            let last = text.lastIndex(where: { !isSpace($0) })
        else { return text[0..<0] }
        return text[first...last]
    }
}
