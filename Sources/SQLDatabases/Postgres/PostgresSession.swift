import TableTypes

/// A connection to a PostgreSQL server. Rows come from a cursor, a piece of the result at a time, in the server's binary
/// form: exact whatever its settings are, and read without parsing a text.
final class PostgresSession: SQLSession {
    let dialect = SQLDialect.postgres
    private let connection: PostgresConnection
    private var library: PostgresLibrary { connection.library }
    private var types = PostgresTypes()
    private var readers: [PostgresReader] = []
    private var forms: [PostgresReader.Form] = []
    /// How many rows of the piece asked for have not come yet.
    private var left = 0
    private var isOpen = false
    private var rows = 0

    private static let cursor = "sluice_rows"

    init(_ server: SQLServer, _ environment: [String: String]) throws(SQLError) {
        connection = try PostgresConnection(server, environment)
        // All rows of a cursor are wanted, so the plan is made for all.
        try connection.run(
            """
            SET timezone = 'UTC'; SET standard_conforming_strings = on; SET cursor_tuple_fraction = 1; \
            SET idle_in_transaction_session_timeout = 0
            """)
        try connection.run("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    func close() { connection.close() }

    // MARK: Before the rows

    private func described<Result>(
        _ statement: SQLStatement, _ body: (PostgresLibrary.Result) throws(SQLError) -> Result
    ) throws(SQLError) -> Result {
        let prepared = try connection.result(
            library.sendPrepare(connection.connection, "", statement.text, 0, nil))
        defer { library.clear(prepared) }
        try connection.check(prepared, statement, rows: 0)
        let described = try connection.result(library.sendDescribe(connection.connection, ""))
        defer { library.clear(described) }
        try connection.check(described, statement, rows: 0)
        return try body(described!)
    }

    func columns(of statement: SQLStatement) throws(SQLError) -> [SQLColumn] {
        let found = try described(statement) { result throws(SQLError) in
            (0..<library.columnCount(result)).map { column in
                (
                    name: library.columnName(result, column).map { String(cString: $0) } ?? "",
                    type: library.columnType(result, column)
                )
            }
        }
        try learn(found.map(\.type))
        return found.map { types.column($0.name, $0.type) }
    }

    /// Looks up types that are not built in.
    private func learn(_ numbers: [UInt32]) throws(SQLError) {
        let unknown = Set(numbers).filter { !types.knows($0) }.sorted()
        for number in unknown {
            let found = try texts(
                """
                SELECT ARRAY[typtype::text, format_type(oid, NULL), typcategory::text, typelem::text, \
                typbasetype::text, typsend::text] FROM pg_type WHERE oid = $1::oid
                """, [.text(String(number))])
            let labels = try texts(
                "SELECT ARRAY[enumlabel::text] FROM pg_enum WHERE enumtypid = $1::oid ORDER BY enumsortorder",
                [.text(String(number))])
            let below = types.learn(number, found.first ?? [], labels: labels.compactMap(\.first))
            if let below, !types.knows(below) { try learn([below]) }
        }
    }

    func primaryKey(of table: [String]) throws(SQLError) -> [String] {
        let name = try dialect.quoted(path: table)
        return try texts(
            """
            SELECT ARRAY[a.attname::text] FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(number, place) \
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number \
            WHERE i.indrelid = $1::regclass AND i.indisprimary ORDER BY k.place
            """, [.text(name)]
        ).compactMap(\.first)
    }

    /// Rows of one array of texts each; a null is an empty text.
    private func texts(_ text: String, _ values: [SQLValue]) throws(SQLError) -> [[String]] {
        let statement = SQLStatement(text, values)
        let result = try execute(text, values, types: nil)
        defer { library.clear(result) }
        try connection.check(result, statement, rows: 0)
        return (0..<library.rowCount(result!)).map { row in
            let bytes = UnsafeRawBufferPointer(
                start: library.value(result!, row, 0), count: Int(library.length(result!, row, 0)))
            return PostgresArray.texts(bytes)
        }
    }

    private func execute(
        _ text: String, _ values: [SQLValue], types: [UInt32]?
    ) throws(SQLError) -> PostgresLibrary.Result? {
        try connection.result(
            withCTexts(values.map(Self.text) + [nil]) { pointers in
                library.sendValues(
                    connection.connection, text, CInt(values.count), types, pointers, nil, nil, 1)
            })
    }

    /// Values go as texts of the type the server gives their place.
    private static func text(_ value: SQLValue) -> String? {
        switch value {
        case .null: nil
        case .boolean(let flag): flag ? "true" : "false"
        case .integer(let integer): String(integer)
        case .number(let number): number.isInfinite ? number < 0 ? "-Infinity" : "Infinity" : "\(number)"
        case .text(let text): text
        }
    }

    // MARK: Rows

    func open(_ statement: SQLStatement, _ columns: [SQLColumn]) throws(SQLError) -> [SQLColumn] {
        let (values, found, names) = try described(statement) { result throws(SQLError) in
            (
                (0..<library.placeholderCount(result)).map { library.placeholderType(result, $0) },
                (0..<library.columnCount(result)).map { library.columnType(result, $0) },
                (0..<library.columnCount(result)).map { column in
                    library.columnName(result, column).map { String(cString: $0) } ?? ""
                }
            )
        }
        guard names == columns.map(\.name), found.map({ types.column("", $0).type }) == columns.map(\.type)
        else {
            throw .columnsChanged(told: columns.map(\.name), found: names)
        }
        guard values.count == statement.values.count else {
            throw .foreignPlaceholders(values.count - statement.values.count)
        }
        if isOpen { try connection.run("CLOSE \(Self.cursor)") }
        let prefix = "DECLARE \(Self.cursor) NO SCROLL CURSOR FOR "
        let result = try execute(prefix + statement.text, statement.values, types: values)
        defer { library.clear(result) }
        try connection.check(result, statement, offset: prefix.count, rows: 0)
        isOpen = true
        rows = 0
        left = 0
        readers = zip(found, columns).map { types.reader($0, $1) }
        forms = readers.map(\.form)
        return columns
    }

    /// A piece of the result is asked for at once, and its rows are read as they come: of long texts only so many are in
    /// memory as a batch takes, whatever the server sends.
    func fetch(_ rows: Int, into batch: inout RowBatch) throws(SQLError) -> Bool {
        if left == 0 {
            let isSent = library.sendValues(
                connection.connection, "FETCH FORWARD \(rows) FROM \(Self.cursor)", 0, nil, nil, nil, nil, 1)
            guard isSent == 1, library.giveSingleRows(connection.connection) == 1 else {
                try connection.check(nil, SQLStatement(""), rows: self.rows)
                return false
            }
            left = rows
        }
        var bytes = 0
        while let result = try connection.next(rows: self.rows) {
            defer { library.clear(result) }
            guard library.resultStatus(result) == PostgresLibrary.singleRow else {
                try connection.check(result, SQLStatement(""), rows: self.rows)
                continue
            }
            bytes += take(result, &batch)
            self.rows += 1
            left -= 1
            // Behind the last row, the result still has an end.
            if bytes >= RowLimits.bytes, left > 0 { return true }
        }
        defer { left = 0 }
        return left == 0
    }

    /// - Returns: The bytes of the row.
    private func take(_ result: PostgresLibrary.Result, _ batch: inout RowBatch) -> Int {
        var taken = 0
        for (column, form) in forms.enumerated() {
            let length = library.length(result, 0, CInt(column))
            if length == 0, library.isNull(result, 0, CInt(column)) != 0 {
                batch.columns[column].appendNull()
                continue
            }
            taken += Int(length)
            let bytes = UnsafeRawBufferPointer(
                start: library.value(result, 0, CInt(column)), count: Int(length))
            if form == .other {
                readers[column].takeOther(bytes, column, &batch)
            } else {
                PostgresReader.take(form, bytes, column, &batch)
            }
        }
        return taken
    }
}
