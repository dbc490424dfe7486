import DataFrames

/// Levels of a column of texts or of a category, numbered in the order they first come; two are one where their bytes
/// are. The texts of a column are looked up where they lie.
public struct LevelNumbers: Sendable {
    private var table = TextTable()

    public init() {}

    /// Numbers a list of levels; one that is there twice has the number of the first, and what comes behind it the
    /// number it would have without.
    public init(_ levels: [String]) {
        for level in levels {
            var level = level
            level.withUTF8 { _ = table.number($0) }
        }
    }

    public var count: Int { table.count }

    /// By number.
    public var levels: [String] { (0..<table.count).map { table[$0] } }

    /// Takes the levels that rows have.
    ///
    /// - Parameter counts: Of each level how many rows have it.
    /// - Precondition: The column is one of texts or a category.
    /// - Complexity: O(bytes).
    public mutating func take(_ column: DataColumn, _ counts: inout [Int]) {
        switch column.storage {
        case .utf8(let texts):
            texts.withSlices { text in
                for row in 0..<column.count where column.isValid(row) {
                    let (number, isNew) = table.number(text(row).bytes)
                    if isNew { counts.append(1) } else { counts[Int(number)] += 1 }
                }
            }
        case .dictionary(let indices, let levels):
            var own = [Int](repeating: 0, count: levels.count)
            for row in indices.indices where column.isValid(row) { own[Int(indices[row])] += 1 }
            for (level, count) in zip(levels, own) where count > 0 {
                var level = level
                let (number, isNew) = level.withUTF8 { table.number($0) }
                if isNew { counts.append(count) } else { counts[Int(number)] += count }
            }
        default: preconditionFailure("a column without levels")
        }
    }

    /// By row the number of its level; -1 for null, and for a level that is not there.
    ///
    /// - Precondition: The column is one of texts or a category.
    /// - Complexity: O(bytes).
    public func places(of column: DataColumn) -> [Int32] {
        switch column.storage {
        case .utf8(let texts):
            return texts.withSlices { text in
                (0..<column.count).map { row in
                    column.isValid(row) ? table.find(text(row).bytes) ?? -1 : -1
                }
            }
        case .dictionary(let indices, let levels):
            let own = levels.map { level in
                var level = level
                return level.withUTF8 { table.find($0) ?? -1 }
            }
            return indices.indices.map { column.isValid($0) ? own[Int(indices[$0])] : -1 }
        default: preconditionFailure("a column without levels")
        }
    }
}
