import Platform
import TestServers
import Testing

/// `pipelines/user-events.yaml` beside a real MariaDB and a real S3 server that checks signatures.
@Suite(
    .serialized,
    .enabled(
        if: MariaDBServer.shared != nil && Peers.folder != nil,
        "mariadb-server is not installed, or SLUICE_PEERS_PYTHON is not set"))
struct UserEventsTests {
    private let database: MariaDBServer
    private let buckets: BucketServer
    private let place: Workplace

    init() throws {
        database = try #require(MariaDBServer.shared)
        place = try Workplace()
        let folder = place.folder + "/.served"
        try Files.makeDirectories(folder + "/data/clicks/web")
        buckets = try BucketServer(
            #require(Peers.folder), serving: folder + "/data", logsIn: folder, "--dir-cache-time 1ms")
        try database.run(
            """
            CREATE DATABASE IF NOT EXISTS shop; GRANT SELECT ON shop.* TO '\(MariaDBServer.user)'@'127.0.0.1'; USE shop;
            CREATE OR REPLACE TABLE user_events (event_id BIGINT PRIMARY KEY, user_id INT, happened_at DATETIME(3),
              kind ENUM('view', 'cart', 'purchase', 'refund'), amount DECIMAL(8, 2), newsletter BOOLEAN);
            INSERT INTO user_events VALUES
              (1, 7, '2025-12-31 23:59:59.999', 'view', NULL, TRUE), (2, 7, '2026-01-01 00:10:00', 'view', NULL, TRUE),
              (3, 8, '2026-01-02 12:00:00.5', 'purchase', 19.90, FALSE), (4, 7, '2026-01-02 13:00:00', 'cart', 0, NULL);
            """, database: nil)
        try write("2025-12-31", [#"{"user_id":7,"clicked_at":"2025-12-31T23:59:00Z","page":"/old"}"#])
        try write(
            "2026-01-02",
            [
                #"{"user_id":8,"clicked_at":"2026-01-02T11:45:00Z","page":"/a","device":"phone","campaign":"spring"}"#,
                #"{"user_id":8,"clicked_at":"2026-01-02T11:50:00Z","page":"/b","device":"tablet"}"#,
                #"{"user_id":7,"clicked_at":"2026-01-02T12:20:00Z","page":"/c","device":"desktop"}"#,
                #"{"user_id":9,"clicked_at":"2026-01-02T12:20:00Z","page":"/d","device":"toaster"}"#,
            ])
        for path in ["pipelines/user-events.yaml", "schemas/user_events.yaml", "schemas/clicks.yaml"] {
            try place.write(
                path, String(decoding: Files.read("\(Workplace.repository)/\(path)"), as: UTF8.self))
        }
        try place.write("sluice.yaml", "default: pipelines/user-events.yaml\n")
        // Who asks stands in the usual profiles.
        try place.write(
            "home/.my.cnf",
            "[client]\nuser = \(MariaDBServer.user)\npassword = \"\(MariaDBServer.password)\"\n")
        try place.write(
            "home/.aws/credentials",
            "[default]\naws_access_key_id = \(BucketServer.keyID)\naws_secret_access_key = \(BucketServer.secret)\n"
        )
        place.environment = [
            "HOME": "\(place.folder)/home", "MYSQL_TCP_PORT": "\(database.port)",
            "AWS_ENDPOINT_URL": buckets.endpoint,
        ]
    }

    private func write(_ day: String, _ lines: [String]) throws {
        try place.write(".served/data/clicks/web/\(day).jsonl", lines.map { $0 + "\n" }.joined())
    }

    private func table(_ name: String) throws -> String {
        let got = try place.sluice("get", name, "--as", "csv", "--force", "-o", "got.csv")
        #expect(got.status == 0, "\(got.err)")
        return try place.read("got.csv")
    }

    private static let head =
        "event_id,user_id,happened_at,kind,amount,newsletter,clicked_at,page,device,campaign\n"
    private static let january = """
        2,7,2026-01-01T00:10:00Z,view,,true,,,,
        3,8,2026-01-02T12:00:00.500000Z,purchase,19.9,false,2026-01-02T11:50:00Z,/b,tablet,
        4,7,2026-01-02T13:00:00Z,cart,0.0,,,,,

        """

    @Test func eventsAndClicksOfOneTimeRangeAreJoinedAndTyped() throws {
        let first = try place.run()
        #expect(first.result.status == 0, "\(first.result.err)")
        #expect(try table("journeys") == Self.head + Self.january)
        #expect(
            try table("logged_clicks.rejects").hasSuffix(
                "2026-01-02.jsonl,4,device,\"'toaster' is not one of 'phone', 'tablet', 'desktop'\"\n"))
        let types = try place.sluice("show", "journeys", "--schema").out
        for type in [
            "enum: [view, cart, purchase, refund]", "enum: [phone, tablet, desktop]",
            "name: happened_at\n    type: datetime\n    role: time", "name: amount\n    type: number",
            "name: newsletter\n    type: boolean",
        ] { #expect(types.contains(type), "\(types)") }
        // Within the hour nobody is asked.
        #expect(try place.run().ran == [])

        // What is new comes to what is there, on both sides.
        try database.run(
            "INSERT INTO user_events VALUES (5, 7, '2026-01-31 23:59:59.999', 'refund', 3, TRUE), (6, 7, '2026-02-01', 'view', NULL, TRUE)",
            database: "shop")
        try write("2026-01-31", [#"{"user_id":7,"clicked_at":"2026-01-31T23:59:59.999Z","page":"/e"}"#])
        let again = try place.run("--refresh")
        #expect(
            again.ran == ["click_logs", "clicks", "events", "journeys", "logged_clicks"],
            "\(again.result.err)")
        #expect(
            try table("journeys") == Self.head + Self.january
                + "5,7,2026-01-31T23:59:59.999000Z,refund,3.0,true,2026-01-31T23:59:59.999000Z,/e,,\n")
        #expect(
            try place.read("pipelines/user-events.lock").contains(#","rows":4,"watermark":5}"#))

        // Another range, of both sources.
        let days = "-S from=2026-01-02 -S to=2026-01-03"
        let variables = place.environment.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
        let other = try place.shell("\(variables) $SLUICE run \(days)")
        #expect(other.status == 0, "\(other.text)")
        let rows = Self.january.split(separator: "\n").dropFirst().joined(separator: "\n")
        #expect(
            try place.shell("$SLUICE get journeys \(days) --as csv -o days.csv > got.txt && cat days.csv")
                .text
                == Self.head + rows)

        try place.shell("rm -rf home")
        for secret in [MariaDBServer.password, BucketServer.secret] {
            #expect(!(first.result.out + first.result.err).contains(secret))
            #expect(try place.shell("grep -rlF -e '\(secret)' .").status == 1)
        }
    }

    @Test func aServerThatDoesNotAnswerIsNamedBeforeAnythingStarts() throws {
        let port = try freePort()
        place.environment["MYSQL_TCP_PORT"] = "\(port)"
        let result = try place.sluice("run")
        #expect(result.status == 2)
        #expect(result.err.contains("'mysql'") && result.err.contains("127.0.0.1:\(port)"), "\(result.err)")
        #expect(!place.exists("pipelines/user-events.lock"))
    }
}
