import ArrowIPC
import DataFrames
import Platform
import SQLDatabases
import TestServers
import Testing

@Suite(.enabled(if: !Ground.all.isEmpty, "no database server is installed")) struct SnapshotTests {
    private func fetch(
        _ ground: Ground, _ table: String, to path: String, after previous: (path: String, SQLSnapshot)? = nil
    ) throws -> SQLSnapshot {
        try SQLSnapshot.fetch(
            { after throws(SQLError) in
                try SQLRows(
                    ground.address(), [:], SQLSelection(.table([table]), watermark: "at"), after: after)
            }, ground.dialect, watermark: "at",
            previous: previous.map { .init(path: $0.path, watermark: $0.1.watermark!) }, to: path)
    }

    @Test(arguments: Ground.all)
    func `rows added by their watermark make the same bytes as all at once`(ground: Ground) throws {
        let folder = try SQLiteFolder()
        func place(_ number: Int) -> String { "\(folder.path)/\(number).arrow" }
        let type = ground.dialect == .mysql ? "DATETIME(6)" : "timestamptz"
        let name = "grown"
        let level = ground.dialect == .mysql ? "ENUM('b', 'a')" : "grown_level"
        if ground.dialect == .postgres { try ground.server.run("CREATE TYPE grown_level AS ENUM ('b', 'a')") }
        try ground.server.run(
            """
            CREATE TABLE \(name) (id INT PRIMARY KEY, at \(type), e \(level));
            INSERT INTO \(name) VALUES (1, '2026-01-01 00:00:00', 'a'), (5, '2026-01-02 00:00:00.000001', NULL), (3, '2026-01-02 00:00:00.000001', 'b');
            """)
        let first = try fetch(ground, name, to: place(1))
        #expect(first.rows == 3 && !first.isUnchanged)
        // Nothing new.
        let same = try fetch(ground, name, to: place(2), after: (place(1), first))
        #expect(same.isUnchanged && same.rows == 3)
        #expect(try Files.status(place(2)) == nil)
        // A row that came late with the last value, before the others by its key, and one behind.
        try ground.server.run(
            "INSERT INTO \(name) VALUES (2, '2026-01-02 00:00:00.000001', 'a'), (4, '2026-01-03 00:00:00', 'b')"
        )
        let grown = try fetch(ground, name, to: place(3), after: (place(1), first))
        let whole = try fetch(ground, name, to: place(4))
        #expect(grown == whole && grown.rows == 5)
        #expect(try Files.read(place(3)) == Files.read(place(4)))
        let ids = try ArrowFile.read(place(3)).frame["id"]
        #expect(ids?.numbers == [1, 2, 3, 5, 4])
        // Rows of the last value are gone: nothing is known of those before.
        try ground.server.run("DELETE FROM \(name) WHERE id IN (1, 4)")
        #expect(try fetch(ground, name, to: place(5), after: (place(3), grown)).rows == 3)
        // Another column.
        try ground.server.run("ALTER TABLE \(name) ADD COLUMN more INT")
        let wider = try fetch(ground, name, to: place(6), after: (place(4), whole))
        #expect(wider.rows == 3)
        #expect(try ArrowFile.read(place(6)).frame.names == ["id", "at", "e", "more", Misfits.column])
    }

    @Test(arguments: Ground.all)
    func `many equal watermarks and batches are added right`(ground: Ground) throws {
        let folder = try SQLiteFolder()
        func place(_ number: Int) -> String { "\(folder.path)/\(number).arrow" }
        let series = ground.dialect == .mysql ? "seq_1_to_100000" : "generate_series(1, 100000) AS s(seq)"
        try ground.server.run(
            """
            CREATE TABLE crowd (id INT PRIMARY KEY, at DATE);
            INSERT INTO crowd SELECT seq, CASE WHEN seq <= 70000 THEN '2026-01-01' ELSE '2026-01-02' END\
            \(ground.dialect == .mysql ? "" : "::date") FROM \(series) WHERE seq <= 80000;
            """)
        let first = try fetch(ground, "crowd", to: place(1))
        #expect(try fetch(ground, "crowd", to: place(2), after: (place(1), first)).isUnchanged)
        try ground.server.run(
            "INSERT INTO crowd SELECT seq, '2026-01-02'\(ground.dialect == .mysql ? "" : "::date") FROM \(series) WHERE seq > 80000"
        )
        let grown = try fetch(ground, "crowd", to: place(3), after: (place(1), first))
        #expect(try grown == fetch(ground, "crowd", to: place(4)))
        #expect(try Files.read(place(3)) == Files.read(place(4)))
        #expect(grown.rows == 100_000)
    }

    @Test(arguments: Ground.all)
    func `pieces full of the last watermark lose no rows behind it`(ground: Ground) throws {
        let folder = try SQLiteFolder()
        func place(_ number: Int) -> String { "\(folder.path)/\(number).arrow" }
        let series = ground.dialect == .mysql ? "seq_1_to_93728" : "generate_series(1, 93728) AS s(seq)"
        let date = ground.dialect == .mysql ? "" : "::date"
        // Nine pieces.
        try ground.server.run(
            "CREATE TABLE tied (id INT PRIMARY KEY, at DATE); INSERT INTO tied SELECT seq, '2026-01-01'\(date) FROM \(series) WHERE seq <= 73728"
        )
        let first = try fetch(ground, "tied", to: place(1))
        #expect(first.rows == 73_728)
        try ground.server.run(
            "INSERT INTO tied SELECT seq, '2026-01-02'\(date) FROM \(series) WHERE seq > 73728")
        let grown = try fetch(ground, "tied", to: place(2), after: (place(1), first))
        #expect(grown.rows == 93_728)
        #expect(try grown == fetch(ground, "tied", to: place(3)))
        #expect(try Files.read(place(2)) == Files.read(place(3)))
    }

    @Test(arguments: Ground.all)
    func `rows below the watermark that came late or are gone are seen`(ground: Ground) throws {
        let folder = try SQLiteFolder()
        func place(_ number: Int) -> String { "\(folder.path)/\(number).arrow" }
        try ground.server.run(
            "CREATE TABLE late (id INT PRIMARY KEY, at DATE); INSERT INTO late VALUES (1, '2026-01-01'), (3, '2026-01-03')"
        )
        let first = try fetch(ground, "late", to: place(1))
        try ground.server.run("INSERT INTO late VALUES (2, '2026-01-02')")
        let second = try fetch(ground, "late", to: place(2), after: (place(1), first))
        #expect(second.rows == 3 && !second.isUnchanged)
        #expect(try ArrowFile.read(place(2)).frame["id"]?.numbers == [1, 2, 3])
        try ground.server.run("DELETE FROM late WHERE id = 1")
        let third = try fetch(ground, "late", to: place(3), after: (place(2), second))
        #expect(try ArrowFile.read(place(3)).frame["id"]?.numbers == [2, 3] && third.rows == 2)
    }

    @Test(arguments: Ground.all)
    func `a fetch that breaks leaves nothing behind`(ground: Ground) throws {
        let folder = try SQLiteFolder()
        let series = ground.dialect == .mysql ? "seq_1_to_100000" : "generate_series(1, 100000) AS s(seq)"
        try ground.server.run(
            "CREATE TABLE halved (id INT PRIMARY KEY); INSERT INTO halved SELECT seq FROM \(series)")
        let relay = try DroppingRelay(to: ground.server.port, after: 400_000, times: 1)
        #expect(throws: SQLError.self) {
            try SQLSnapshot.fetch(
                { after throws(SQLError) in
                    try SQLRows(
                        ground.address(port: relay.port), [:], SQLSelection(.table(["halved"])), after: after)
                }, ground.dialect, to: "\(folder.path)/a.arrow")
        }
        #expect(relay.dropped == 1)
        #expect(try Files.list(folder.path) == [])
    }
}
