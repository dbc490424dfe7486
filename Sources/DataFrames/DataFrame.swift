import TableTypes

/// A column with its values: a name, what it means, and one storage.
public struct DataColumn: Hashable, Sendable {
    public var name: String
    public var type: ColumnType
    public let storage: ColumnStorage
    /// Nil when no row is null.
    public let validity: ValidityBitmap?

    /// - Precondition: The bitmap, if any, has as many rows as the storage, and
    ///   every index of a category that is not null lies within its levels.
    public init(_ name: String, _ type: ColumnType, _ storage: ColumnStorage, validity: ValidityBitmap? = nil)
    {
        precondition(
            validity == nil || validity!.count == storage.count,
            "column '\(name)' has \(storage.count) rows, its bitmap \(validity?.count ?? 0)")
        self.name = name
        self.type = type
        self.storage = storage
        self.validity = validity.flatMap { $0.nullCount == 0 ? nil : $0 }
        if case .dictionary(let indices, let levels) = storage {
            for (row, index) in indices.enumerated() where isValid(row) {
                precondition(
                    levels.indices.contains(Int(index)), "column '\(name)', row \(row): no level \(index)")
            }
        }
    }

    public var count: Int { storage.count }
    public var nullCount: Int { validity?.nullCount ?? 0 }
    public func isValid(_ row: Int) -> Bool { validity?[row] ?? true }

    /// The values as numbers, null as NaN; nil for what has no arithmetic.
    public var numbers: [Double]? {
        func spread<T>(_ values: [T], _ convert: (T) -> Double) -> [Double] {
            var numbers = values.map(convert)
            validity?.eachNull(in: 0..<values.count) { numbers[$0] = .nan }
            return numbers
        }
        return switch storage {
        case .boolean(let values): spread(values) { $0 ? 1 : 0 }
        case .int64(let values): spread(values) { Double($0) }
        case .float64(let values): validity == nil ? values : spread(values) { $0 }
        case .utf8, .binary, .dictionary, .date32, .timestamp: nil
        }
    }

    /// The text of one row; nil if it is null or the column is neither text
    /// nor category.
    public func string(_ row: Int) -> String? {
        guard isValid(row) else { return nil }
        return switch storage {
        case .utf8(let strings): strings[row]
        case .dictionary(let indices, let levels): levels[Int(indices[row])]
        case .boolean, .int64, .float64, .binary, .date32, .timestamp: nil
        }
    }

    /// The rows at these places, in this order. O(rows taken).
    public func gather(_ rows: [Int]) -> DataColumn {
        let taken = validity.map { validity in ValidityBitmap(rows.lazy.map { validity[$0] }) }
        return DataColumn(name, type, storage.gather(rows), validity: taken)
    }
}

/// Why columns do not make a table.
public enum DataFrameError: Error, Hashable, Sendable, CustomStringConvertible {
    case duplicateColumn(String)
    case unequalRows(column: String, rows: Int, expected: Int)

    public var description: String {
        switch self {
        case .duplicateColumn(let name): "two columns are named '\(name)'"
        case .unequalRows(let column, let rows, let expected):
            "column '\(column)' has \(rows) rows, the columns before it have \(expected)"
        }
    }
}

/// A table in memory: columns of different names and equally many rows.
public struct DataFrame: Hashable, Sendable {
    public let columns: [DataColumn]
    /// Rows.
    public let count: Int

    public init(_ columns: [DataColumn]) throws(DataFrameError) {
        var names: Set<String> = []
        let rows = columns.first?.count ?? 0
        for column in columns {
            guard names.insert(column.name).inserted else { throw .duplicateColumn(column.name) }
            guard column.count == rows else {
                throw .unequalRows(column: column.name, rows: column.count, expected: rows)
            }
        }
        self.columns = columns
        self.count = rows
    }

    init(unchecked columns: [DataColumn], count: Int) {
        self.columns = columns
        self.count = count
    }

    public var names: [String] { columns.map(\.name) }
    public subscript(name: String) -> DataColumn? { columns.first { $0.name == name } }

    /// What a plan would know of this table: names, types, levels.
    public var tableType: TableType {
        TableType(
            columns.map { column in
                var levels: [String]?
                if case .dictionary(_, let known) = column.storage { levels = known }
                return Column(column.name, column.type, levels: levels, isNullable: column.nullCount > 0)
            })
    }

    /// The rows at these places, in this order. O(rows taken x columns).
    /// - Precondition: Every place lies within the table.
    public func gather(_ rows: [Int]) -> DataFrame {
        DataFrame(unchecked: columns.map { $0.gather(rows) }, count: rows.count)
    }
}
