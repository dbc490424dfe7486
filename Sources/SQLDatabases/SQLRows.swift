import DataFrames
import TableTypes

/// The rows of a selection, in an order that the data alone decide, a piece at a time.
///
///     let rows = try SQLRows(server, environment, selection)
///     while let frame = try rows.next() { try writer.append(frame) }
public final class SQLRows {
    /// What the database calls them and what they become; the pieces have them in this order, and `Misfits.column` last.
    public let columns: [SQLColumn]
    /// So far.
    public private(set) var count = 0
    private let session: any SQLSession
    private let watermark: Int?
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
        do throws(SQLError) {
            let session: any SQLSession =
                server.dialect == .mysql ? try MySQLSession(server) : try PostgresSession(server, environment)
            try self.init(session, selection, after: after)
        } catch {
            throw error.without(server.password ?? environment["PGPASSWORD"])
        }
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
        let known = try session.columns(of: selection.probe(session.dialect))
        let columns = try selection.wanted(known)
        self.columns = columns
        watermark = try selection.watermark.map { name throws(SQLError) in
            guard let place = columns.firstIndex(where: { $0.name == name }) else {
                throw .unknownColumn(name, known: columns.map(\.name))
            }
            guard [.integer, .date, .timestamp].contains(columns[place].type) else {
                throw .watermarkType(column: name, columns[place].type)
            }
            return place
        }
        var key: [String] = []
        if case .table(let path) = selection.source, selection.order?.isEmpty != true || watermark != nil {
            key = try session.primaryKey(of: path)
        }
        let statement = try selection.statement(
            session.dialect, known: known, wanted: columns, key: key, after: after)
        batch = RowBatch(columns)
        try session.open(statement, columns)
    }

    /// The next rows; nil behind the last. The first piece is there even where no rows are: it has the columns.
    ///
    /// - Throws: `SQLError.lost` where the connection breaks, with how many rows had come.
    public func next() throws(SQLError) -> DataFrame? {
        guard hasMore else { return nil }
        while hasMore, !batch.isFull {
            hasMore = try session.fetch(RowLimits.rows - batch.count, into: &batch)
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

    /// All rows that have not come yet, in memory.
    public func all() throws(SQLError) -> DataFrame {
        var builder = DataFrameBuilder()
        while let frame = try next() { builder.append(frame, 0..<frame.count) }
        return builder.take()
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
    /// The same, with a secret struck out should it stand in what a server or a library said.
    func without(_ secret: String?) -> SQLError {
        // Shorter ones would strike out half a message.
        guard let secret, secret.utf8.count >= 4 else { return self }
        func struck(_ text: String) -> String { text.replacing(secret, with: "***") }
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
