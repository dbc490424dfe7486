import ArrowIPC
import DataFrames
import TableTypes

/// A table of changes in a few lines: how many there are by rule and column, in the order the rules were followed.
public struct ChangesSummary: Sendable {
    public struct Line: Hashable, Sendable {
        public let rule: String
        /// Nil where rows were left out.
        public let column: String?
        public fileprivate(set) var count: Int
    }

    public private(set) var lines: [Line] = []

    /// - Returns: Nil for a table that is none of changes.
    /// - Throws: `ArrowError` for a file that is no table.
    /// - Complexity: O(rows).
    public init?(ofTable path: String) throws {
        guard try ArrowReader(path).names == CleanTable.changesType.names else { return nil }
        var reader = try ArrowReader(path, columns: ["column", "rule"])
        var places: [Key: Int] = [:]
        while let rows = try reader.next() {
            guard let column = rows["column"], let rule = rows["rule"] else { return nil }
            for row in 0..<rows.count {
                let (rule, column) = (rule.string(row) ?? "", column.isValid(row) ? column.string(row) : nil)
                let key = Key(rule: TextKey(rule), column: column.map(TextKey.init))
                if let place = places[key] {
                    lines[place].count += 1
                } else {
                    places[key] = lines.count
                    lines.append(Line(rule: rule, column: column, count: 1))
                }
            }
        }
    }

    private struct Key: Hashable {
        let rule: TextKey
        let column: TextKey?
    }
}
