import DataFrames
import Glibc
import TableTypes

/// A connection to a MySQL or MariaDB server, and one statement on it, whose rows are read off the wire as they come: none
/// are kept but the batch's.
final class MySQLSession: SQLSession {
    let dialect = SQLDialect.mysql
    let library: MariaDBLibrary
    private let connection: MariaDBLibrary.Connection
    private var statement: MariaDBLibrary.Statement?
    private var reader: MySQLRowReader?
    private var rows = 0

    init(_ server: SQLServer) throws(SQLError) {
        library = try MariaDBLibrary.shared.opened()
        connection = try Self.connect(server, library)
        do throws(SQLError) {
            try setUp()
        } catch {
            library.close(connection)
            throw error
        }
    }

    deinit { close() }

    private var isClosed = false

    func close() {
        if isClosed { return }
        isClosed = true
        // Rows that still come are not waited for: the library would read them all.
        if statement != nil { shutdown(library.descriptor(connection), CInt(SHUT_RDWR)) }
        closeStatement()
        library.close(connection)
    }

    /// Times in UTC, texts in UTF-8, backslashes as `QueryScanner` takes them, and nothing is changed.
    private func setUp() throws(SQLError) {
        watchLine()
        try run("SET time_zone = '+00:00', sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '')")
        try run("SET NAMES utf8mb4")
        // A limit of the server's own would end a table early without a word.
        try run("SET sql_select_limit = 18446744073709551615")
        // How much of a text a sort looks at is for all servers the same.
        try run("SET max_sort_length = \(MySQLField.sortedBytes)")
        try run("START TRANSACTION READ ONLY")
    }

    /// A server that is gone without a word is found out within a minute and a half, whether we wait for it or speak.
    private func watchLine() {
        let descriptor = library.descriptor(connection)
        func set(_ level: CInt, _ option: CInt, _ value: CInt) {
            withUnsafePointer(to: value) { pointer in
                _ = setsockopt(descriptor, level, option, pointer, socklen_t(MemoryLayout<CInt>.size))
            }
        }
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(CInt(IPPROTO_TCP), TCP_KEEPIDLE, 30)
        set(CInt(IPPROTO_TCP), TCP_KEEPINTVL, 15)
        set(CInt(IPPROTO_TCP), TCP_KEEPCNT, 4)
        set(CInt(IPPROTO_TCP), TCP_USER_TIMEOUT, 90_000)
    }

    private func run(_ text: String) throws(SQLError) {
        guard library.query(connection, text, CUnsignedLong(text.utf8.count)) == 0 else {
            throw failure(in: SQLStatement(text))
        }
    }

    // MARK: Statements

    private func prepare(_ statement: SQLStatement) throws(SQLError) -> MariaDBLibrary.Statement {
        guard let prepared = library.makeStatement(connection) else { throw failure(in: statement) }
        guard library.prepare(prepared, statement.text, CUnsignedLong(statement.text.utf8.count)) == 0 else {
            let error = failure(of: prepared, statement)
            _ = library.closeStatement(prepared)
            throw error
        }
        let count = Int(library.placeholderCount(prepared))
        guard count == statement.values.count else {
            _ = library.closeStatement(prepared)
            throw .foreignPlaceholders(count - statement.values.count)
        }
        return prepared
    }

    private func closeStatement() {
        reader = nil
        if let statement { _ = library.closeStatement(statement) }
        statement = nil
    }

    func columns(of statement: SQLStatement) throws(SQLError) -> [SQLColumn] {
        let prepared = try prepare(statement)
        let fields = MySQLField.fields(of: prepared, library)
        _ = library.closeStatement(prepared)
        var columns: [SQLColumn] = []
        for field in fields {
            var column = field.column
            if field.isEnum { column.levels = try levels(of: field) }
            if column.levels == nil, column.type == .category { column.type = .text }
            columns.append(column)
        }
        return columns
    }

    func primaryKey(of table: [String]) throws(SQLError) -> [String] {
        let schema = table.count > 1 ? "?" : "DATABASE()"
        return try texts(
            """
            SELECT COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = \(schema) \
            AND TABLE_NAME = ? AND CONSTRAINT_NAME = 'PRIMARY' ORDER BY ORDINAL_POSITION
            """, table.suffix(2).map { .text($0) })
    }

    /// The levels of an enum; nil where the server does not tell, as of an expression.
    private func levels(of field: MySQLField) throws(SQLError) -> [String]? {
        try texts(
            """
            SELECT COLUMN_TYPE FROM information_schema.COLUMNS \
            WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND COLUMN_NAME = ?
            """, [.text(field.database), .text(field.table), .text(field.original)]
        ).first.flatMap(MySQLField.levels)
    }

    /// The first column of a small result, as texts.
    private func texts(_ text: String, _ values: [SQLValue]) throws(SQLError) -> [String] {
        let column = SQLColumn("text", .text, declared: "")
        try start(SQLStatement(text, values))
        guard let statement else { return [] }
        try read(MySQLField.fields(of: statement, library), [column])
        var batch = RowBatch([column])
        while try fetch(1024, into: &batch) {}
        closeStatement()
        let taken = batch.take().columns[0]
        return (0..<taken.count).map { taken.string($0) ?? "" }
    }

    func open(_ statement: SQLStatement, _ columns: [SQLColumn]) throws(SQLError) -> [SQLColumn] {
        let prepared = try start(statement)
        let fields = MySQLField.fields(of: prepared, library)
        let names = fields.map(\.column.name)
        guard names == columns.map(\.name) else {
            throw .columnsChanged(told: columns.map(\.name), found: names)
        }
        let found = zip(fields, columns).map { field, column in field.actual(column) }
        if found == columns { try read(fields, columns) }
        return found
    }

    /// Prepares and runs a statement, whose rows are on the line then.
    @discardableResult
    private func start(_ statement: SQLStatement) throws(SQLError) -> MariaDBLibrary.Statement {
        closeStatement()
        rows = 0
        let prepared = try prepare(statement)
        self.statement = prepared
        let values = MySQLValues(statement.values)
        // The library keeps no copies: they live until all is sent.
        let isRun = withExtendedLifetime(values) {
            (values.count == 0 || library.bindValues(prepared, values.binds) == 0)
                && library.execute(prepared) == 0
        }
        guard isRun else { throw failure(of: prepared, statement) }
        return prepared
    }

    /// Gives the rows places.
    private func read(_ fields: [MySQLField], _ columns: [SQLColumn]) throws(SQLError) {
        guard let statement else { return }
        // The library takes as many places as it has columns.
        precondition(fields.count == columns.count, "a place for each column")
        let reader = MySQLRowReader(fields, columns)
        self.reader = reader
        guard library.bindResult(statement, reader.binds) == 0 else {
            throw failure(of: statement, SQLStatement(""))
        }
    }

    func fetch(_ rows: Int, into batch: inout RowBatch) throws(SQLError) -> Bool {
        guard let statement, let reader else { return false }
        var bytes = 0
        for _ in 0..<rows where bytes < RowLimits.bytes {
            switch library.fetch(statement) {
            // A row, or one of which a text was longer than its place.
            case 0, 101: bytes += try reader.take(into: &batch, statement, library)
            case 100:
                closeStatement()
                return false
            default: throw failure(of: statement, SQLStatement(""))
            }
            self.rows += 1
        }
        return true
    }

    // MARK: Failures

    private func failure(in statement: SQLStatement) -> SQLError {
        MySQLFailure.error(
            library.errorNumber(connection), String(cString: library.errorText(connection)), statement, rows)
    }

    private func failure(of prepared: MariaDBLibrary.Statement, _ statement: SQLStatement) -> SQLError {
        let number = library.statementErrorNumber(prepared)
        // Where the connection itself fails, the statement knows nothing of it.
        guard number != 0 else { return failure(in: statement) }
        return MySQLFailure.error(
            number, String(cString: library.statementErrorText(prepared)), statement, rows)
    }
}
