import DataFrames
import SQLDatabases
import TestServers
import Testing

/// Names and values that would end a quote, a statement or a comment, were they spliced.
private let hostile = [
    "'; DROP TABLE victim; --", "\"; DROP TABLE victim; --", "`; DROP TABLE victim; --",
    "a\"\u{308}b`\u{308}c'\u{308}",
    "\\'; DROP TABLE victim; --", "*/ /* :x ? $1", "ünï😀", "select", " spaced ", "a.b", "%s%n", "new\nline",
]

@Suite(.enabled(if: !Ground.all.isEmpty, "no database server is installed")) struct BindingTests {
    @Test(arguments: Ground.all)
    func `hostile names are names`(ground: Ground) throws {
        try ground.server.run("CREATE TABLE victim (n INT)")
        // MySQL takes no name that ends in a space, or with characters beyond 16 bits.
        let names = hostile.filter { ground.dialect != .mysql || !$0.hasSuffix(" ") && !$0.contains("😀") }
        for (number, name) in names.enumerated() {
            let column = ground.dialect == .mysql && name.contains("b`") ? "c" : name
            let quoted = (try quote(name, ground), try quote(column, ground))
            try ground.server.run(
                "CREATE TABLE \(quoted.0) (\(quoted.1) INT); INSERT INTO \(quoted.0) VALUES (\(number))")
            let rows = try ground.rows(
                table: name, columns: [column],
                range: .init(column: column, from: .integer(Int64(number)), to: .integer(Int64(number + 1))),
                order: [column])
            #expect(rows.columns.map(\.name) == [column])
            #expect(try rows.texts() == ["\(number)"])
        }
        #expect(try ground.rows(table: "victim").texts() == [])
    }

    /// As the server's own client is told; not by our function.
    private func quote(_ name: String, _ ground: Ground) throws -> String {
        let mark: Unicode.Scalar = ground.dialect == .mysql ? "`" : "\""
        let scalars = name.unicodeScalars.flatMap { $0 == mark ? [mark, mark] : [$0] }
        return "\(mark)" + String(String.UnicodeScalarView(scalars)) + "\(mark)"
    }

    @Test(arguments: Ground.all)
    func `hostile values are values`(ground: Ground) throws {
        let values = ["plain", "x"] + hostile
        try ground.server.run(
            "CREATE TABLE prey (n INT, t VARCHAR(100)); INSERT INTO prey VALUES (-1, NULL)"
                + values.enumerated().map { ", (\($0), \(literal($1, ground)))" }.joined())
        let text = ground.dialect == .postgres ? ":x::text" : "CAST(:x AS CHAR(100))"
        for (number, value) in values.enumerated() {
            let rows = try ground.rows("SELECT \(text) AS x, ':x' AS y", ["x": [.text(value)]])
            #expect(try rows.texts() == ["\(value), :x"])
            let found = try ground.rows("SELECT n FROM prey WHERE t = :x", ["x": [.text(value)]])
            #expect(try found.texts() == ["\(number)"], "\(value)")
        }
        let all = try ground.rows("SELECT n FROM prey WHERE t IN (:all)", ["all": hostile.map { .text($0) }])
        #expect(try all.texts() == hostile.indices.map { "\($0 + 2)" })
        #expect(try ground.rows(table: "prey").texts().count == values.count + 1)
    }

    /// By the numbers of its bytes, as no quote can be wrong in.
    private func literal(_ value: String, _ ground: Ground) -> String {
        let digits = value.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return ground.dialect == .mysql
            ? "CONVERT(X'\(digits)' USING utf8mb4)" : "convert_from('\\x\(digits)', 'UTF8')"
    }

    @Test(arguments: Ground.all)
    func `every kind of value is bound as itself`(ground: Ground) throws {
        let casts: [(String, SQLValue, String)] =
            ground.dialect == .mysql
            ? [
                ("CAST(:x AS SIGNED)", .integer(.min), "-9223372036854775808"),
                (":x + 0e0", .number(0.1), "0.1"),
                (":x = 1", .boolean(true), "1"), (":x", .null, "-"),
            ]
            : [
                (":x::bigint", .integer(.min), "-9223372036854775808"), (":x::float8", .number(0.1), "0.1"),
                (":x::float8", .number(-.infinity), "-inf"), (":x::bool", .boolean(true), "true"),
                (":x::int", .null, "-"),
            ]
        for (expression, value, text) in casts {
            let rows = try ground.rows("SELECT \(expression) AS x", ["x": [value]]).texts()
            #expect(rows == [text])
        }
    }

    @Test(
        .enabled(if: Ground.mysql != nil, "MariaDB is not installed"),
        arguments: [
            ("COALESCE(:x, n)", SQLValue.number(1.5), ["1.5", "1.5"]),
            ("IF(n > 5, n, :x)", .number(1.5), ["1.5", "6.0"]),
            ("CASE WHEN n > 5 THEN 0 ELSE :x END", .text("abc"), ["0", "abc"]),
            ("IF(n > 5, d, :x)", .text("a text"), ["2026-01-02", "a text"]),
            ("IF(n > 5, d, :x)", .text("a Text"), ["2026-01-02", "a Text"]),
            ("COALESCE(:x, n)", .integer(7), ["7", "7"]), ("COALESCE(:x, n)", .null, ["1", "6"]),
        ])
    func `a type that depends on a value is that of the rows`(
        expression: String, value: SQLValue, texts: [String]
    ) throws {
        let ground = try #require(Ground.mysql)
        try ground.server.run(
            "CREATE TABLE IF NOT EXISTS shifty (n INT PRIMARY KEY, d DATE); REPLACE INTO shifty VALUES (1, '2026-01-01'), (6, '2026-01-02')"
        )
        let rows = try ground.rows("SELECT \(expression) AS v FROM shifty", ["x": [value]])
        #expect(try rows.texts() == texts)
    }

    @Test(.enabled(if: Ground.postgres != nil, "PostgreSQL is not installed"))
    func `a value that PostgreSQL would cut is told`() throws {
        let ground = try #require(Ground.postgres)
        #expect(
            ground.error { _ = try ground.rows("SELECT :x::text AS x", ["x": [.text("a\0b")]]) }
                == "the value of the query's :x holds a NUL character, which no text of PostgreSQL has; give it a value without"
        )
    }

    @Test(arguments: Ground.all)
    func `placeholders of the server's own are told`(ground: Ground) throws {
        let mark = ground.dialect == .mysql ? "?" : "$1::int"
        #expect(
            ground.error { _ = try ground.rows("SELECT \(mark) AS x").texts() }
                == "the query has 1 placeholder of the server's own; write :NAME in the query and its value under 'parameters'"
        )
    }

    @Test(arguments: Ground.all)
    func `nothing is changed`(ground: Ground) throws {
        try ground.server.run("CREATE TABLE still (n INT); INSERT INTO still VALUES (1)")
        if ground.dialect == .postgres {
            let said = ground.error {
                _ = try ground.rows("WITH d AS (DELETE FROM still RETURNING n) SELECT n FROM d").texts()
            }
            #expect(said.contains("the server does not take the query"), "\(said)")
            try ground.server.run(
                "CREATE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM still; SELECT 1'")
        } else {
            try ground.server.run(
                """
                DELIMITER //
                CREATE FUNCTION wipe() RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM still; RETURN 1; END//
                """)
        }
        let said = ground.error { _ = try ground.rows("SELECT wipe() AS n").texts() }
        #expect(said.lowercased().replacing("-", with: " ").contains("read only transaction"), "\(said)")
        #expect(try ground.rows(table: "still").texts() == ["1"])
    }
}
