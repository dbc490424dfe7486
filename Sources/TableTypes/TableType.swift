/// What a column means, known before a run. Text, images, audio and series are
/// column types, so that all modalities live in one kind of table.
public enum ColumnType: String, Sendable, Hashable, CaseIterable {
    case boolean, integer, number, category, text, date, timestamp
    case image, audio, series, vector, json

    /// Whether arithmetic on it makes sense: integer and number.
    public var isNumeric: Bool { self == .integer || self == .number }
}

/// What a column is for. Selectors take only columns without a role.
public enum ColumnRole: String, Sendable, Hashable, CaseIterable {
    case target, id, group, weight, time, ignore
}

/// One column of a table as far as it is known before the run.
public struct Column: Hashable, Sendable {
    public var name: String
    public var type: ColumnType
    public var role: ColumnRole?
    /// The values a category may take, where the schema enumerates them.
    public var levels: [String]?
    public var isNullable: Bool
    /// Elements of a vector; nil is `vector[?]`, a width known only from data.
    public var width: Int?

    public init(
        _ name: String, _ type: ColumnType, role: ColumnRole? = nil, levels: [String]? = nil,
        isNullable: Bool = true, width: Int? = nil
    ) {
        self.name = name
        self.type = type
        self.role = role
        self.levels = levels
        self.isNullable = isNullable
        self.width = width
    }
}

/// The columns of a table: all of them (closed), or those known plus others
/// that only the data can tell (open).
public struct TableType: Hashable, Sendable {
    public var columns: [Column]
    public var isOpen: Bool

    public init(_ columns: [Column], isOpen: Bool = false) {
        self.columns = columns
        self.isOpen = isOpen
    }

    /// A table of which nothing is known.
    public static let unknown = TableType([], isOpen: true)

    public subscript(name: String) -> Column? { columns.first { $0.name == name } }
    public var names: [String] { columns.map(\.name) }
}
