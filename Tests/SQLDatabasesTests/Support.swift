import DataFrames
import Glibc
import Platform
import SQLDatabases
import TableTypes
import TestServers
import Testing

/// A server with a connection to it and what its SQL looks like.
struct Ground: CustomTestStringConvertible, Sendable {
    let dialect: SQLDialect
    let server: any DatabaseServer

    var testDescription: String { dialect.rawValue }

    /// Those that are installed.
    static let all: [Ground] =
        [
            MariaDBServer.shared.map { Ground(dialect: .mysql, server: $0) },
            PostgresServer.shared.map { Ground(dialect: .postgres, server: $0) },
        ].compactMap { $0 }

    static let mysql = all.first { $0.dialect == .mysql }
    static let postgres = all.first { $0.dialect == .postgres }

    func address(port: Int? = nil) -> SQLServer {
        SQLServer(
            dialect, host: "127.0.0.1", port: port ?? server.port, name: "demo", user: MariaDBServer.user,
            password: MariaDBServer.password)
    }

    func rows(
        _ query: String, _ parameters: [String: [SQLValue]] = [:], columns: [String]? = nil,
        range: SQLSelection.TimeRange? = nil, order: [String]? = nil
    ) throws -> SQLRows {
        try SQLRows(
            address(), [:],
            SQLSelection(
                .query(QueryText(query, dialect)), columns: columns, parameters: parameters, range: range,
                order: order))
    }

    func rows(
        table: String..., columns: [String]? = nil, range: SQLSelection.TimeRange? = nil,
        watermark: String? = nil,
        order: [String]? = nil, after: SQLValue? = nil
    ) throws -> SQLRows {
        try SQLRows(
            address(), [:],
            SQLSelection(.table(table), columns: columns, range: range, watermark: watermark, order: order),
            after: after)
    }

    func error(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "no error"
        } catch let error as SQLError {
            return error.description
        } catch {
            return "another error: \(error)"
        }
    }
}

extension SQLRows {
    /// All rows, values with commas between them, nulls as `-`; what did not fit behind `!`.
    func texts() throws -> [String] {
        var lines: [String] = []
        while let frame = try next() {
            for row in 0..<frame.count {
                let values = frame.columns.dropLast().map { $0.shown(row) }.joined(separator: ", ")
                lines.append(values + (frame[Misfits.column]?.string(row).map { " !\($0)" } ?? ""))
            }
        }
        return lines
    }

    /// `name: type`, levels in brackets.
    var types: [String] {
        columns.map { "\($0.name): \($0.type)" + ($0.levels.map { " \($0)" } ?? "") }
    }
}

extension DataColumn {
    func shown(_ row: Int) -> String {
        guard isValid(row) else { return "-" }
        return switch storage {
        case .boolean(let values): "\(values[row])"
        case .int64(let values): "\(values[row])"
        case .float64(let values): "\(values[row])"
        case .utf8(let values): values[row]
        case .binary(let values): "\(values[row].count) bytes"
        case .dictionary(let indices, let levels): levels[Int(indices[row])]
        case .date32(let values): FieldText.text(days: values[row]) ?? "?"
        case .timestamp(let values): FieldText.text(microseconds: values[row]) ?? "?"
        }
    }
}
