import DataFrames
import TableTypes

/// The rows of a selection, in an order that the data alone decide, a piece at a time.
///
///     let rows = try SQLRows(server, environment, selection)
///     while let frame = try rows.next() { try writer.append(frame) }
public final class SQLRows {
    /// What the database calls them and what they become; the pieces have them in this order, and `Misfits.column` last.
    public let columns: [SQLColumn]
    /// Of `after`, how many rows lie below it; nil without one.
    let below: Int?
    /// So far.
    public private(set) var count = 0
    private let session: any SQLSession
    /// Struck out of what the server says.
    private var secrets: [String] = []
    private var watermark: Int?
    private var batch: RowBatch
    private var hasMore = true
    private var isFirst = true

    /// Rows of a server, which is connected to.
    ///
    /// - Parameters:
    ///   - environment: Where what `server` does not say comes from.
    ///   - after: The last value of the watermark: rows from it on.
    public convenience init(
        _ server: SQLServer, _ environment: [String: String], _ selection: SQLSelection,
        after: SQLValue? = nil
    ) throws(SQLError) {
        let server = try server.completed(environment)
        let secrets = server.secrets(environment)
        do throws(SQLError) {
            let session: any SQLSession =
                server.dialect == .mysql ? try MySQLSession(server) : try PostgresSession(server, environment)
            try self.init(session, selection, after: after)
        } catch {
            throw error.without(secrets)
        }
        self.secrets = secrets
    }

    /// Rows of a SQLite file.
    ///
    /// - Parameter name: What messages call it.
    public convenience init(
        sqlite path: String, name: String, _ selection: SQLSelection
    ) throws(SQLError) {
        try self.init(SQLiteSession(path, name: name), selection, after: nil)
    }

    init(_ session: any SQLSession, _ selection: SQLSelection, after: SQLValue?) throws(SQLError) {
        self.session = session
        var known = try session.columns(of: selection.probe(session.dialect))
        var columns = try selection.wanted(known)
        var key: [String] = []
        if case .table(let path) = selection.source,
            selection.order?.isEmpty != true || selection.watermark != nil
        {
            key = try session.primaryKey(of: path)
        }
        below = try after.map { value throws(SQLError) in
            try Self.count(session, selection.counting(session.dialect, known: known, below: value))
        }
        var isSecond = false
        while true {
            watermark = try selection.watermarkPlace(columns)
            let statement = try selection.statement(
                session.dialect, known: known, wanted: columns, key: key, after: after)
            let found = try session.open(statement, columns)
            if found == columns { break }
            // A type depended on a value. The types found hold what comes.
            func shown(_ columns: [SQLColumn]) -> [String] { columns.map { "\($0.name): \($0.type)" } }
            if isSecond { throw .columnsChanged(told: shown(columns), found: shown(found)) }
            isSecond = true
            let types = Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0) })
            known = known.map { types[$0.name] ?? $0 }
            columns = try selection.wanted(known)
        }
        self.columns = columns
        batch = RowBatch(columns)
    }

    /// The one integer that a statement gives.
    private static func count(_ session: any SQLSession, _ statement: SQLStatement) throws(SQLError) -> Int {
        let column = SQLColumn(SQLSelection.countName, .integer, declared: "")
        var batch = RowBatch([column])
        _ = try session.open(statement, [column])
        while try session.fetch(RowLimits.rows, into: &batch) {}
        guard case .int64(let values) = batch.take().columns[0].storage else { return 0 }
        return values.first.map { Int($0) } ?? 0
    }

    /// The next rows; nil behind the last. The first piece is there even where no rows are: it has the columns.
    ///
    /// - Throws: `SQLError.lost` where the connection breaks, with how many rows had come.
    public func next() throws(SQLError) -> DataFrame? {
        guard hasMore else { return nil }
        while hasMore, !batch.isFull {
            do throws(SQLError) {
                hasMore = try session.fetch(RowLimits.rows - batch.count, into: &batch)
            } catch {
                throw error.without(secrets)
            }
        }
        if !hasMore { session.close() }
        if batch.count == 0, !isFirst { return nil }
        isFirst = false
        let frame = batch.take()
        if let watermark, let row = frame.columns[watermark].firstNull {
            throw .watermarkMissing(column: columns[watermark].name, row: count + row + 1)
        }
        count += frame.count
        return frame
    }
}

extension DataColumn {
    /// The first row without a value.
    fileprivate var firstNull: Int? { nullCount == 0 ? nil : (0..<count).first { !isValid($0) } }
}

extension SQLDialect {
    /// A value of a watermark column, as it is compared with the database's own.
    ///
    /// - Returns: Nil for a null, and for a time outside the years 1 to 9999.
    public func watermark(_ column: DataColumn, _ row: Int) -> SQLValue? {
        guard row < column.count, column.isValid(row) else { return nil }
        switch column.storage {
        case .int64(let values): return .integer(values[row])
        case .date32(let values): return FieldText.text(days: values[row]).map(SQLValue.text)
        case .timestamp(let values):
            guard let text = FieldText.text(microseconds: values[row]) else { return nil }
            // MySQL knows no T and no Z; PostgreSQL passes them over where a column has no zone.
            return .text(self == .mysql ? String(text.dropLast()).replacing("T", with: " ") : text)
        default: return nil
        }
    }
}

extension SQLError {
    /// The same, with secrets struck out should they stand in what a server or a library said.
    func without(_ secrets: [String]) -> SQLError {
        func struck(_ text: String) -> String {
            // Shorter ones would strike out half a message; one may begin another.
            secrets.filter { $0.utf8.count >= 4 }.sorted { $0.utf8.count > $1.utf8.count }.reduce(text) {
                $0.replacing($1, with: "***")
            }
        }
        return switch self {
        case .unreachable(let address, let reason): .unreachable(address: address, reason: struck(reason))
        case .denied(let reason, let fix): .denied(struck(reason), fix: fix)
        case .encryption(let reason, let fix): .encryption(struck(reason), fix: fix)
        case .refused(let reason, let place): .refused(struck(reason), place: place)
        case .limit(let reason, let fix): .limit(struck(reason), fix: fix)
        case .lost(let reason, let rows): .lost(struck(reason), rows: rows)
        default: self
        }
    }
}
