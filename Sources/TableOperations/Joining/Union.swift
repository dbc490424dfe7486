import DataFrames
import TableTypes

/// Tables under one another, columns brought together by their names.
///
/// Columns come in the order in which the tables first name them. Integers
/// beside numbers become numbers, a category beside a text becomes a text, a
/// date beside a timestamp its midnight in UTC. Categories of different levels
/// get the levels of the first table, then those that each later one adds, in
/// its order.
public enum Union {
    /// The type that columns of both can be brought to; nil when there is none.
    public static func joined(_ a: ColumnType, _ b: ColumnType) -> ColumnType? {
        if a == b { return a }
        let pair: Set = [a, b]
        if pair == [.integer, .number] { return .number }
        if pair == [.category, .text] { return .text }
        if pair == [.date, .timestamp] { return .timestamp }
        return nil
    }

    /// The levels of two categories that meet, each once. Levels are one where
    /// their bytes are: Swift's equality would take a letter with an accent for
    /// the letter and the accent.
    public static func levels(_ a: [String], _ b: [String]) -> [String] {
        var known: Set<[UInt8]> = []
        return (a + b).filter { known.insert(Array($0.utf8)).inserted }
    }

    /// One of the tables, whose rows may come some at a time.
    public struct Member: Sendable {
        private let columns: [Column]
        /// Of each column that is a category here and there what its levels
        /// are there.
        private let moved: [[Int32]?]

        /// - Parameters:
        ///   - table: The types of its columns, levels with them.
        ///   - columns: Those of all tables together; of categories with all
        ///     levels.
        /// - Precondition: A column of the table can be brought to the one of
        ///   its name.
        public init(_ table: TableType, of columns: [Column]) {
            self.columns = columns
            moved = columns.map { column in
                guard column.type == .category, let levels = table[column.name]?.levels else { return nil }
                let places = Dictionary(
                    (column.levels ?? []).enumerated().map { (Array($1.utf8), Int32($0)) },
                    uniquingKeysWith: { first, _ in first })
                return levels.map { places[Array($0.utf8)] ?? 0 }
            }
        }

        /// These rows as rows of all tables together; null where the table
        /// lacks a column.
        ///
        /// - Complexity: O(bytes + levels).
        public func rows(_ frame: DataFrame) -> [DataColumn] {
            columns.enumerated().map { index, column in
                guard let own = frame[column.name] else { return .nulls(column, rows: frame.count) }
                return DataColumn(
                    column.name, column.type, storage(own, as: column, moved: moved[index]),
                    validity: own.validity)
            }
        }

        private func storage(_ own: DataColumn, as column: Column, moved: [Int32]?) -> ColumnStorage {
            switch (column.type, own.storage) {
            case (.number, .int64(let values)): return .float64(values.map { Double($0) })
            case (.timestamp, .date32(let values)): return .timestamp(values.map(Moments.nearestMidnight))
            case (.text, .dictionary):
                let texts = DataColumn(own.name, .text, own.storage, validity: own.validity)
                return .utf8(Vector(texts).texts)
            case (.category, .dictionary(let indices, _)):
                let moved = moved ?? []
                // A null row may hold any index.
                let places = indices.indices.map { own.isValid($0) ? moved[Int(indices[$0])] : 0 }
                return .dictionary(indices: places, levels: column.levels ?? [])
            case (_, let storage): return storage
            }
        }
    }
}

extension DataColumn {
    /// A column without a value.
    fileprivate static func nulls(_ column: Column, rows: Int) -> DataColumn {
        func blank<T>(_ value: T) -> [T] { [T](repeating: value, count: rows) }
        let storage: ColumnStorage =
            switch column.type {
            case .boolean: .boolean(blank(false))
            case .integer: .int64(blank(0))
            case .number: .float64(blank(0))
            case .date: .date32(blank(0))
            case .timestamp: .timestamp(blank(0))
            case .category: .dictionary(indices: blank(0), levels: column.levels ?? [])
            case .text, .series, .vector, .json: .utf8(StringStorage(blank("")))
            case .image, .audio:
                .binary(BinaryStorage(offsets: Offsets([Int](repeating: 0, count: rows + 1)), bytes: []))
            }
        return DataColumn(
            column.name, column.type, storage, validity: ValidityBitmap(repeatElement(false, count: rows)))
    }
}
