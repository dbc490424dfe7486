import Glibc
import Platform
import TestServers
import Testing

/// Stages whose rows lie in a database, by way of the real servers.
@Suite(.enabled(if: !Database.all.isEmpty, "no database server is installed")) struct DatabaseTests {
    private static let fields = """
        fields:
          - { name: id, type: integer, constraints: { required: true, unique: true } }
          - { name: at, type: datetime, constraints: { required: true } }
          - { name: kind, type: string, constraints: { enum: [view, cart, purchase] } }
          - { name: price, type: number }
          - { name: gift, type: boolean }
          - { name: day, type: date }
          - { name: note, type: string }
        """

    /// - Parameter more: Further lines of `with`.
    private static func pipeline(_ database: Database, port: Int? = nil, _ more: [String]) -> String {
        """
        stages:
          events:
            uses: collect.sql
            with:
              database: \(database.word)
              host: 127.0.0.1
              port: \(port ?? database.server.port)
              name: demo
              user: \(MariaDBServer.user)
              password: { env: SHOP_PASSWORD }

        """ + more.map { "      \($0)\n" }.joined()
    }

    private static func workplace(
        _ database: Database, port: Int? = nil, _ more: String...
    ) throws -> Workplace {
        let place = try Workplace(pipeline(database, port: port, more))
        place.environment["SHOP_PASSWORD"] = MariaDBServer.password
        try place.write("events.yaml", fields)
        return place
    }

    /// A table of a few rows, one of them outside of January.
    private static func fill(_ name: String, _ database: Database) throws {
        let isMySQL = database.word == "mysql"
        if !isMySQL {
            try database.server.run("CREATE TYPE \(name)_kind AS ENUM ('view', 'cart', 'purchase')")
        }
        try database.server.run(
            """
            CREATE TABLE \(name) (id INT PRIMARY KEY, at \(isMySQL ? "DATETIME(6)" : "timestamptz") NOT NULL,
              kind \(isMySQL ? "ENUM('view', 'cart', 'purchase')" : "\(name)_kind"), price DECIMAL(8, 2),
              gift \(isMySQL ? "TINYINT(1)" : "boolean"), day DATE, note VARCHAR(40));
            INSERT INTO \(name) VALUES
              (3, '2026-01-31 23:59:59.999999', 'purchase', 19.90, TRUE, '2026-02-03', 'für Ä. 日本'),
              (1, '2026-01-01 00:00:00', 'view', NULL, FALSE, NULL, 'x''; DROP TABLE \(name); --'),
              (4, '2026-02-01 00:00:00', 'cart', 5, NULL, '2026-02-05', ''),
              (2, '2026-01-02 08:30:00.5', NULL, 1000.05, NULL, '2024-02-29', NULL);
            """)
    }

    private static func table(_ place: Workplace) throws -> String {
        let got = try place.sluice("get", "events.table", "--as", "csv", "--force", "-o", "got.csv")
        #expect(got.status == 0, "\(got.err)")
        return try place.read("got.csv")
    }

    /// Nothing the run left, or said, holds a text.
    private static func expectNowhere(
        _ secret: String, _ place: Workplace, _ said: Workplace.Result...
    ) throws {
        for result in said { #expect(!(result.out + result.err).contains(secret)) }
        #expect(try place.shell("grep -rlF -e '\(secret)' . .sluice").status == 1)
        // grep would pass over a place it cannot read.
        #expect(try place.shell("grep -rlF -e 'SHOP_PASSWORD' .").text.contains("p.yaml"))
    }

    @Test(arguments: Database.all)
    func rowsAreTypedOnArrivalAndLieInTheTimeRange(database: Database) throws {
        try Self.fill("ranged_events", database)
        let place = try Self.workplace(
            database, "table: ranged_events", "time_range: { column: at, from: 2026-01-01, to: 2026-02-01 }",
            "schema: events.yaml")
        let result = try place.sluice("run")
        #expect(result.status == 0, "\(result.err)")
        let expected = """
            id,at,kind,price,gift,day,note
            1,2026-01-01T00:00:00Z,view,,false,,x'; DROP TABLE ranged_events; --
            2,2026-01-02T08:30:00.500000Z,,1000.05,,2024-02-29,
            3,2026-01-31T23:59:59.999999Z,purchase,19.9,true,2026-02-03,für Ä. 日本

            """
        #expect(try Self.table(place) == expected)
        // Without a schema the database's own types hold, and the levels of its enum.
        let bare = try Self.workplace(
            database, "table: ranged_events", "time_range: { column: at, to: '2026-01-31T23:59:59.999999Z' }")
        #expect(try bare.sluice("run").status == 0)
        let rows = try Self.table(bare)
        #expect(rows.split(separator: "\n").count == 3)
        let types = try bare.sluice("show", "events.table", "--schema").out
        for type in [
            "enum: [view, cart, purchase]", "name: price\n    type: number", "name: at\n    type: datetime",
            "name: gift\n    type: boolean", "name: day\n    type: date\n",
        ] { #expect(types.contains(type), "\(types)") }
    }

    @Test(arguments: Database.all)
    func valuesAreBoundWhateverStandsInThem(database: Database) throws {
        try Self.fill("bound", database)
        let place = try Self.workplace(
            database, "query: SELECT id, note FROM bound WHERE note = :note OR id IN (:ids)",
            "parameters: { note: \"x'; DROP TABLE bound; --\", ids: [4, 9] }")
        let result = try place.sluice("run")
        #expect(result.status == 0, "\(result.err)")
        #expect(try Self.table(place) == "id,note\n1,x'; DROP TABLE bound; --\n4,\n")
    }

    @Test(arguments: Database.all)
    func aTableIsLookedAtAsOftenAsItsRefreshSays(database: Database) throws {
        try Self.fill("looked", database)
        let place = try Self.workplace(database, "table: looked", "columns: [id, kind]")
        #expect(try place.run().ran == ["events"])
        // The same rows: asked, and nothing runs.
        #expect(try place.run().ran == [])
        let lock = try place.read("p.lock")
        #expect(lock.contains(",\"rows\":4}\n"), "\(lock)")
        try database.server.run("INSERT INTO looked (id, at) VALUES (5, '2026-03-01 00:00:00')")
        #expect(try place.run().ran == ["events"])
        #expect(try Self.table(place).hasSuffix("\n4,cart\n5,\n"))
        // Within the hour nobody asks.
        try place.edit("p.yaml", "table: looked", "table: looked\n      refresh: 1h")
        try database.server.run("DELETE FROM looked WHERE id > 2")
        #expect(try place.run().ran == [])
        #expect(try place.sluice("run", "--offline").status == 0)
        #expect(try place.run("--refresh", "events").ran == ["events"])
        #expect(try Self.table(place) == "id,kind\n1,view\n2,\n")
    }

    @Test(arguments: Database.all)
    func onlyRowsFromTheWatermarkOnAreFetched(database: Database) throws {
        let series = database.word == "mysql" ? "seq_1_to_20000" : "generate_series(1, 20000) AS s(seq)"
        try database.server.run(
            """
            CREATE TABLE grown_events (id INT PRIMARY KEY, note VARCHAR(200));
            INSERT INTO grown_events SELECT seq, REPEAT('x', 100) FROM \(series);
            """)
        let relay = try DroppingRelay(to: database.server.port)
        let place = try Self.workplace(database, port: relay.port, "table: grown_events", "watermark: id")
        #expect(try place.run().ran == ["events"])
        let first = relay.count
        #expect(first > 2_000_000)
        #expect(try place.read("p.lock").contains("\"rows\":20000,\"watermark\":20000}"))
        #expect(try place.run().ran == [])
        try database.server.run("INSERT INTO grown_events VALUES (20007, 'later')")
        #expect(try place.run().ran == ["events"])
        #expect(relay.count - first < 20_000)
        // Piece after piece it is the snapshot that all at once would be.
        let whole = try Self.workplace(database, port: relay.port, "table: grown_events", "watermark: id")
        #expect(try whole.run().ran == ["events"])
        #expect(relay.count - first > 2_000_000)
        #expect(try place.read("p.lock") == whole.read("p.lock"))
        #expect(try Self.table(place) == Self.table(whole))
        #expect(try Self.table(place).hasSuffix("\n20007,later\n"))
    }

    @Test(arguments: Database.all)
    func aPasswordIsNeverKept(database: Database) throws {
        try Self.fill("kept", database)
        let place = try Self.workplace(database, "table: kept")
        place.environment["SHOP_PASSWORD"] = nil
        let unset = try place.sluice("run")
        #expect(unset.status == 1)
        #expect(
            unset.err.contains("the password is to be what SHOP_PASSWORD holds, which is not set"),
            "\(unset.err)")
        place.environment["SHOP_PASSWORD"] = "wr0ng-of-the-tests"
        let wrong = try place.sluice("run")
        #expect(wrong.status == 1)
        #expect(wrong.err.contains("the server lets nobody in: "), "\(wrong.err)")
        #expect(try !place.read("p.lock").contains("snapshot:"))
        place.environment["SHOP_PASSWORD"] = MariaDBServer.password
        let right = try place.sluice("run", "-v")
        #expect(right.status == 0, "\(right.err)")
        let log = try place.sluice("log", "events")
        for secret in ["wr0ng-of-the-tests", MariaDBServer.password] {
            try Self.expectNowhere(secret, place, unset, wrong, right, log)
        }
        // A file is as good, outside of the project.
        let file = "\(place.folder)-password"
        defer { unlink(file) }
        try Files.write(Array("\(MariaDBServer.password)\n".utf8), to: file)
        try place.edit("p.yaml", "{ env: SHOP_PASSWORD }", "{ file: \(file) }")
        place.environment["SHOP_PASSWORD"] = nil
        let filed = try place.sluice("run")
        #expect(filed.status == 0, "\(filed.err)")
        #expect(try place.shell("grep -rlF -e '\(MariaDBServer.password)' . .sluice").status == 1)
    }

    /// A server may say again what it was given: here a function fails with a text of the data, which is the password.
    @Test(arguments: Database.all)
    func aPasswordOfAProfileIsInNoLog(database: Database) throws {
        let isMySQL = database.word == "mysql"
        try database.server.run(
            isMySQL
                ? """
                DELIMITER //
                CREATE FUNCTION blab(t VARCHAR(99)) RETURNS INT
                BEGIN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = t; RETURN 1; END//
                """
                : """
                CREATE FUNCTION blab(t text) RETURNS int LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION '%', t; END $$
                """)
        try database.server.run(
            """
            CREATE TABLE talkative (t VARCHAR(99));
            INSERT INTO talkative VALUES ('it is \(MariaDBServer.password)')
            """)
        let place = try Self.workplace(database, "query: SELECT blab(t) AS n FROM talkative")
        try place.edit("p.yaml", "      password: { env: SHOP_PASSWORD }\n", "")
        let home = "\(place.folder)-home"
        defer { try? Files.remove(home) }
        try Files.makeDirectories(home)
        try Files.write(
            Array("[client]\npassword=\(MariaDBServer.password)\n".utf8), to: home + "/.my.cnf")
        try Files.write(
            Array("127.0.0.1:*:demo:\(MariaDBServer.user):\(MariaDBServer.password)\n".utf8),
            to: home + "/.pgpass")
        chmod(home + "/.pgpass", 0o600)
        (place.environment["HOME"], place.environment["SHOP_PASSWORD"]) = (home, nil)
        let failed = try place.sluice("run", "-v")
        #expect(failed.status == 1)
        #expect(failed.err.contains("it is ***"), "\(failed.err)")
        let log = try place.sluice("log", "events")
        for result in [failed, log] {
            #expect(!(result.out + result.err).contains(MariaDBServer.password), "\(result)")
        }
        #expect(try place.shell("grep -rlF -e '\(MariaDBServer.password)' . .sluice").status == 1)
    }

    @Test(arguments: Database.all)
    func aConnectionThatDropsInMidFetchIsOpenedOnceMore(database: Database) throws {
        let series = database.word == "mysql" ? "seq_1_to_20000" : "generate_series(1, 20000) AS s(seq)"
        try database.server.run(
            """
            CREATE TABLE dropped (id INT PRIMARY KEY, note VARCHAR(200));
            INSERT INTO dropped SELECT seq, REPEAT('x', 100) FROM \(series);
            """)
        let once = try DroppingRelay(to: database.server.port, after: 1_000_000, times: 1)
        let place = try Self.workplace(database, port: once.port, "table: dropped")
        let result = try place.sluice("run")
        #expect(result.status == 0, "\(result.err)")
        #expect(once.dropped == 1 && once.connections == 2)
        #expect(try Self.table(place).split(separator: "\n").count == 20_001)
        #expect(try place.sluice("log", "events").out.contains("; once more from the start"))

        let always = try DroppingRelay(to: database.server.port, after: 1_000_000, times: .max)
        let lost = try Self.workplace(database, port: always.port, "table: dropped")
        let failed = try lost.sluice("run")
        #expect(failed.status == 1)
        #expect(
            failed.err.contains("error: stage 'events' failed: the connection was lost after "),
            "\(failed.err)")
        #expect(failed.err.contains("fix: run it again; nothing of what came was kept"), "\(failed.err)")
        #expect(always.dropped == 2)
        #expect(try !lost.read("p.lock").contains("snapshot:"))
        try Self.expectNowhere(MariaDBServer.password, lost, failed)
    }
}

/// A database server, and the word for it in a pipeline.
struct Database: CustomTestStringConvertible, Sendable {
    let word: String
    let server: any DatabaseServer

    var testDescription: String { word }

    /// Those that are installed.
    static let all = [
        MariaDBServer.shared.map { Database(word: "mysql", server: $0) },
        PostgresServer.shared.map { Database(word: "postgres", server: $0) },
    ].compactMap { $0 }
}
