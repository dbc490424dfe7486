import DataFrames
import TableTypes

/// A SQLite file, and one statement on it, whose rows are stepped through.
final class SQLiteSession: SQLSession {
    let dialect = SQLDialect.sqlite
    private let library: SQLiteLibrary
    private let name: String
    private var database: SQLiteLibrary.Database?
    private var statement: SQLiteLibrary.Statement?
    private var readers: [SQLiteReader] = []

    /// - Parameter name: What messages call the file.
    init(_ path: String, name: String) throws(SQLError) {
        library = try SQLiteLibrary.shared.opened()
        self.name = name
        try SQLiteFile.check(path, name: name)
        // Read only, by URI, without a mutex: one thread uses it.
        guard library.open(SQLiteFile.uri(path), &database, 0x1 | 0x40 | 0x8000, nil) == 0, let database
        else {
            defer { _ = library.close(database) }
            throw .file(
                "'\(name)' cannot be opened: \(said)", fix: "correct the path, or who may read the file")
        }
        // A file from elsewhere calls no functions of the program, and is looked at page by page.
        _ = library.execute(
            database, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON", nil, nil, nil)
    }

    deinit { close() }

    func close() {
        closeStatement()
        _ = library.close(database)
        database = nil
    }

    private func closeStatement() {
        _ = library.finalize(statement)
        statement = nil
    }

    private var said: String { library.errorText(database).map { String(cString: $0) } ?? "no memory" }

    private func failure(_ statement: SQLStatement) -> SQLError {
        let said = said
        if said.contains("malformed") || said.contains("not a database") {
            return .file(
                "'\(name)' is damaged: \(said)", fix: "write it again, or mend it: sqlite3 \(name) .recover")
        }
        let offset = database.map { library.errorOffset?($0) ?? -1 } ?? -1
        guard offset >= 0, Int(offset) <= statement.text.utf8.count else {
            return .refused(said, place: nil)
        }
        let before = String(decoding: statement.text.utf8.prefix(Int(offset)), as: UTF8.self)
        return .refused(said, place: statement.place(at: before.unicodeScalars.count))
    }

    private func prepare(_ statement: SQLStatement) throws(SQLError) {
        closeStatement()
        guard let database,
            library.prepare(database, statement.text, -1, &self.statement, nil) == 0,
            let prepared = self.statement
        else { throw failure(statement) }
        let count = Int(library.placeholderCount(prepared))
        guard count == statement.values.count else {
            throw .foreignPlaceholders(max(count - statement.values.count, 1))
        }
        for (index, value) in statement.values.enumerated() {
            let place = CInt(index + 1)
            let code =
                switch value {
                case .null: library.bindNull(prepared, place)
                case .boolean(let flag): library.bindInteger(prepared, place, flag ? 1 : 0)
                case .integer(let integer): library.bindInteger(prepared, place, integer)
                case .number(let number): library.bindNumber(prepared, place, number)
                case .text(let text):
                    // -1: the library copies it.
                    library.bindText(
                        prepared, place, text, CInt(text.utf8.count), UnsafeRawPointer(bitPattern: -1))
                }
            guard code == 0 else { throw failure(statement) }
        }
    }

    func columns(of statement: SQLStatement) throws(SQLError) -> [SQLColumn] {
        try prepare(statement)
        guard let prepared = self.statement else { return [] }
        func text(_ pointer: SQLiteLibrary.Text?) -> String? { pointer.map { String(cString: $0) } }
        let found = (0..<library.columnCount(prepared)).map { column in
            (
                name: text(library.columnName(prepared, column)) ?? "",
                declared: text(library.columnDeclaration(prepared, column))
            )
        }
        let open = found.indices.filter { SQLiteAffinity.type(found[$0].declared) == nil }
        let seen: [Int: Set<CInt>] = open.isEmpty ? [:] : try classes(of: open, statement)
        closeStatement()
        return found.enumerated().map { index, column in
            let declared = column.declared ?? "BLOB"
            let type = SQLiteAffinity.type(column.declared) ?? SQLiteAffinity.type(seen: seen[index] ?? [])
            return SQLColumn(
                column.name, type ?? .text,
                unreadable: type == nil
                    ? "select a text of it, such as hex(\(column.name)), or leave it out with 'columns'"
                    : nil,
                declared: declared)
        }
    }

    /// The storage classes of all values of some columns.
    /// - Complexity: O(rows): the statement is run for it.
    private func classes(
        of columns: [Int], _ statement: SQLStatement
    ) throws(SQLError) -> [Int: Set<CInt>] {
        var seen: [Int: Set<CInt>] = [:]
        guard let prepared = self.statement else { return seen }
        var bits = [CInt](repeating: 0, count: columns.count)
        while true {
            switch library.step(prepared) {
            case 100:
                for (index, column) in columns.enumerated() {
                    bits[index] |= 1 << library.columnType(prepared, CInt(column))
                }
            case 101:
                for (index, column) in columns.enumerated() {
                    seen[column] = Set((1...5).filter { bits[index] >> $0 & 1 == 1 })
                }
                return seen
            default: throw failure(statement)
            }
        }
    }

    func primaryKey(of table: [String]) throws(SQLError) -> [String] {
        guard let name = table.last else { return [] }
        let statement = SQLStatement(
            "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", [.text(name)])
        let column = SQLColumn("name", .text, declared: "TEXT")
        _ = try open(statement, [column])
        var batch = RowBatch([column])
        while try fetch(1024, into: &batch) {}
        let taken = batch.take().columns[0]
        return (0..<taken.count).map { taken.string($0) ?? "" }
    }

    func open(_ statement: SQLStatement, _ columns: [SQLColumn]) throws(SQLError) -> [SQLColumn] {
        try prepare(statement)
        readers = columns.map { SQLiteReader($0.type, library) }
        return columns
    }

    func fetch(_ rows: Int, into batch: inout RowBatch) throws(SQLError) -> Bool {
        guard let statement else { return false }
        var bytes = 0
        for _ in 0..<rows where bytes < RowLimits.bytes {
            switch library.step(statement) {
            case 100:
                for (index, reader) in readers.enumerated() {
                    bytes += 8 + reader.take(statement, index, &batch)
                }
            case 101:
                closeStatement()
                return false
            default: throw failure(SQLStatement(""))
            }
        }
        return true
    }
}
