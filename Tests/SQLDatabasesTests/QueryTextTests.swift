import Testing

@testable import SQLDatabases

@Suite struct QueryTextTests {
    private func names(_ text: String, _ dialect: SQLDialect) throws -> [String] {
        try QueryText(text, dialect).placeholders.map(\.name)
    }

    @Test(arguments: SQLDialect.allCases)
    func `a colon and a name is a placeholder, but not in texts, names and comments`(
        dialect: SQLDialect
    ) throws {
        let query = """
            SELECT ':a', ':b''', x AS "q:c" -- :d
            /* :e */ FROM t WHERE at>=:from AND id IN (:ids) AND at<:from_2
            """
        #expect(try names(query, dialect) == ["from", "ids", "from_2"])
    }

    @Test func `each database's own quotes are passed over`() throws {
        #expect(try names(#"SELECT 'it\':a', ":b\":c", `d:e` # :f"#, .mysql) == [])
        #expect(try names("SELECT 1--:a", .mysql) == ["a"])
        #expect(try names("SELECT 1--:a", .postgres) == [])
        #expect(try names("SELECT @x := :a", .mysql) == ["a"])
        #expect(try names(#"SELECT E'it\':a', 'b\', :c"#, .postgres) == ["c"])
        #expect(try names("SELECT x::text, $$ :a $$, $t$ :b $$ $t$, :c", .postgres) == ["c"])
        #expect(try names("SELECT /* a /* :b */ :c */ :d", .postgres) == ["d"])
        #expect(try names("SELECT [a:b], `c:d`, :e", .sqlite) == ["e"])
        #expect(try names("SELECT data #> '{a}' FROM t WHERE n = :n", .postgres) == ["n"])
    }

    @Test func `values take the places of the database, once for each time they are named`() throws {
        let query = "SELECT :a::int, :b, :a ; -- end"
        let values: [String: [SQLValue]] = ["a": [.integer(1)], "b": [.text("x"), .text("y")]]
        let postgres = try QueryText(query, .postgres).statement(values)
        #expect(postgres.text == "SELECT $1::int, $2, $3, $4")
        #expect(postgres.values == [.integer(1), .text("x"), .text("y"), .integer(1)])
        #expect(try QueryText(query, .mysql).statement(values).text == "SELECT ?::int, ?, ?, ?")
        #expect(throws: SQLError.unbound("b")) {
            try QueryText(query, .postgres).statement(["a": [.integer(1)]])
        }
        #expect(throws: SQLError.emptyList("b")) {
            try QueryText(query, .postgres).statement(["a": [.integer(1)], "b": []])
        }
    }

    @Test func `a place in the statement is found again in the query`() throws {
        let query = "SELECT :aaaa,\n  colour FROM t"
        let values: [String: [SQLValue]] = ["aaaa": [.integer(1)]]
        let statement = try QueryText(query, .postgres).statement(
            values, after: SQLStatement("SELECT x FROM ("))
        #expect(statement.text == "SELECT x FROM (SELECT $1,\n  colour FROM t")
        let offset = statement.text.unicodeScalars.count - "colour FROM t".count
        #expect(statement.place(at: offset)?.description == "line 2, column 3: colour FROM t")
        #expect(statement.place(at: 3) == nil)
    }

    @Test func `an order is one of the query only outside parentheses`() throws {
        #expect(try QueryText("SELECT a FROM t order\n by a LIMIT 3", .mysql).isOrdered)
        #expect(try !QueryText("SELECT row_number() OVER (ORDER BY a) FROM t", .mysql).isOrdered)
        #expect(try !QueryText("SELECT * FROM (SELECT a FROM t ORDER BY a) AS q", .mysql).isOrdered)
        #expect(try QueryText("(SELECT 1) UNION (SELECT 2) ORDER BY 1", .mysql).isOrdered)
        #expect(try !QueryText("SELECT a AS \"ORDER\", 'BY' FROM t", .postgres).isOrdered)
    }

    @Test(arguments: [
        ("DELETE FROM t", QueryFault.Problem.notSelect, 0), ("  -- nothing", .notSelect, 0),
        ("SELECT 1; DROP TABLE t", .secondStatement, 10), ("SELECT (1", .unbalanced, 9),
        ("SELECT 1)", .unbalanced, 8), ("SELECT 'a", .unclosedText, 7), ("SELECT $$a", .unclosedText, 7),
        ("SELECT \"a", .unclosedName, 7), ("SELECT 1 /* /* */", .unclosedComment, 9),
    ])
    func `what is no query says where`(text: String, problem: QueryFault.Problem, start: Int) {
        let fault = #expect(throws: QueryFault.self) { try QueryText(text, .postgres) }
        #expect(fault?.problem == problem)
        #expect(fault?.start == start)
    }

    @Test(arguments: [
        ("SELECT 1 INTO OUTFILE '/tmp/x'", QueryFault.Problem.writesFile, 14),
        ("SELECT 1 /* */ into dumpfile '/tmp/x'", .writesFile, 20),
        ("SELECT 1 /*! INTO OUTFILE '/tmp/x' */", .hiddenStatement, 9),
        ("SELECT 1 /*M!100100 + 1 */", .hiddenStatement, 9),
    ])
    func `what writes at a MySQL server is no query`(text: String, problem: QueryFault.Problem, start: Int) {
        let fault = #expect(throws: QueryFault.self) { try QueryText(text, .mysql) }
        #expect(fault?.problem == problem)
        #expect(fault?.start == start)
    }

    @Test func `names are quoted scalar by scalar`() throws {
        #expect(try SQLDialect.postgres.quoted(#"a"b"#) == #""a""b""#)
        #expect(try SQLDialect.mysql.quoted("a`b\"") == "`a``b\"`")
        // A mark with an accent is one Character, and still a mark for the server.
        #expect(try SQLDialect.postgres.quoted("a\"\u{308}b").unicodeScalars.count { $0 == "\"" } == 4)
        // SQLite takes an unknown name in double quotes for a text.
        #expect(try SQLDialect.sqlite.quoted("a\"b`") == "`a\"b```")
        for name in ["", "a\0b"] {
            #expect(throws: SQLError.identifier(name)) { try SQLDialect.mysql.quoted(name) }
        }
    }
}
