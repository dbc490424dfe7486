import Platform
import TableTypes

/// Why rows could not be had from a database. Nothing secret stands in any of them: servers do not say a password again,
/// and what they say is looked through for it (`Secret`).
public enum SQLError: Error, Hashable, Sendable {
    case library(DynamicLibraryError)
    /// A profile or a file with a password that cannot be used.
    case credentials(String, fix: String)
    case unreachable(address: String, reason: String)
    /// The server answers, and does not let us in.
    case denied(String, fix: String)
    case encryption(String, fix: String)
    /// A file that SQLite does not read.
    case file(String, fix: String)
    /// What the server says of the statement.
    case refused(String, place: SQLPlace?)
    case limit(String, fix: String)
    /// In mid-fetch.
    case lost(String, rows: Int)
    case identifier(String)
    case unbound(String)
    case emptyList(String)
    case nulCharacter(String)
    case foreignPlaceholders(Int)
    case unknownColumn(String, known: [String])
    case columnTwice(String)
    /// Between being told and being sent.
    case columnsChanged(told: [String], found: [String])
    case columnType(column: String, type: String, fix: String)
    case watermarkType(column: String, ColumnType)
    case watermarkMissing(column: String, row: Int)

    public var message: String {
        switch self {
        case .library(let error): "\(error)"
        case .credentials(let reason, _): reason
        case .unreachable(let address, let reason): "nobody answers at \(address): \(reason)"
        case .denied(let reason, _): "the server lets nobody in: \(reason)"
        case .encryption(let reason, _): "no encrypted connection: \(reason)"
        case .file(let reason, _): reason
        case .refused(let reason, _): "the server does not take the query: \(reason)"
        case .limit(let reason, _): "the server gave up: \(reason)"
        case .lost(let reason, let rows):
            "the connection was lost after \(rows) row\(rows == 1 ? "" : "s"): \(reason)"
        case .identifier(let name):
            "'\(name.replacing("\0", with: "\\0"))' is no name: it is empty or holds a NUL character"
        case .unbound(let name): "the query's :\(name) has no value"
        case .emptyList(let name): "the query's :\(name) is a list without values, which SQL cannot say"
        case .nulCharacter(let name):
            "the value of the query's :\(name) holds a NUL character, which no text of PostgreSQL has"
        case .foreignPlaceholders(let count):
            "the query has \(count) placeholder\(count == 1 ? "" : "s") of the server's own"
        case .unknownColumn(let name, _): "there is no column '\(name)'"
        case .columnTwice(let name): "two columns of the query are called '\(name)'"
        case .columnsChanged(let told, let found):
            "the rows have the columns \(found.joined(separator: ", ")), where the server had told of \(told.joined(separator: ", "))"
        case .columnType(let column, let type, _):
            "column '\(column)' is of the type \(type), which no column of a table holds"
        case .watermarkType(let column, let type):
            "column '\(column)' is of type \(type.rawValue) and cannot be the watermark"
        case .watermarkMissing(let column, let row):
            "row \(row): the watermark '\(column)' has no value, so no later fetch could tell whether the row was there"
        }
    }

    public var notes: [(label: String, text: String)] {
        switch self {
        case .refused(_, let place?): [("query", place.description)]
        case .unknownColumn(_, let known): [("columns", known.joined(separator: ", "))]
        default: []
        }
    }

    public var fix: String? {
        switch self {
        case .library, .unknownColumn: nil
        case .credentials(_, let fix), .denied(_, let fix), .encryption(_, let fix), .file(_, let fix),
            .limit(_, let fix), .columnType(_, _, let fix):
            fix
        case .unreachable: "start the server, or correct where it is: host, port, socket, or its variables"
        case .refused: "correct the query"
        case .lost: "run it again; nothing of what came was kept"
        case .identifier: "write the name as the database has it"
        case .unbound(let name): "write parameters: { \(name): VALUE }"
        case .emptyList: "give it a value, or leave the condition out"
        case .nulCharacter: "give it a value without"
        case .foreignPlaceholders: "write :NAME in the query and its value under 'parameters'"
        case .columnsChanged: "run it again when nobody changes the table"
        case .columnTwice: "give one of them another name: AS NAME"
        case .watermarkType: "take an integer, a date or a time that only grows"
        case .watermarkMissing(let column, _):
            "leave such rows out: WHERE \(column) IS NOT NULL, or declare the column NOT NULL"
        }
    }
}

extension Result where Failure == DynamicLibraryError {
    /// A library, or what is said where it is missing.
    func opened() throws(SQLError) -> Success {
        switch self {
        case .success(let library): library
        case .failure(let error): throw .library(error)
        }
    }
}

extension SQLError: CustomStringConvertible {
    /// On one line.
    public var description: String {
        message + notes.map { "; \($0.label): \($0.text)" }.joined() + (fix.map { "; \($0)" } ?? "")
    }
}

/// Where in a query the server found something wrong.
public struct SQLPlace: Hashable, Sendable, CustomStringConvertible {
    /// From 1, both; columns count Unicode scalars.
    public var line: Int
    public var column: Int
    /// From there on, as much as shows where it is.
    public var excerpt: String

    /// - Parameter offset: In scalars, from 0.
    init(_ text: String, offset: Int) {
        let scalars = Array(text.unicodeScalars)
        let before = scalars[..<min(offset, scalars.count)]
        let lineStart = before.lastIndex(of: "\n").map { $0 + 1 } ?? 0
        line = before.count { $0 == "\n" } + 1
        column = before.count - lineStart + 1
        let rest = scalars[before.count...].prefix { $0 != "\n" }
        excerpt = String(String.UnicodeScalarView(rest.prefix(40))) + (rest.count > 40 ? "..." : "")
    }

    public var description: String { "line \(line), column \(column): \(excerpt)" }
}
