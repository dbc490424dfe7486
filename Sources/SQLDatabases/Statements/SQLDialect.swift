/// Which SQL a database speaks.
public enum SQLDialect: String, Sendable, Hashable, CaseIterable {
    /// MySQL and MariaDB.
    case mysql
    case postgres
    case sqlite

    /// An identifier as it stands in a statement, whatever its characters: marks in it are doubled. Scalar by scalar,
    /// since a mark and an accent behind it are one `Character` that is no mark.
    ///
    /// Sources: mariadb.com/kb/en/identifier-names ("Quote Character"), postgresql.org/docs, "4.1.1 Identifiers and Key
    /// Words", sqlite.org/lang_keywords.html.
    ///
    /// - Throws: `SQLError.identifier` for an empty name and one with a NUL, which no database takes.
    public func quoted(_ identifier: String) throws(SQLError) -> String {
        guard !identifier.isEmpty, !identifier.utf8.contains(0) else { throw .identifier(identifier) }
        // SQLite reads both, and takes a name in double quotes that it does not know for a text.
        let mark: Unicode.Scalar = self == .postgres ? "\"" : "`"
        var quoted = String.UnicodeScalarView([mark])
        for scalar in identifier.unicodeScalars {
            quoted.append(scalar)
            if scalar == mark { quoted.append(mark) }
        }
        quoted.append(mark)
        return String(quoted)
    }

    /// A name within others, such as a table within its database.
    func quoted(path: [String]) throws(SQLError) -> String {
        var parts: [String] = []
        for name in path { parts.append(try quoted(name)) }
        return parts.joined(separator: ".")
    }

    /// What stands for the value of this number, from 1.
    func placeholder(_ number: Int) -> String { self == .postgres ? "$\(number)" : "?" }
}

/// A value that goes to a database beside the statement, never in its text.
public enum SQLValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)

    /// libpq takes texts as C has them, which end at a NUL.
    var holdsNUL: Bool { if case .text(let text) = self { text.utf8.contains(0) } else { false } }
}

/// A statement with the values of its placeholders.
public struct SQLStatement: Hashable, Sendable {
    public var text: String
    public var values: [SQLValue]
    /// Where the text was copied from the user's query: offsets in scalars, ascending.
    var copied: [Copied] = []
    /// The user's query.
    var query = ""

    struct Copied: Hashable, Sendable {
        var from: Int
        var to: Int
        var count: Int
    }

    init(_ text: String, _ values: [SQLValue] = []) {
        self.text = text
        self.values = values
    }

    /// A place of the user's query.
    ///
    /// - Parameter offset: In the statement's text, in scalars.
    /// - Returns: Nil for a place in what was put around it.
    func place(at offset: Int) -> SQLPlace? {
        guard let part = copied.last(where: { $0.to <= offset }), offset <= part.to + part.count else {
            return nil
        }
        return SQLPlace(query, offset: part.from + offset - part.to)
    }
}
