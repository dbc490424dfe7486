import DataFrames
import Glibc
import Platform
import TableTypes
import TestServers
import Testing

@testable import SQLDatabases

private func rows(
    _ path: String, _ query: String, _ parameters: [String: [SQLValue]] = [:]
) throws -> SQLRows {
    try SQLRows(sqlite: path, name: "a.db", .init(.query(QueryText(query, .sqlite)), parameters: parameters))
}

private func rows(table: String, in path: String, columns: [String]? = nil) throws -> SQLRows {
    try SQLRows(sqlite: path, name: "a.db", .init(.table([table]), columns: columns))
}

private func message(_ body: () throws -> Void) -> String {
    #expect(throws: SQLError.self) { try body() }?.description ?? "no error"
}

@Suite struct SQLiteTests {
    @Test func `columns are what they are declared, and values of other classes are left out and told`()
        throws
    {
        let path = try SQLiteFolder().keep { folder in
            try folder.make(
                "a.db",
                """
                CREATE TABLE t (
                  id INTEGER PRIMARY KEY, n INT, x REAL, s VARCHAR(9), flag BOOLEAN, day DATE, at DATETIME, m DECIMAL(9, 2), j JSON);
                INSERT INTO t VALUES
                  (1, -9223372036854775808, 1e308, 'ä😀', 1, '2024-02-29', '2024-02-29 08:00:00.5', 12.34, '{"b": 1.0, "a": 2}'),
                  (2, 9223372036854775807, 3, 4.5, 0, '2024-12-31', 1700000000, 'x', '5'),
                  (3, 'abc', 'def', x'00', 2, '31.12.2024', '2024-12-31', 1, '{'),
                  (4, 2.5, NULL, NULL, 'true', 7, 2460000.5, NULL, NULL),
                  (5, '12', '1.5', 12, '1', NULL, '2024-12-31T08:00:00+02:00', '1e2', '[1]');
                """)
        }
        let rows = try rows(table: "t", in: path.place)
        #expect(
            rows.types == [
                "id: integer", "n: integer", "x: number", "s: text", "flag: boolean", "day: date",
                "at: timestamp",
                "m: number", "j: json",
            ])
        #expect(
            try rows.texts() == [
                #"1, -9223372036854775808, 1e+308, ä😀, true, 2024-02-29, 2024-02-29T08:00:00.500000Z, 12.34, {"a":2,"b":1}"#,
                #"2, 9223372036854775807, 3.0, 4.5, false, 2024-12-31, 2023-11-14T22:13:20Z, -, 5 !{"m":"'x' is not of type number"}"#,
                #"3, -, -, -, -, -, 2024-12-31T00:00:00Z, 1.0, - !{"day":"'31.12.2024' is not of type date","flag":"'2' is not of type boolean","j":"'{' is no JSON of a table: expected a key in quotes","n":"'abc' is not of type integer","s":"a blob is not of type text","x":"'def' is not of type number"}"#,
                #"4, -, -, -, -, -, -, -, - !{"at":"'2460000.5' is not of type timestamp","day":"'7' is not of type date","flag":"'true' is not of type boolean","n":"'2.5' is not of type integer"}"#,
                #"5, 12, 1.5, 12, true, -, 2024-12-31T06:00:00Z, 100.0, [1]"#,
            ])
    }

    @Test func `values say what an expression and an undeclared column are`() throws {
        let path = try SQLiteFolder().keep { folder in
            try folder.make(
                "a.db",
                """
                CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c, d, e BLOB);
                INSERT INTO t VALUES (1, 1, 1, 1, NULL, x'FF'), (2, 2, 2.5, 'x', NULL, NULL);
                """)
        }
        let found = try rows(
            path.place, "SELECT a, b, c, d, count(*) OVER () AS n, a / 2.0 AS h, hex(e) AS e FROM t")
        #expect(
            found.types == [
                "a: integer", "b: number", "c: text", "d: text", "n: integer", "h: number", "e: text",
            ])
        #expect(try found.texts() == ["1, 1.0, 1, -, 2, 0.5, FF", "2, 2.5, x, -, 2, 1.0, "])
        #expect(
            message { _ = try rows(table: "t", in: path.place) }
                == "column 'e' is of the type BLOB, which no column of a table holds; select a text of it, such as hex(e), or leave it out with 'columns'"
        )
        #expect(try rows(table: "t", in: path.place, columns: ["id", "d"]).texts() == ["1, -", "2, -"])
    }

    @Test func `names and values are bound, and rows come in order`() throws {
        let name = "a\"\u{308}b'; DROP TABLE t; --"
        let quoted = "\"a\"\"\u{308}b'; DROP TABLE t; --\""
        let path = try SQLiteFolder().keep { folder in
            try folder.make(
                "odd name?#%.db",
                """
                CREATE TABLE \(quoted) (\(quoted) TEXT COLLATE NOCASE, n INT);
                INSERT INTO \(quoted) VALUES ('b', 1), ('B', 1), ('b', 2), (NULL, 1), ('b', 1);
                """)
        }
        let values = try rows(table: name, in: path.place).texts()
        #expect(values == ["-, 1", "B, 1", "b, 1", "b, 1", "b, 2"])
        let found = try rows(
            path.place, "SELECT n, :s AS s FROM \(quoted) WHERE n IN (:n) AND \(quoted) = :s",
            ["n": [.integer(2), .integer(3)], "s": [.text("b")]])
        #expect(try found.texts() == ["2, b"])
        #expect(
            message { _ = try rows(path.place, "SELECT n = ? AS s FROM \(quoted)") }
                == "the query has 1 placeholder of the server's own; write :NAME in the query and its value under 'parameters'"
        )
    }

    @Test func `what is wrong with a query is told with its place`() throws {
        let path = try SQLiteFolder().keep { try $0.make("a.db", "CREATE TABLE t (ä INT)") }
        #expect(
            message { _ = try rows(path.place, "SELECT ä,\n  ü FROM t") }
                == "the server does not take the query: no such column: ü; query: line 2, column 3: ü FROM t; correct the query"
        )
        #expect(
            message { _ = try rows(table: "u", in: path.place) }
                == "the server does not take the query: no such table: u; correct the query")
    }

    @Test func `a file that is no database, or not all of one, says what to do`() throws {
        let folder = try SQLiteFolder()
        let text = "\(folder.path)/text.db"
        try Files.write(Array("id,name\n".utf8), to: text)
        #expect(
            message { _ = try rows(text, "SELECT 1") }
                == "'a.db' is not a SQLite database; if it is another kind of file, read it by that kind")
        #expect(
            message { _ = try rows("\(folder.path)/none.db", "SELECT 1") }
                == "'a.db' does not exist; correct the path")
        let path = try folder.make("a.db", "CREATE TABLE t (n INT); INSERT INTO t VALUES (1)")
        try Files.write([0], to: path + "-wal")
        #expect(
            message { _ = try rows(path, "SELECT 1") }
                == "a part of 'a.db' lies in 'a.db-wal', which is not read; bring it in: sqlite3 a.db 'PRAGMA wal_checkpoint(TRUNCATE)'"
        )
        try Files.remove(path + "-wal")
        try Files.write([0xD9], to: path + "-journal")
        #expect(
            message { _ = try rows(path, "SELECT 1") }
                == "'a.db' was left in the middle of a change: 'a.db-journal' takes it back; open it once with sqlite3, or wait until who changes it is done"
        )
        try Files.write([0], to: path + "-journal")
        #expect(try rows(table: "t", in: path).texts() == ["1"])
    }

    /// Reading leaves nothing beside the file and does not change it, in whichever mode it was written.
    @Test func `a file written ahead is read where it lies`() throws {
        let folder = try SQLiteFolder()
        let path = try folder.make(
            "a.db", "PRAGMA journal_mode = WAL; CREATE TABLE t (n INT); INSERT INTO t VALUES (1)")
        let before = try Files.read(path)
        chmod(folder.path, 0o555)
        defer { chmod(folder.path, 0o755) }
        #expect(try rows(table: "t", in: path).texts() == ["1"])
        #expect(try Files.read(path) == before)
        #expect(try Files.list(folder.path) == ["a.db"])
    }

    @Test func `a damaged file gives rows or an error, never a crash`() throws {
        let folder = try SQLiteFolder()
        let path = try folder.make(
            "a.db",
            """
            CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT, x REAL, j JSON);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
            INSERT INTO t SELECT i, printf('text %d', i), i / 3.0, '[1]' FROM n;
            """)
        let whole = try Files.read(path)
        #expect(try rows(table: "t", in: path).texts().count == 300)
        func read() {
            do {
                let rows = try rows(table: "t", in: path)
                while try rows.next() != nil {}
            } catch let error as SQLError {
                #expect(!error.message.isEmpty)
            } catch {
                Issue.record("\(error)")
            }
        }
        for length in stride(from: 0, to: whole.count, by: 257) {
            try Files.write(Array(whole[..<length]), to: path)
            read()
        }
        for place in stride(from: 16, to: whole.count, by: 31) {
            var bytes = whole
            bytes[place] ^= 0xFF
            try Files.write(bytes, to: path)
            read()
        }
    }
}
