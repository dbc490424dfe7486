import DataFrames
import SQLDatabases
import TableTypes
import TestServers
import Testing

@Suite(.enabled(if: !Ground.all.isEmpty, "no database server is installed")) struct SelectionTests {
    @Test(arguments: Ground.all)
    func `rows of a table come in the order of its key`(ground: Ground) throws {
        try ground.server.run(
            """
            CREATE TABLE keyed (b VARCHAR(9), a INT, note VARCHAR(9), PRIMARY KEY (a, b));
            INSERT INTO keyed VALUES ('y', 2, 'fourth'), ('x', 2, 'third'), ('y', 1, 'second'), ('x', 1, 'first');
            """)
        #expect(
            try ground.rows(table: "keyed", columns: ["note"]).texts() == [
                "first", "second", "third", "fourth",
            ])
        #expect(
            try ground.rows(table: "keyed", columns: ["note", "a"], order: ["note"]).texts()
                == ["first, 1", "fourth, 2", "second, 1", "third, 2"])
        #expect(try ground.rows(table: "keyed", order: []).texts().sorted().count == 4)
    }

    /// Texts that a collation calls equal are told apart by their bytes.
    @Test(arguments: Ground.all)
    func `rows of what has no key come in the order of all columns, by bytes`(ground: Ground) throws {
        let json = ground.dialect == .mysql ? "JSON" : "json"
        try ground.server.run(
            """
            CREATE TABLE keyless (t VARCHAR(9), n INT, j \(json));
            INSERT INTO keyless VALUES ('a', 2, NULL), ('A', 1, NULL), ('a', 1, '[1]'), ('ä', 1, NULL), ('b', 1, NULL), ('A', 1, '{}');
            CREATE VIEW seen AS SELECT t, n, j FROM keyless;
            """)
        let nullsFirst = ["A, 1, -", "A, 1, {}", "a, 1, [1]", "a, 2, -", "b, 1, -", "ä, 1, -"]
        let nullsLast = ["A, 1, {}", "A, 1, -", "a, 1, [1]", "a, 2, -", "b, 1, -", "ä, 1, -"]
        let wanted = ground.dialect == .mysql ? nullsFirst : nullsLast
        #expect(try ground.rows(table: "keyless").texts() == wanted)
        #expect(try ground.rows(table: "seen").texts() == wanted)
        #expect(try ground.rows("SELECT * FROM keyless WHERE n < :n", ["n": [.integer(9)]]).texts() == wanted)
    }

    /// A server may look at the first bytes alone (`max_sort_length`), and then gives ties as they lie.
    @Test(arguments: Ground.all)
    func `long texts that begin alike come in one order`(ground: Ground) throws {
        let text = ground.dialect == .mysql ? "LONGTEXT" : "text"
        func rows(_ table: String, _ numbers: [Int]) throws -> [String] {
            try ground.server.run(
                "CREATE TABLE \(table) (t \(text)); INSERT INTO \(table) VALUES "
                    + numbers.map { "(CONCAT(REPEAT('x', 3000), '\($0)'))" }.joined(separator: ", "))
            return try ground.rows(table: table).texts().map { String($0.suffix(2)) }
        }
        let numbers = Array(10..<40)
        let first = try rows("alike", numbers)
        #expect(try rows("alike_too", numbers.reversed()) == first)
        #expect(first.sorted() == numbers.map { "\($0)" })
    }

    /// Of a key only its first bytes are looked at where no index has the order.
    @Test(.enabled(if: Ground.mysql != nil, "MariaDB is not installed"))
    func `long keys that begin alike come in one order`() throws {
        let ground = try #require(Ground.mysql)
        func rows(_ table: String, _ numbers: [Int]) throws -> [String] {
            try ground.server.run(
                "CREATE TABLE \(table) (n INT, k VARCHAR(1500) CHARACTER SET latin1 PRIMARY KEY); INSERT INTO \(table) VALUES "
                    + numbers.map { "(1, CONCAT(REPEAT('x', 1200), '\($0)'))" }.joined(separator: ", "))
            return try ground.rows(table: table, order: ["n"]).texts().map { String($0.suffix(2)) }
        }
        let first = try rows("long_keys", Array(10..<40))
        #expect(try rows("long_keys_too", Array((10..<40).reversed())) == first)
    }

    @Test(arguments: Ground.all)
    func `a query's own order is kept`(ground: Ground) throws {
        let rows = try ground.rows(
            "SELECT n FROM (SELECT 1 AS n UNION SELECT 3 UNION SELECT 2) AS q ORDER BY n DESC")
        #expect(try rows.texts() == ["3", "2", "1"])
    }

    @Test(arguments: Ground.all)
    func `a time range holds its beginning and not its end`(ground: Ground) throws {
        let type = ground.dialect == .mysql ? "DATETIME(6)" : "timestamptz"
        try ground.server.run(
            """
            CREATE TABLE ranged (id INT PRIMARY KEY, at \(type));
            INSERT INTO ranged VALUES (1, '2025-12-31 23:59:59.999999'), (2, '2026-01-01 00:00:00'),
              (3, '2026-01-31 23:59:59.999999'), (4, '2026-02-01 00:00:00'), (5, NULL);
            """)
        let range = SQLSelection.TimeRange(column: "at", from: .text("2026-01-01"), to: .text("2026-02-01"))
        #expect(try ground.rows(table: "ranged", columns: ["id"], range: range).texts() == ["2", "3"])
        #expect(
            try ground.rows("SELECT id, at FROM ranged", columns: ["id"], range: range).texts() == ["2", "3"])
        let open = SQLSelection.TimeRange(column: "at", from: .text("2026-02-01"), to: nil)
        #expect(try ground.rows(table: "ranged", columns: ["id"], range: open).texts() == ["4"])
    }

    @Test(arguments: Ground.all)
    func `rows from a watermark on come again with it, and nulls are told`(ground: Ground) throws {
        let type = ground.dialect == .mysql ? "DATETIME(6)" : "timestamp"
        try ground.server.run(
            """
            CREATE TABLE marked (id INT PRIMARY KEY, at \(type), d DATE, n BIGINT, t VARCHAR(9));
            INSERT INTO marked VALUES (3, '2026-01-01 00:00:00.5', '2026-01-01', 10, 'a'), (1, '2026-01-02', '2026-01-02', 20, 'a'),
              (2, '2026-01-02', '2026-01-02', 20, 'a');
            """)
        for column in ["at", "d", "n"] {
            let rows = try ground.rows(table: "marked", columns: ["id", column], watermark: column)
            let frame = try #require(try rows.next())
            #expect((0..<3).map { frame.columns[0].shown($0) } == ["3", "1", "2"])
            let last = try #require(ground.dialect.watermark(frame.columns[1], 2))
            #expect(
                try ground.rows(table: "marked", columns: ["id", column], watermark: column, after: last)
                    .texts().count == 2)
            let first = try #require(ground.dialect.watermark(frame.columns[1], 0))
            #expect(
                try ground.rows(table: "marked", columns: ["id", column], watermark: column, after: first)
                    .texts().count
                    == 3)
        }
        #expect(
            ground.error { _ = try ground.rows(table: "marked", watermark: "t") }
                == "column 't' is of type text and cannot be the watermark; take an integer, a date or a time that only grows"
        )
        try ground.server.run("INSERT INTO marked VALUES (4, NULL, NULL, NULL, NULL)")
        let said = ground.error {
            _ = try ground.rows(table: "marked", columns: ["id", "n"], watermark: "n", after: .integer(20))
                .texts()
        }
        #expect(said.contains("the watermark 'n' has no value, so no later fetch could tell"), "\(said)")
    }

    @Test(arguments: Ground.all)
    func `columns that are not there, or there twice, are told`(ground: Ground) throws {
        try ground.server.run("CREATE TABLE few (id INT, name VARCHAR(9))")
        #expect(
            ground.error { _ = try ground.rows(table: "few", columns: ["nmae"]) }
                == "there is no column 'nmae'; columns: id, name")
        #expect(
            ground.error { _ = try ground.rows("SELECT f.id, g.id FROM few f, few g") }
                == "two columns of the query are called 'id'; give one of them another name: AS NAME")
    }

    @Test(arguments: Ground.all)
    func `a table without rows has its columns`(ground: Ground) throws {
        try ground.server.run("CREATE TABLE bare (id INT, name VARCHAR(9))")
        let rows = try ground.rows(table: "bare")
        let frame = try #require(try rows.next())
        #expect(frame.count == 0)
        #expect(frame.names == ["id", "name", Misfits.column])
        #expect(try rows.next() == nil)
    }

    @Test(arguments: Ground.all)
    func `tables of other databases and schemas have a path`(ground: Ground) throws {
        let create = ground.dialect == .mysql ? "DATABASE" : "SCHEMA"
        try ground.server.run(
            "CREATE \(create) other; CREATE TABLE other.things (id INT PRIMARY KEY); INSERT INTO other.things VALUES (2), (1)"
        )
        try ground.server.run(
            ground.dialect == .mysql
                ? "GRANT SELECT ON other.* TO 'app'@'127.0.0.1'"
                : "GRANT USAGE ON SCHEMA other TO app; GRANT SELECT ON other.things TO app")
        #expect(try ground.rows(table: "other", "things").texts() == ["1", "2"])
    }
}
