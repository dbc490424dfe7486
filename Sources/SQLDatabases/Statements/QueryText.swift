/// A query as the user wrote it: where its placeholders `:name` are, and what of its form must be known to put a
/// statement around it.
///
/// Quoted texts, quoted names and comments are passed over by the rules of each database, so that nothing in them is
/// taken for a placeholder. Sources: mariadb.com/kb/en/string-literals and comment-syntax; postgresql.org/docs, "4.1
/// Lexical Structure"; sqlite.org/lang_expr.html and lang_comment.html.
public struct QueryText: Sendable, Hashable {
    public struct Placeholder: Sendable, Hashable {
        public var name: String
        /// Of its colon and its end, in scalars.
        public var start: Int
        public var end: Int
    }

    public let text: String
    public let dialect: SQLDialect
    public private(set) var placeholders: [Placeholder] = []
    /// Whether an ORDER BY stands outside all parentheses.
    private(set) var isOrdered = false
    /// In scalars: without white space and semicolons at the end.
    private(set) var end = 0

    /// - Throws: `QueryFault` for what could not be sent as it stands.
    /// - Complexity: O(length).
    public init(_ text: String, _ dialect: SQLDialect) throws(QueryFault) {
        self.text = text
        self.dialect = dialect
        var scanner = QueryScanner(text, dialect)
        var first: String?
        var words = ["", ""]
        var depth = 0
        var isClosed = false
        while let token = try scanner.next() {
            if isClosed { throw QueryFault(.secondStatement, token.start, token.end) }
            switch token.kind {
            case .semicolon: isClosed = true
            case .open:
                depth += 1
                first = first ?? "("
            case .close: depth -= 1
            case .placeholder(let name):
                placeholders.append(Placeholder(name: name, start: token.start, end: token.end))
            case .word(let word):
                if dialect == .mysql, words[1] == "INTO", ["OUTFILE", "DUMPFILE"].contains(word) {
                    throw QueryFault(.writesFile, token.start, token.end)
                }
                first = first ?? word
                words = [words[1], word]
                if depth == 0, words == ["ORDER", "BY"] { isOrdered = true }
            case .other: words = [words[1], ""]
            }
            if depth < 0 { throw QueryFault(.unbalanced, token.start, token.end) }
            if !isClosed { end = token.end }
        }
        if depth > 0 { throw QueryFault(.unbalanced, end, end) }
        guard let first, ["SELECT", "WITH", "VALUES", "TABLE", "("].contains(first) else {
            throw QueryFault(.notSelect, 0, end)
        }
    }

    /// The query with placeholders of the database.
    ///
    /// - Parameters:
    ///   - values: By name; several take a place each, as `IN (:ids)` needs.
    ///   - before: What stands before it in the statement, with the values of that.
    func statement(
        _ values: [String: [SQLValue]], after before: SQLStatement = SQLStatement("")
    ) throws(SQLError) -> SQLStatement {
        var statement = before
        statement.query = text
        let scalars = Array(text.unicodeScalars)
        var output = Array(before.text.unicodeScalars)
        var from = 0
        func copy(to end: Int) {
            guard end > from else { return }
            statement.copied.append(.init(from: from, to: output.count, count: end - from))
            output += scalars[from..<end]
        }
        for placeholder in placeholders {
            copy(to: placeholder.start)
            guard let bound = values[placeholder.name] else { throw .unbound(placeholder.name) }
            if dialect == .postgres, bound.contains(where: \.holdsNUL) {
                throw .nulCharacter(placeholder.name)
            }
            guard !bound.isEmpty else { throw .emptyList(placeholder.name) }
            for (index, value) in bound.enumerated() {
                statement.values.append(value)
                let mark = dialect.placeholder(statement.values.count)
                output += Array((index == 0 ? mark : ", " + mark).unicodeScalars)
            }
            from = placeholder.end
        }
        copy(to: end)
        statement.text = String(String.UnicodeScalarView(output))
        return statement
    }
}

/// Why a text is no query that is sent to a database.
public struct QueryFault: Error, Hashable, Sendable {
    public enum Problem: Hashable, Sendable, CaseIterable {
        case notSelect, secondStatement, unbalanced, unclosedText, unclosedName, unclosedComment
        /// `INTO OUTFILE`, which a transaction that only reads does not keep a server from.
        case writesFile
        /// `/*! ... */`, which MySQL runs.
        case hiddenStatement
    }

    public var problem: Problem
    /// In scalars of the text.
    public var start: Int
    public var end: Int

    init(_ problem: Problem, _ start: Int, _ end: Int) {
        self.problem = problem
        self.start = start
        self.end = end
    }
}
