import DataFrames
import TestServers
import Testing

@testable import SQLDatabases

@Suite(.enabled(if: !Ground.all.isEmpty, "no database server is installed")) struct SessionTests {
    private func session(_ ground: Ground) throws -> any SQLSession {
        ground.dialect == .mysql
            ? try MySQLSession(ground.address()) : try PostgresSession(ground.address(), [:])
    }

    /// The library would write into places that are not there.
    @Test(arguments: Ground.all)
    func `rows of other columns than were told are not read`(ground: Ground) throws {
        let session = try session(ground)
        defer { session.close() }
        let told = try session.columns(of: SQLStatement("SELECT 1 AS a"))
        for (query, found) in [
            ("SELECT 1 AS a, 2 AS b, 3 AS c", "a, b, c"), ("SELECT 1 AS b", "b"),
        ] {
            let said = ground.error { _ = try session.open(SQLStatement(query), told) }
            #expect(
                said
                    == "the rows have the columns \(found), where the server had told of a; run it again when nobody changes the table"
            )
        }
        #expect(try session.open(SQLStatement("SELECT 2 AS a"), told) == told)
    }

    @Test(arguments: Ground.all)
    func `rows are counted before they are read`(ground: Ground) throws {
        try ground.server.run("CREATE TABLE tallied (n INT); INSERT INTO tallied VALUES (1), (2), (2), (3)")
        let rows = try ground.rows(table: "tallied", watermark: "n", after: .integer(2))
        #expect(rows.below == 1)
        #expect(try rows.texts() == ["2", "2", "3"])
        #expect(try ground.rows(table: "tallied", watermark: "n").below == nil)
    }

    @Test(.enabled(if: Ground.postgres != nil, "PostgreSQL is not installed"))
    func `long texts behind short ones are few at a time`() throws {
        let ground = try #require(Ground.postgres)
        try ground.server.run(
            """
            CREATE TABLE swollen (id int PRIMARY KEY, t text);
            INSERT INTO swollen SELECT n, CASE WHEN n > 2400 THEN repeat('x', 300000) END FROM generate_series(1, 2600) AS s(n);
            """)
        let rows = try ground.rows(table: "swollen")
        var count = 0
        var greatest = 0
        while let frame = try rows.next() {
            count += frame.count
            if case .utf8(let texts)? = frame["t"]?.storage { greatest = max(greatest, texts.bytes.count) }
        }
        #expect(count == 2600)
        #expect(greatest > 0 && greatest <= RowLimits.bytes + 300_000)
    }

    @Test(arguments: Ground.all, [SQLServer.Encryption.off, .required])
    func `rows that nobody wants any more are not waited for`(
        ground: Ground, encryption: SQLServer.Encryption
    ) throws {
        let relay = try DroppingRelay(to: ground.server.port)
        let numbers =
            ground.dialect == .mysql ? "seq_1_to_1500000" : "generate_series(1, 1500000) AS s(seq)"
        let query = "SELECT seq, REPEAT('x', 50) AS t FROM \(numbers) ORDER BY seq"
        do {
            var server = ground.address(port: relay.port)
            server.encryption = encryption
            let rows = try SQLRows(server, [:], .init(.query(QueryText(query, ground.dialect))))
            #expect(try rows.next()?.count == RowLimits.rows)
        }
        // All are some 90 MB.
        #expect(relay.count < 30_000_000)
    }

    @Test(.enabled(if: Ground.postgres != nil, "PostgreSQL is not installed"))
    func `a secret is struck out of what is said in mid-fetch`() throws {
        let ground = try #require(Ground.postgres)
        try ground.server.run(
            "CREATE TABLE chatty (id int PRIMARY KEY, t text); INSERT INTO chatty SELECT n, CASE WHEN n = 20000 THEN '\(MariaDBServer.password)' ELSE '1' END FROM generate_series(1, 20000) AS s(n)"
        )
        let rows = try ground.rows("SELECT id, t::int AS n FROM chatty ORDER BY id")
        let said = ground.error { while try rows.next() != nil {} }
        #expect(said.contains("\"***\"") && !said.contains(MariaDBServer.password), "\(said)")
    }

    @Test func `types that are made of each other have an end`() {
        var types = PostgresTypes()
        _ = types.learn(90_001, ["d", "a", "S", "0", "90002", "textsend"], labels: [])
        _ = types.learn(90_002, ["d", "b", "S", "0", "90001", "textsend"], labels: [])
        guard case .other = types.kind(90_001) else {
            Issue.record("a circle is a type")
            return
        }
    }
}
