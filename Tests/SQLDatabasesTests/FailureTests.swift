import DataFrames
import Glibc
import TestServers
import Testing

@testable import SQLDatabases

@Suite(.enabled(if: !Ground.all.isEmpty, "no database server is installed")) struct FailureTests {
    @Test(arguments: Ground.all)
    func `a wrong password, user or database is told by the server, and the password is not`(
        ground: Ground
    ) throws {
        var server = ground.address()
        server.password = "wrong-\(MariaDBServer.password)"
        let password = ground.error { _ = try SQLRows(server, [:], .init(.table(["t"]))) }
        server = ground.address()
        server.name = "nowhere"
        let database = ground.error { _ = try SQLRows(server, [:], .init(.table(["t"]))) }
        if ground.dialect == .mysql {
            #expect(
                password
                    == "the server lets nobody in: Access denied for user 'app'@'127.0.0.1' (using password: YES); correct user and password: password: { env: NAME }, MYSQL_PWD, or [client] of ~/.my.cnf"
            )
            #expect(
                database
                    == "the server lets nobody in: Access denied for user 'app'@'127.0.0.1' to database 'nowhere'; grant the user SELECT on it, or correct user or name"
            )
        } else {
            #expect(
                password
                    == #"the server lets nobody in: password authentication failed for user "app"; correct user, password or the database's name"#
            )
            #expect(
                database
                    == #"the server lets nobody in: database "nowhere" does not exist; correct user, password or the database's name"#
            )
            server = ground.address()
            server.password = nil
            #expect(
                ground.error { _ = try SQLRows(server, [:], .init(.table(["t"]))) }
                    == "the server lets nobody in: fe_sendauth: no password supplied; give a password: password: { env: NAME }, PGPASSWORD, or ~/.pgpass"
            )
        }
    }

    @Test(arguments: Ground.all)
    func `nobody there is told with the place`(ground: Ground) throws {
        let port = try freePort()
        let refused = ground.error { _ = try SQLRows(ground.address(port: port), [:], .init(.table(["t"]))) }
        #expect(
            refused.hasPrefix("nobody answers at 127.0.0.1:\(port): ")
                && refused.hasSuffix(
                    "; start the server, or correct where it is: host, port, socket, or its variables"),
            "\(refused)")
        var server = ground.address()
        server.host = "no-such-host.invalid"
        let unknown = ground.error { _ = try SQLRows(server, [:], .init(.table(["t"]))) }
        #expect(
            unknown.hasPrefix("nobody answers at no-such-host.invalid:\(ground.server.port): "), "\(unknown)")
        server = ground.address()
        (server.host, server.socket) = (nil, "/nowhere/socket")
        let socket = ground.error { _ = try SQLRows(server, [:], .init(.table(["t"]))) }
        #expect(socket.hasPrefix("nobody answers at /nowhere/socket"), "\(socket)")
    }

    @Test(arguments: Ground.all)
    func `the socket is a way in`(ground: Ground) throws {
        var server = ground.address()
        (server.host, server.socket) = (nil, ground.server.socket)
        let rows = try SQLRows(server, [:], .init(.query(QueryText("SELECT 1 AS n", ground.dialect))))
        #expect(try rows.texts() == ["1"])
    }

    @Test(arguments: Ground.all)
    func `what is wrong with a query is told where the server tells it`(ground: Ground) throws {
        try ground.server.run("CREATE TABLE told (id INT)")
        let syntax = ground.error {
            _ = try ground.rows("SELECT id,\n  :x AS x\nFORM told", ["x": [.integer(1)]])
        }
        let column = ground.error { _ = try ground.rows("SELECT id,\n  ide FROM told") }
        let table = ground.error { _ = try ground.rows(table: "untold") }
        if ground.dialect == .mysql {
            #expect(syntax.contains("; query: line 3, column 1: FORM told; correct the query"), "\(syntax)")
            #expect(
                column.hasPrefix("the server does not take the query: Unknown column 'ide' in "), "\(column)")
            #expect(
                table
                    == "the server does not take the query: Table 'demo.untold' doesn't exist; correct the query"
            )
        } else {
            #expect(
                syntax
                    == #"the server does not take the query: syntax error at or near "FORM"; query: line 3, column 1: FORM told; correct the query"#
            )
            #expect(
                column.contains(#"column "ide" does not exist"#)
                    && column.hasSuffix("; query: line 2, column 3: ide FROM told; correct the query"),
                "\(column)")
            #expect(
                table
                    == #"the server does not take the query: relation "untold" does not exist; correct the query"#
            )
        }
    }

    /// Of some 10 MB.
    private func fill(_ name: String, _ ground: Ground) throws {
        let numbers = ground.dialect == .mysql ? "seq_1_to_100000" : "generate_series(1, 100000) AS s(seq)"
        try ground.server.run(
            "CREATE TABLE \(name) (id INT PRIMARY KEY, t VARCHAR(200)); INSERT INTO \(name) SELECT seq, REPEAT('x', 100) FROM \(numbers)"
        )
    }

    @Test(arguments: Ground.all, [SQLServer.Encryption.off, .required])
    func `a connection that is cut in mid-fetch says after how many rows`(
        ground: Ground, encryption: SQLServer.Encryption
    ) throws {
        let table = "cut_\(encryption)"
        try fill(table, ground)
        let relay = try DroppingRelay(to: ground.server.port, after: 4_000_000, times: 1)
        var server = ground.address(port: relay.port)
        server.encryption = encryption
        let rows = try SQLRows(server, [:], .init(.table([table])))
        let error = #expect(throws: SQLError.self) { while try rows.next() != nil {} }
        guard case .lost(_, let count)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((20_000...40_000).contains(count))
        #expect(try #require(error).message.hasPrefix("the connection was lost after \(count) rows: "))
        #expect(relay.dropped == 1)
    }

    @Test(.enabled(if: Ground.mysql != nil, "MariaDB is not installed"))
    func `localhost has a port too`() throws {
        let ground = try #require(Ground.mysql)
        var server = ground.address()
        server.host = "localhost"
        #expect(try SQLRows(server, [:], .init(.query(QueryText("SELECT 1 AS n", .mysql)))).texts() == ["1"])
    }

    @Test(.enabled(if: Ground.mysql != nil, "MariaDB is not installed"))
    func `a limit of the server's own does not cut a table`() throws {
        let ground = try #require(Ground.mysql)
        try ground.server.run(
            "CREATE TABLE uncut (n INT PRIMARY KEY); INSERT INTO uncut SELECT seq FROM seq_1_to_10; SET GLOBAL sql_select_limit = 3"
        )
        defer { _ = try? ground.server.run("SET GLOBAL sql_select_limit = DEFAULT") }
        #expect(try ground.rows(table: "uncut").texts().count == 10)
    }

    @Test(arguments: Ground.all)
    func `a connection that the server ends says so`(ground: Ground) throws {
        try fill("ended", ground)
        let rows = try ground.rows(table: "ended")
        _ = try rows.next()
        if ground.dialect == .mysql {
            try ground.server.run(
                """
                DELIMITER //
                BEGIN NOT ATOMIC
                  DECLARE victim BIGINT;
                  SELECT ID INTO victim FROM information_schema.PROCESSLIST WHERE USER = 'app' AND INFO LIKE '%`ended`%';
                  KILL victim;
                END//
                """)
        } else {
            try ground.server.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app' AND query LIKE 'FETCH%' AND pid <> pg_backend_pid()"
            )
        }
        let said = ground.error { while try rows.next() != nil {} }
        #expect(said.hasPrefix("the connection was lost after "), "\(said)")
        #expect(said.hasSuffix("; run it again; nothing of what came was kept"))
    }

    @Test(arguments: Ground.all)
    func `a server that is there and says nothing is given up`(ground: Ground) throws {
        var server = ground.address()
        server.silence = 1
        let query = ground.dialect == .mysql ? "SELECT SLEEP(20) AS n" : "SELECT 1 AS n FROM pg_sleep(20)"
        let clock = ContinuousClock()
        let start = clock.now
        let error = #expect(throws: SQLError.self) {
            _ = try SQLRows(server, [:], .init(.query(QueryText(query, ground.dialect)))).texts()
        }
        guard case .lost(_, rows: 0)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(clock.now - start < .seconds(15))
        // One that speaks in time is not.
        server.silence = 15
        let slow = ground.dialect == .mysql ? "SELECT SLEEP(1) AS n" : "SELECT 0 AS n FROM pg_sleep(1)"
        #expect(
            try SQLRows(server, [:], .init(.query(QueryText(slow, ground.dialect)))).texts() == ["0"])
    }

    @Test(arguments: Ground.all)
    func `a limit of time is told with what to do`(ground: Ground) throws {
        let query =
            ground.dialect == .mysql
            ? "SELECT SLEEP(2) AS n" : "SELECT 1 AS n FROM pg_sleep(2)"
        try ground.server.run(
            ground.dialect == .mysql
                ? "CREATE USER 'hurried'@'127.0.0.1' IDENTIFIED BY 'hurried'; GRANT ALL ON demo.* TO 'hurried'@'127.0.0.1' WITH MAX_STATEMENT_TIME 0.2"
                : "CREATE USER hurried PASSWORD 'hurried'; ALTER USER hurried SET statement_timeout = 200")
        var server = ground.address()
        (server.user, server.password) = ("hurried", "hurried")
        let said = ground.error {
            _ = try SQLRows(server, [:], .init(.query(QueryText(query, ground.dialect)))).texts()
        }
        #expect(said.hasPrefix("the server gave up: "), "\(said)")
        #expect(said.contains("; ask for less at once: time_range, or an index"), "\(said)")
    }
}
