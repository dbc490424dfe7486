import DataFrames
import TableTypes

/// Joins of two tables by equal keys (`KeyLookup`), and by time (`TimeLookup`).
///
/// The right table is held, by its keys; the left one passes by it some rows at a time, and what comes of them depends
/// on no others. Rows come in the order of the left table, and those that one left row meets in the order of the right
/// one. A null key meets nothing (SQL), not even another null; -0 meets 0, NaN meets NaN, and a category meets a text
/// of the same bytes.
public enum Joining {
    /// Of every row of the result the row of each table.
    public struct Pairs: Sendable {
        /// Among the left rows at hand; nil where they are all of them in their order, so that nothing need be copied.
        var left: [Int32]?
        /// -1 where there is none; of a join that takes no right columns there are no numbers.
        var right: [Int32]
        /// Whether some right row is -1.
        var hasGaps: Bool
        /// Rows of the result.
        public let count: Int

        /// Calls with these pairs, so many at most, once at least.
        public func eachPart(atMost most: Int, _ body: (Pairs) throws -> Void) rethrows {
            guard count > most else { return try body(self) }
            for start in stride(from: 0, to: count, by: most) {
                try body(part(start..<min(start + most, count)))
            }
        }

        private func part(_ rows: Range<Int>) -> Pairs {
            Pairs(
                left: left.map { Array($0[rows]) } ?? rows.map { Int32($0) },
                right: right.isEmpty ? [] : Array(right[rows]), hasGaps: hasGaps, count: rows.count)
        }
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

        public var isLeftUnique: Bool { self == .oneToOne || self == .oneToMany }
        public var isRightUnique: Bool { self == .oneToOne || self == .manyToOne }
    }

    /// A key that stands twice where it may stand once.
    public struct DuplicateKey: Error, Hashable, Sendable {
        /// Rows with the same key, from 0.
        public var first: Int
        public var second: Int
    }

    /// - Parameter keys: Key columns of all rows; a row with a null among them has no key.
    /// - Complexity: O(bytes of the keys), expected.
    public static func requireUnique(_ keys: [DataColumn]) throws(DuplicateKey) {
        try requireUnique(RowKeys(keys, nulls: .apart), rows: keys[0].count)
    }

    static func requireUnique(_ keys: RowKeys, rows: Int) throws(DuplicateKey) {
        guard keys.count < rows else { return }
        var firsts = [Int](repeating: -1, count: keys.count)
        for (row, number) in keys.numbers.enumerated() where number >= 0 {
            if firsts[Int(number)] >= 0 { throw DuplicateKey(first: firsts[Int(number)], second: row) }
            firsts[Int(number)] = row
        }
    }

    /// The columns of the result, each under its new name.
    ///
    /// - Parameters:
    ///   - left: Of the left rows at hand.
    ///   - right: Of the whole right table; none where the pairs have no right rows.
    /// - Precondition: Names differ; the pairs were made of these tables.
    /// - Complexity: O(bytes of the result).
    public static func columns(
        _ left: [(column: DataColumn, name: String)], _ right: [(column: DataColumn, name: String)],
        by pairs: Pairs
    ) -> [DataColumn] {
        func named(_ column: DataColumn, _ name: String) -> DataColumn {
            var column = column
            column.name = name
            return column
        }
        return left.map { column, name in
            named(pairs.left.map { column.taking($0, hasGaps: false) } ?? column, name)
        }
            + right.map { column, name in
                named(column.taking(pairs.right, hasGaps: pairs.hasGaps), name)
            }
    }
}
