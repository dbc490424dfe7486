import CMariaDB
import Glibc
import TableTypes

/// A column of a result as a MySQL server tells it.
struct MySQLField {
    var column: SQLColumn
    /// Number of its type on the wire.
    var type: UInt32
    var isUnsigned: Bool
    /// Of the table it comes from; empty for an expression.
    var database: String
    var table: String
    var original: String
    var isEnum: Bool

    static func fields(of statement: MariaDBLibrary.Statement, _ library: MariaDBLibrary) -> [MySQLField] {
        guard let result = library.columns(statement) else { return [] }
        defer { library.free(result) }
        return (0..<library.columnCount(result)).map { MySQLField(library.column(result, $0), library) }
    }

    private init(_ field: MariaDBLibrary.Field, _ library: MariaDBLibrary) {
        func text(_ start: UnsafePointer<CChar>?) -> String { start.map { String(cString: $0) } ?? "" }
        let told = field.pointee
        type = told.type
        isUnsigned = told.flags & 32 != 0
        database = text(told.database)
        table = text(told.original_table)
        original = text(told.original_name)
        isEnum = told.flags & 256 != 0
        var format = sluice_mariadb_text()
        // Number 1 is the format: MariaDB's JSON is a text of that format.
        let isFormatted = library.attribute?(&format, field, 1) == 0 && format.count == 4
        let isJSON = isFormatted && memoryEqual(format.start, "json")
        column = Self.column(text(told.name), told, isJSON: isJSON)
    }

    /// The column as its rows are, where it was told before that it is `told`. A type that depends on a value, such as
    /// that of `COALESCE(:x, n)`, is only known when the statement runs.
    func actual(_ told: SQLColumn) -> SQLColumn {
        if holds(told.type) { return told }
        var column = column
        // While rows are on the line, the server cannot be asked for the levels.
        if column.type == .category { column.type = .text }
        return column
    }

    /// Whether every value becomes one of such a column, or a misfit: nothing is cut or rounded.
    private func holds(_ told: ColumnType) -> Bool {
        let isText = MySQLType.texts.contains(type) || type == MySQLType.json
        let isInteger = MySQLType.integers.contains(type) || type == MySQLType.bit
        if type == MySQLType.null { return true }
        return switch told {
        case .boolean, .integer: isInteger
        case .number:
            type == MySQLType.float || type == MySQLType.double || MySQLType.decimals.contains(type)
                || MySQLType.integers.contains(type)
        case .date: type == MySQLType.date || type == MySQLType.newDate
        case .timestamp: type == MySQLType.datetime || type == MySQLType.timestamp
        case .category, .json: isText
        case .text, .image, .audio, .series, .vector: isText || type == MySQLType.time
        }
    }

    /// How many bytes of a text a sort looks at (`max_sort_length`), as servers have it by themselves.
    static let sortedBytes = 1024

    private static func column(_ name: String, _ field: sluice_mysql_field, isJSON: Bool) -> SQLColumn {
        switch field.type {
        case MySQLType.tiny where field.length == 1: SQLColumn(name, .boolean, declared: "TINYINT(1)")
        case MySQLType.tiny, MySQLType.short, MySQLType.long, MySQLType.medium, MySQLType.longLong,
            MySQLType.year:
            SQLColumn(name, .integer, declared: "an integer")
        case MySQLType.bit: SQLColumn(name, field.length == 1 ? .boolean : .integer, declared: "BIT")
        case MySQLType.float, MySQLType.double: SQLColumn(name, .number, declared: "DOUBLE")
        case let type where MySQLType.decimals.contains(type):
            SQLColumn(name, .number, declared: "DECIMAL")
        case MySQLType.date, MySQLType.newDate: SQLColumn(name, .date, declared: "DATE")
        case MySQLType.datetime, MySQLType.timestamp: SQLColumn(name, .timestamp, declared: "DATETIME")
        case MySQLType.time: SQLColumn(name, .text, declared: "TIME")
        case MySQLType.null: SQLColumn(name, .text, declared: "NULL")
        case MySQLType.json: SQLColumn(name, .json, sort: .longBytes, declared: "JSON")
        case let type where MySQLType.texts.contains(type):
            textColumn(name, field, isJSON: isJSON)
        default:
            SQLColumn(
                name, .text, unreadable: "select a text of it, such as ST_AsText(\(name)), or leave it out",
                declared: "GEOMETRY")
        }
    }

    private static func textColumn(_ name: String, _ field: sluice_mysql_field, isJSON: Bool) -> SQLColumn {
        let sort: SQLColumn.Sort = field.length > sortedBytes ? .longBytes : .bytes
        if isJSON { return SQLColumn(name, .json, sort: sort, declared: "JSON") }
        if field.flags & 256 != 0 { return SQLColumn(name, .category, declared: "ENUM") }
        // 63 is the character set `binary`.
        if field.charset != 63 || field.flags & 2048 != 0 {
            return SQLColumn(name, .text, sort: sort, declared: "TEXT")
        }
        return SQLColumn(
            name, .text,
            unreadable: "select a text of it, such as HEX(\(name)), or leave it out with 'columns'",
            declared: "BLOB")
    }

    /// What stands in `enum('a','b''c')`.
    ///
    /// Source: mariadb.com/kb/en/enum; how the server writes it: `append_unescaped` doubles quotes and escapes what
    /// follows a backslash.
    static func levels(_ declaration: String) -> [String]? {
        let bytes = Array(declaration.utf8)
        guard declaration.lowercased().hasPrefix("enum("), bytes.last == UInt8(ascii: ")") else { return nil }
        let quote = UInt8(ascii: "'")
        var levels: [String] = []
        var level: [UInt8]?
        var index = 5
        while index < bytes.count {
            let byte = bytes[index]
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            if level == nil {
                if byte == quote { level = [] }
            } else if byte == quote, next == quote {
                level!.append(quote)
                index += 1
            } else if byte == quote {
                levels.append(String(decoding: level!, as: UTF8.self))
                level = nil
            } else if byte == UInt8(ascii: "\\") {
                let escapes: [UInt8: UInt8] = [
                    UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "0"): 0,
                ]
                level!.append(escapes[next] ?? next)
                index += 1
            } else {
                level!.append(byte)
            }
            index += 1
        }
        return levels
    }
}

private func memoryEqual(_ start: UnsafePointer<CChar>?, _ text: StaticString) -> Bool {
    guard let start else { return false }
    return memcmp(start, text.utf8Start, text.utf8CodeUnitCount) == 0
}
