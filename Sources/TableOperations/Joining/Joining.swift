import DataFrames
import TableTypes

/// Joins of two tables by equal keys, and by time.
///
/// Rows come in the order of the left table, and those that one left row meets
/// in the order of the right one. A null key meets nothing (SQL), not even
/// another null; -0 meets 0, NaN meets NaN, and a category meets a text of the
/// same bytes.
public enum Joining {
    /// Of every row of the result the row of each table; the right one is -1
    /// where there is none.
    public struct Pairs: Sendable {
        var left: [Int32]
        var right: [Int32]
        /// Whether the left rows are all rows in their order, so that nothing
        /// need be copied.
        var isLeftWhole: Bool
        /// Whether some right row is -1.
        var hasGaps: Bool

        /// Rows of the result.
        public var count: Int { left.count }
    }

    public enum Kind: String, Sendable, CaseIterable {
        /// Rows that meet.
        case inner
        /// These, and left rows that meet none.
        case left
        /// Left rows that meet none.
        case anti
    }

    /// What keys must be, as pandas names it.
    public enum Validation: String, Sendable, CaseIterable {
        case manyToMany = "many_to_many"
        case oneToMany = "one_to_many"
        case manyToOne = "many_to_one"
        case oneToOne = "one_to_one"

        var isLeftUnique: Bool { self == .oneToOne || self == .oneToMany }
        var isRightUnique: Bool { self == .oneToOne || self == .manyToOne }
    }

    /// A key that stands twice where `Validation` lets it stand once.
    public struct DuplicateKey: Error, Hashable, Sendable {
        public var isLeft: Bool
        /// Rows with the same key, from 0.
        public var first: Int
        public var second: Int
    }

    /// The result would have more rows than a table can.
    public struct TooManyRows: Error, Hashable, Sendable {
        public var rows: Int
    }

    /// - Parameters:
    ///   - left: Key columns.
    ///   - right: As many, each comparable with its own: of one type, or a text
    ///     and a category.
    /// - Throws: `DuplicateKey`, `TooManyRows`.
    /// - Complexity: O(bytes of the keys + rows of the result), expected.
    public static func pairs(
        _ left: [DataColumn], _ right: [DataColumn], kind: Kind, validation: Validation = .manyToMany
    ) throws -> Pairs {
        if validation.isLeftUnique { try requireUnique(left, isLeft: true) }
        let keys = RowKeys(right, nulls: .apart)
        let rows = right[0].count
        if validation.isRightUnique { try requireUnique(keys, rows: rows, isLeft: false) }
        let found = keys.find(left)
        if kind == .anti {
            let alone = found.indices.filter { found[$0] < 0 }.map { Int32($0) }
            return Pairs(left: alone, right: [], isLeftWhole: alone.count == found.count, hasGaps: false)
        }
        if keys.count == rows { return onePartner(found, kind) }
        if keys.count == keys.numbers.reduce(0, { $0 + ($1 >= 0 ? 1 : 0) }) {
            // Nulls aside every key stands once: its number's row.
            return onePartner(found.taking(none: -1, from: keys.firstRows), kind)
        }
        return try severalPartners(found, RowsByKey(keys.numbers, count: keys.count), kind)
    }

    /// - Parameter found: Of every left row its row of the right table.
    private static func onePartner(_ found: [Int32], _ kind: Kind) -> Pairs {
        let misses = found.reduce(0) { $0 + ($1 < 0 ? 1 : 0) }
        if kind == .left || misses == 0 {
            return Pairs(
                left: (0..<Int32(found.count)).map { $0 }, right: found, isLeftWhole: true,
                hasGaps: misses > 0)
        }
        // Written for every row, kept only where there is a partner: no branch.
        var right = [Int32](repeating: 0, count: found.count - misses + 1)
        var left = right
        found.withUnsafeBufferPointer { found in
            right.withUnsafeMutableBufferPointer { right in
                left.withUnsafeMutableBufferPointer { left in
                    var next = 0
                    for row in 0..<found.count {
                        left[next] = Int32(truncatingIfNeeded: row)
                        right[next] = found[row]
                        next += found[row] >= 0 ? 1 : 0
                    }
                }
            }
        }
        left.removeLast()
        right.removeLast()
        return Pairs(left: left, right: right, isLeftWhole: false, hasGaps: false)
    }

    private static func severalPartners(
        _ found: [Int32], _ partners: RowsByKey, _ kind: Kind
    ) throws(TooManyRows) -> Pairs {
        var total = 0
        for key in found {
            if key >= 0 {
                total += Int(partners.starts[Int(key) + 1] - partners.starts[Int(key)])
            } else if kind == .left {
                total += 1
            }
        }
        guard total < Int(Int32.max) else { throw TooManyRows(rows: total) }
        var left: [Int32] = []
        left.reserveCapacity(total)
        var right: [Int32] = []
        right.reserveCapacity(total)
        var hasGaps = false
        for (row, key) in found.enumerated() {
            if key >= 0 {
                let range = Int(partners.starts[Int(key)])..<Int(partners.starts[Int(key) + 1])
                for place in range {
                    left.append(Int32(row))
                    right.append(partners.rows[place])
                }
            } else if kind == .left {
                left.append(Int32(row))
                right.append(-1)
                hasGaps = true
            }
        }
        return Pairs(left: left, right: right, isLeftWhole: false, hasGaps: hasGaps)
    }

    // MARK: Validation

    private static func requireUnique(_ columns: [DataColumn], isLeft: Bool) throws(DuplicateKey) {
        try requireUnique(RowKeys(columns, nulls: .apart), rows: columns[0].count, isLeft: isLeft)
    }

    private static func requireUnique(
        _ keys: RowKeys, rows: Int, isLeft: Bool
    ) throws(DuplicateKey) {
        guard keys.count < rows else { return }
        var firsts = [Int](repeating: -1, count: keys.count)
        for (row, number) in keys.numbers.enumerated() where number >= 0 {
            if firsts[Int(number)] >= 0 {
                throw DuplicateKey(isLeft: isLeft, first: firsts[Int(number)], second: row)
            }
            firsts[Int(number)] = row
        }
    }

    // MARK: Columns

    /// The columns of the result, each under its new name.
    ///
    /// - Precondition: Names differ; the pairs were made of these tables.
    public static func columns(
        _ left: [(column: DataColumn, name: String)], _ right: [(column: DataColumn, name: String)],
        by pairs: Pairs
    ) -> [DataColumn] {
        func named(_ column: DataColumn, _ name: String) -> DataColumn {
            DataColumn(name, column.type, column.storage, validity: column.validity)
        }
        return left.map { column, name in
            named(pairs.isLeftWhole ? column : column.taking(pairs.left, hasGaps: false), name)
        }
            + right.map { column, name in
                named(column.taking(pairs.right, hasGaps: pairs.hasGaps), name)
            }
    }
}

extension Array where Element == Int32 {
    /// Each number below zero kept, any other looked up.
    func taking(none: Int32, from table: [Int32]) -> [Int32] {
        table.withUnsafeBufferPointer { table in map { $0 < 0 ? none : table[Int($0)] } }
    }
}
