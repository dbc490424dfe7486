import TableTypes

/// Which rows are wanted: a table or a query, and what is asked of it besides.
public struct SQLSelection: Sendable {
    public enum Source: Sendable {
        /// A name, or one within others, such as schema and table.
        case table([String])
        case query(QueryText)
    }

    /// From `from` on, before `to`.
    public struct TimeRange: Sendable {
        public var column: String
        public var from: SQLValue?
        public var to: SQLValue?

        public init(column: String, from: SQLValue?, to: SQLValue?) {
            self.column = column
            self.from = from
            self.to = to
        }
    }

    public var source: Source
    /// Nil takes all.
    public var columns: [String]?
    public var parameters: [String: [SQLValue]]
    public var range: TimeRange?
    /// A column that only grows: rows come in its order.
    public var watermark: String?
    /// Nil lets the primary key decide, else all columns; an empty list leaves it to the server.
    public var order: [String]?

    public init(
        _ source: Source, columns: [String]? = nil, parameters: [String: [SQLValue]] = [:],
        range: TimeRange? = nil, watermark: String? = nil, order: [String]? = nil
    ) {
        self.source = source
        self.columns = columns
        self.parameters = parameters
        self.range = range
        self.watermark = watermark
        self.order = order
    }

    var dialect: SQLDialect? { if case .query(let text) = source { text.dialect } else { nil } }

    /// What is asked of the server first, to know the columns.
    func probe(_ dialect: SQLDialect) throws(SQLError) -> SQLStatement {
        switch source {
        case .query(let text): return try text.statement(parameters)
        case .table(let path): return SQLStatement("SELECT * FROM \(try dialect.quoted(path: path))")
        }
    }

    /// Of those the server told, the ones wanted, in the order they are wanted.
    func wanted(_ known: [SQLColumn]) throws(SQLError) -> [SQLColumn] {
        var seen: Set<String> = []
        for column in known where !seen.insert(column.name).inserted { throw .columnTwice(column.name) }
        let wanted = try columns?.map { name throws(SQLError) in try Self.find(name, known) } ?? known
        for column in wanted {
            if let fix = column.unreadable {
                throw .columnType(column: column.name, type: column.declared, fix: fix)
            }
        }
        return wanted
    }

    private static func find(_ name: String, _ columns: [SQLColumn]) throws(SQLError) -> SQLColumn {
        guard let column = columns.first(where: { $0.name == name }) else {
            throw .unknownColumn(name, known: columns.map(\.name))
        }
        return column
    }

    /// Where among the wanted columns the watermark is.
    func watermarkPlace(_ wanted: [SQLColumn]) throws(SQLError) -> Int? {
        guard let watermark else { return nil }
        guard let place = wanted.firstIndex(where: { $0.name == watermark }) else {
            throw .unknownColumn(watermark, known: wanted.map(\.name))
        }
        guard [.integer, .date, .timestamp].contains(wanted[place].type) else {
            throw .watermarkType(column: watermark, wanted[place].type)
        }
        return place
    }

    /// The statement that gives the rows in an order the data alone decide.
    ///
    /// Rows are sorted by the watermark, then by `order`, then by what tells all rows apart: the primary key of a table
    /// where all of it is wanted, else every column. A query that has an order of its own, and needs nothing else, is
    /// sent as it is.
    ///
    /// - Parameters:
    ///   - known: All columns of the source.
    ///   - wanted: Those that are selected, in order.
    ///   - key: Of a table, its primary key; may be empty.
    ///   - after: The watermark's last value: rows with it come once more.
    func statement(
        _ dialect: SQLDialect, known: [SQLColumn], wanted: [SQLColumn], key: [String], after: SQLValue?
    ) throws(SQLError) -> SQLStatement {
        if case .query(let text) = source, text.isOrdered, columns == nil, range == nil, watermark == nil,
            order == nil
        {
            return try text.statement(parameters)
        }
        var names: [String] = []
        for column in wanted { names.append(try dialect.quoted(column.name)) }
        var statement = try selecting(names.joined(separator: ", "), dialect)
        let late = try after.map { value throws(SQLError) in
            // A null is found, and told, at whatever time it came.
            (sign: ">=", value: value, orElse: " OR \(try dialect.quoted(watermark ?? "")) IS NULL")
        }
        try addConditions(&statement, dialect, known, late)
        let terms = try sortTerms(dialect, known: known, wanted: wanted, key: key)
        if !terms.isEmpty { statement.text += " ORDER BY " + terms.joined(separator: ", ") }
        return statement
    }

    static let countName = "rows_below"

    /// The statement that counts the rows whose watermark is below a value.
    func counting(
        _ dialect: SQLDialect, known: [SQLColumn], below value: SQLValue
    ) throws(SQLError) -> SQLStatement {
        var statement = try selecting("COUNT(*) AS \(Self.countName)", dialect)
        try addConditions(&statement, dialect, known, (sign: "<", value: value, orElse: ""))
        return statement
    }

    /// `SELECT ... FROM` the source.
    private func selecting(_ what: String, _ dialect: SQLDialect) throws(SQLError) -> SQLStatement {
        var statement = SQLStatement("SELECT \(what) FROM ")
        switch source {
        case .table(let path): statement.text += try dialect.quoted(path: path)
        case .query(let text):
            statement.text += "("
            statement = try text.statement(parameters, after: statement)
            statement.text += ") AS rows_of_query"
        }
        return statement
    }

    /// - Parameter mark: How the watermark compares with a value, and what else will do.
    private func addConditions(
        _ statement: inout SQLStatement, _ dialect: SQLDialect, _ known: [SQLColumn],
        _ mark: (sign: String, value: SQLValue, orElse: String)?
    ) throws(SQLError) {
        var conditions: [String] = []
        func compared(_ column: String, _ sign: String, _ value: SQLValue) throws(SQLError) -> String {
            statement.values.append(value)
            return "\(try dialect.quoted(column)) \(sign) \(dialect.placeholder(statement.values.count))"
        }
        if let range {
            let column = try Self.find(range.column, known).name
            if let from = range.from { conditions.append(try compared(column, ">=", from)) }
            if let to = range.to { conditions.append(try compared(column, "<", to)) }
        }
        if let watermark, let mark {
            conditions.append("(\(try compared(watermark, mark.sign, mark.value))\(mark.orElse))")
        }
        if !conditions.isEmpty { statement.text += " WHERE " + conditions.joined(separator: " AND ") }
    }

    private func sortTerms(
        _ dialect: SQLDialect, known: [SQLColumn], wanted: [SQLColumn], key: [String]
    ) throws(SQLError) -> [String] {
        if watermark == nil, order?.isEmpty == true { return [] }
        var sorting = watermark.map { [$0] } ?? []
        for name in order ?? [] where !sorting.contains(name) { sorting.append(name) }
        let byKey = !key.isEmpty
        let rest = byKey ? key : wanted.map(\.name)
        for name in rest where !sorting.contains(name) { sorting.append(name) }
        return try sorting.map { name throws(SQLError) in
            var column = try Self.find(name, known)
            // No two rows have one key, whatever its collation, and its index has them in order.
            if byKey, key.contains(name), column.sort != .longBytes { column.sort = .plain }
            guard let position = wanted.firstIndex(where: { $0.name == name }) else {
                return try dialect.quoted(name) + (dialect == .sqlite ? " COLLATE BINARY" : "")
            }
            return try dialect.sortTerm(column, position: position + 1)
        }
    }
}
