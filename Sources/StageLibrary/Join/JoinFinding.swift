import Diagnostics
import TableTypes

/// What can be wrong with a join or a union.
enum JoinFinding: Finding, Error, Hashable {
    case noKeys(how: String)
    case unlikeKeys(left: String, ColumnType, right: String, ColumnType)
    case noTime
    case onlyAsOf(parameter: String, how: String)
    case notAsOf(parameter: String)
    case timeType(column: String, type: ColumnType)
    case sameSuffixes(String)
    case clash(String)
    /// - Parameters:
    ///   - table: What people call the table.
    ///   - rows: Two with the same key, from 1.
    case repeatedKey(table: String, columns: [String], rows: [Int], validate: String)
    case tooManyRows(Int)
    case unlikeColumns(String, ColumnType, ColumnType, table: Int)
    case lackingColumn(String, table: Int)

    var message: String {
        switch self {
        case .noKeys(let how): "a join with how: \(how) needs 'on', the columns to join by"
        case .unlikeKeys(let left, let a, let right, let b):
            "column '\(left)' of type \(a.rawValue) cannot equal column '\(right)' of type \(b.rawValue)"
        case .noTime: "a join with how: asof needs 'time', the columns that say when"
        case .onlyAsOf(let parameter, let how): "'\(parameter)' is given, but how is \(how)"
        case .notAsOf(let parameter): "'\(parameter)' has no meaning with how: asof"
        case .timeType(let column, let type):
            "cannot join by time along column '\(column)' of type \(type.rawValue)"
        case .sameSuffixes(let suffix): "both suffixes are '\(suffix)'"
        case .clash(let name): "two columns of the result would be called '\(name)'"
        case .repeatedKey(let table, let columns, let rows, let validate):
            "validate: \(validate): rows \(rows.map(String.init).joined(separator: " and ")) of '\(table)' have the same \(listing(columns))"
        case .tooManyRows(let rows): "the result would have \(rows) rows, more than a table can have"
        case .unlikeColumns(let name, let a, let b, let table):
            "column '\(name)' of type \(b.rawValue) in table \(table) cannot stand below one of type \(a.rawValue)"
        case .lackingColumn(let name, let table): "table \(table) has no column '\(name)'"
        }
    }

    var notes: [Diagnostic.Note] {
        if case .timeType = self {
            return [Diagnostic.Note("expected", TimeLength.takes.map(\.rawValue).joined(separator: ", "))]
        }
        return []
    }

    var fix: String? {
        switch self {
        case .noKeys: "write on: [COLUMN], or on: [{ left: COLUMN, right: COLUMN }]"
        case .unlikeKeys(let left, let type, _, let other):
            "cast one of them in a table.select before: \(left): cast(`\(left)` as \(type == .text || other == .text ? "text" : other.rawValue))"
        case .noTime: "write time: { left: COLUMN, right: COLUMN }"
        case .onlyAsOf: "write how: asof, or take it away"
        case .notAsOf: "take it away"
        case .sameSuffixes, .clash: "choose other suffixes, such as suffixes: { right: _2 }"
        case .repeatedKey: "drop duplicates before the join, or let validate be many_to_many"
        case .tooManyRows: "make keys narrower, or aggregate a table before the join"
        case .lackingColumn: "write missing: null, or add the column in a table.select before"
        case .unlikeColumns: "cast one of them in a table.select before"
        case .timeType: nil
        }
    }
}
