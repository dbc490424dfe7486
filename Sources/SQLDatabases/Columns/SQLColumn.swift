import TableTypes

/// A column of a result, before its rows come.
public struct SQLColumn: Hashable, Sendable {
    public var name: String
    public var type: ColumnType
    /// Of an enum, in the order the database has them.
    public var levels: [String]?
    /// How rows are sorted by it, so that values that differ never tie.
    var sort: Sort
    /// Where no column of a table holds such values: what to do.
    var unreadable: String?
    /// What the database calls its type.
    var declared: String

    enum Sort: Hashable, Sendable {
        case plain
        /// By bytes, where the column's collation would call different texts equal.
        case bytes
        /// Likewise, of texts that may be longer than what the server looks at.
        case longBytes
        /// As text, for types without an order of their own.
        case text
    }

    init(
        _ name: String, _ type: ColumnType, levels: [String]? = nil, sort: Sort = .plain,
        unreadable: String? = nil, declared: String
    ) {
        self.name = name
        self.type = type
        self.levels = levels
        self.sort = sort
        self.unreadable = unreadable
        self.declared = declared
    }
}

extension SQLDialect {
    /// What stands behind ORDER BY for a column.
    ///
    /// - Parameter position: Among the columns selected, from 1.
    func sortTerm(_ column: SQLColumn, position: Int) throws(SQLError) -> String {
        // SQLite tells no cases of names apart, but positions.
        if self == .sqlite { return "\(position) COLLATE BINARY" }
        let name = try quoted(column.name)
        switch (self, column.sort) {
        case (_, .plain): return name
        // Texts that begin alike are in the order of their digests, which the data alone decide too.
        case (.mysql, .longBytes): return "CAST(\(name) AS BINARY), SHA2(\(name), 256)"
        case (.mysql, _): return "CAST(\(name) AS BINARY)"
        case (_, .bytes), (_, .longBytes): return "\(name) COLLATE \"C\""
        case (_, .text): return "\(name)::text COLLATE \"C\""
        }
    }
}
