import Glibc
import Platform
import Synchronization
import TestServers
import Testing

/// What servers, and those who hold their credentials, do to a fetch; by way of the program itself.
@Suite struct FetchTroubleTests {
    private static let secrets = ["a-secret-key", "a-session-token"]
    private static let credentials = [
        "AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": secrets[0], "AWS_SESSION_TOKEN": secrets[1],
    ]

    /// Rows of a bucket's objects as a table.
    private static func workplace(
        _ address: String, bucket: String = "bucket", _ environment: [String: String] = credentials
    ) throws -> Workplace {
        let place = try Workplace(
            """
            stages:
              logs:
                uses: collect.s3
                with: { bucket: \(bucket), prefix: logs/, endpoint: "\(address)" }
              rows:
                uses: collect.jsonl
                in: logs
            """)
        place.environment = environment
        return place
    }

    private static func rows(_ place: Workplace) throws -> [String] {
        let got = try place.sluice("get", "rows", "--as", "jsonl", "--force", "-o", "got.jsonl")
        #expect(got.status == 0, "\(got.err)")
        return try place.read("got.jsonl").split(separator: "\n").map(String.init)
    }

    /// Fails without a word of what is secret, and keeps none.
    private static func expectFailure(
        _ place: Workplace, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let result = try place.sluice("run")
        #expect(result.status == 1, "\(result)", sourceLocation: sourceLocation)
        // Between them stands the line of the pipeline.
        for line in text.split(separator: "\n") {
            #expect(result.err.contains(line), "\(result.err)", sourceLocation: sourceLocation)
        }
        for secret in secrets {
            #expect(
                !result.err.contains(secret) && !result.out.contains(secret), sourceLocation: sourceLocation)
            #expect(
                try place.shell("grep -rl '\(secret)' .").status == 1, "'\(secret)' is kept",
                sourceLocation: sourceLocation)
        }
        #expect(
            try !place.exists("p.lock") || !place.read("p.lock").contains("snapshot:"),
            sourceLocation: sourceLocation)
    }

    private static let objects = ["logs/a.jsonl": "{\"n\":1}\n", "logs/b.jsonl": "{\"n\":2}\n"]
    private static let bothRows = [#"{"n":1}"#, #"{"n":2}"#]

    // MARK: Credentials

    @Test func aCredentialThatComesBackAsTheNameOfAStateIsNotKept() throws {
        let web = try FaultServer { request, _ in
            .answer(200, "id\n1\n", ["ETag": "\"\(request["authorization"] ?? "")\""])
        }
        let place = try Workplace(
            """
            stages:
              page:
                uses: collect.http
                with: { url: "\(web.address)/x.csv", headers: { Authorization: { env: TOKEN, prefix: "Bearer " } } }
            """)
        place.environment["TOKEN"] = Self.secrets[1]
        try Self.expectFailure(place, "'\(web.address)/x.csv' sends a credential back")
        // By a list, and by an object.
        let bucket = FakeBucket()
        bucket.put("logs/a.jsonl", Array("{}\n".utf8), tag: "\"\(Self.secrets[1])\"")
        let server = try bucket.serve()
        try Self.expectFailure(Self.workplace(server.address), "'s3://bucket' sends a credential back")
        let sly = FakeBucket(Self.objects) { _, request, _ in
            request.path.hasSuffix("a.jsonl")
                ? .answer(200, "{\"n\":1}\n", ["ETag": "\"\(Self.secrets[0])\""]) : nil
        }
        let other = try sly.serve()
        try Self.expectFailure(
            Self.workplace(other.address), "'s3://bucket/logs/a.jsonl' sends a credential back")
    }

    @Test func anExpiredTokenEndsAFetchThatGoesOnWithANewOne() throws {
        let isExpired = Mutex(true)
        let bucket = FakeBucket(Self.objects) { _, request, _ in
            isExpired.withLock { $0 } && request.path.hasSuffix("b.jsonl")
                ? .error(403, "ExpiredToken", "<Token>\(request["x-amz-security-token"] ?? "")</Token>") : nil
        }
        let server = try bucket.serve()
        let place = try Self.workplace(server.address)
        try Self.expectFailure(
            place,
            """
            object 'logs/b.jsonl' of bucket 'bucket': the credentials of the environment have expired
              fix: get new ones, such as by aws sso login
            """)
        // It was asked for once: another time would not help.
        #expect(server.requests.count { $0.path.hasSuffix("b.jsonl") } == 1)
        isExpired.withLock { $0 = false }
        let again = try place.sluice("run")
        #expect(again.status == 0, "\(again)")
        #expect(try Self.rows(place) == Self.bothRows)
        #expect(server.requests.allSatisfy { $0["x-amz-security-token"] == Self.secrets[1] })
    }

    // MARK: Servers

    @Test func aServerThatIsAskedTooMuchIsGivenTime() throws {
        let bucket = FakeBucket(Self.objects) { _, _, number in
            number == 0 || number == 2 ? .error(503, "SlowDown") : nil
        }
        let server = try bucket.serve()
        let place = try Self.workplace(server.address)
        let result = try place.sluice("run")
        #expect(result.status == 0, "\(result)")
        #expect(try Self.rows(place) == Self.bothRows)
        #expect(server.requests.count == 5)
        let busy = try FaultServer { _, _ in .error(503, "SlowDown", "", ["Retry-After": "100"]) }
        try Self.expectFailure(
            Self.workplace(busy.address),
            "503 SlowDown, and the server asks to wait 100 s\n  fix: run again later")
        #expect(busy.requests.count == 1)
    }

    @Test(arguments: [FaultServer.Step.close, .reset]) func anObjectThatBreaksOffIsWholeInTheEnd(
        _ step: FaultServer.Step
    ) throws {
        let times = Mutex(0)
        let bucket = FakeBucket(Self.objects) { bucket, request, _ in
            guard request.path.hasSuffix("a.jsonl") else { return nil }
            let isFirst = times.withLock { times in
                times += 1
                return times == 1
            }
            return isFirst ? bucket.answer(request).cut(afterBody: 3, then: step) : nil
        }
        let server = try bucket.serve()
        let place = try Self.workplace(server.address)
        let result = try place.sluice("run")
        #expect(result.status == 0, "\(result)")
        #expect(try Self.rows(place) == Self.bothRows)
        #expect(server.requests.count { $0.path.hasSuffix("a.jsonl") } == 2)
    }

    @Test func anObjectThatChangesMeanwhileIsTheOldOrTheNewOne() throws {
        let changes = Mutex(1)
        let bucket = FakeBucket(Self.objects) { bucket, request, number in
            guard request.path.hasSuffix("a.jsonl"),
                changes.withLock({ left in
                    left -= 1
                    return left >= 0
                })
            else { return nil }
            bucket.put("logs/a.jsonl", Array("{\"n\":\(10 + number)}\n".utf8), tag: "\"\(number)\"")
            return nil
        }
        let server = try bucket.serve()
        let place = try Self.workplace(server.address)
        let result = try place.sluice("run")
        #expect(result.status == 0, "\(result)")
        let rows = try Self.rows(place)
        #expect(rows.count == 2 && rows[0] != Self.bothRows[0] && rows[1] == Self.bothRows[1], "\(rows)")
        // One that never rests.
        changes.withLock { $0 = 1000 }
        let restless = try Self.workplace(server.address)
        try Self.expectFailure(
            restless,
            """
            bucket 'bucket': 'logs/a.jsonl' changed while it was fetched, 3 times
              fix: run when nobody writes to it, or collect a prefix that is complete
            """)
    }

    // MARK: A real server

    /// What a server says of a request may hold what it was signed with.
    @Test func keysOfAProfileAreInNoLog() throws {
        let server = try FaultServer { _, _ in
            .answer(
                403,
                """
                <Error><Code>Odd</Code><Message>key \(Self.secrets[0]), token \(Self.secrets[1]).</Message></Error>
                """)
        }
        let place = try Self.workplace(server.address, [:])
        let home = "\(place.folder)-home"
        defer { try? Files.remove(home) }
        try Files.makeDirectories(home + "/.aws")
        try Files.write(
            Array(
                """
                [default]
                aws_access_key_id = AKIATEST
                aws_secret_access_key = \(Self.secrets[0])
                aws_session_token = \(Self.secrets[1])

                """.utf8), to: home + "/.aws/credentials")
        place.environment["HOME"] = home
        try Self.expectFailure(place, "***")
    }

    @Test(.enabled(if: Peers.folder != nil, "SLUICE_PEERS_PYTHON is not set"))
    func aServerThatChecksSignaturesIsReadByAProfile() throws {
        let folder = try Workplace().folder + "-s3"
        defer { try? Files.remove(folder) }
        let data = folder + "/data/events/logs"
        try Files.makeDirectories(data + "/2026")
        try Files.makeDirectories(folder + "/home/.aws")
        try Files.write(Array("{\"n\":1}\n".utf8), to: data + "/2026/a.jsonl")
        try Files.write(Array("{\"n\":2}\n".utf8), to: data + "/b c+d.jsonl")
        let server = try BucketServer(
            #require(Peers.folder), serving: folder + "/data", logsIn: folder, "--dir-cache-time 1ms")
        defer { withExtendedLifetime(server) {} }
        func give(_ secret: String) throws {
            try Files.write(
                Array(
                    "[lab]\naws_access_key_id = \(BucketServer.keyID)\naws_secret_access_key = \(secret)\n"
                        .utf8),
                to: folder + "/home/.aws/credentials")
        }
        let place = try Self.workplace(
            server.endpoint, bucket: "events", ["HOME": folder + "/home", "AWS_PROFILE": "lab"])
        try give("not-the-secret")
        try Self.expectFailure(
            place, "says that the secret key of profile 'lab' is not the one of its access key")
        #expect(try place.shell("grep -rl 'not-the-secret' .").status == 1)
        try give(BucketServer.secret)
        let first = try place.run()
        #expect(first.result.status == 0, "\(first.result)")
        #expect(try Self.rows(place) == Self.bothRows)
        // Nothing is new; then one object is.
        #expect(try place.run().ran == [])
        try Files.write(Array("{\"n\":3}\n".utf8), to: data + "/c.jsonl")
        #expect(try place.run().ran == ["logs", "rows"])
        #expect(try Self.rows(place) == Self.bothRows + [#"{"n":3}"#])
        #expect(try place.shell("grep -rl '\(BucketServer.secret)' .").status == 1)
    }
}
