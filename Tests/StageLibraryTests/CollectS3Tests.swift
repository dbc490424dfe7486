import CanonicalJSON
import ContentStore
import PipelineLanguage
import Platform
import TestServers
import Testing

@Suite struct CollectS3Tests {
    let collect: FetchHarness
    init() throws { collect = try FetchHarness("collect.s3") }

    private static let objects = [
        "web/": "", "web/2026-01/a.jsonl": "{}\n", "web/2026-01/b.csv": "x\n",
        "web/2026-02/a.jsonl": "{\"y\":1}\n",
        "other": "o",
    ]

    /// Paths and texts below a folder, sorted.
    private func files(_ folder: String, _ below: String = "") throws -> [String] {
        try Files.list(folder).flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            if try Files.status(path)?.kind == .directory { return try files(path, below + name + "/") }
            return ["\(below)\(name): \(String(decoding: try Files.read(path), as: UTF8.self))"]
        }
    }

    private func environment(_ server: FaultServer) -> [String: String] {
        [
            "AWS_ENDPOINT_URL": server.address, "AWS_ACCESS_KEY_ID": "AKIATEST",
            "AWS_SECRET_ACCESS_KEY": "verysecret",
        ]
    }

    @Test func `objects are fetched, given on, and not fetched again`() throws {
        let bucket = FakeBucket(Self.objects)
        let server = try bucket.serve()
        let parameters: JSONValue = ["bucket": "bucket", "prefix": "web/"]
        let fetched = try collect.fetch(parameters, environment(server))
        #expect(fetched.validator?["objects"] == 3)
        #expect(fetched.validator?["bytes"] == 13)
        #expect(fetched.validator?["index"]?.string?.count == 64)
        #expect(fetched.validator?.object?.count == 3)
        #expect(fetched.logs == ["bucket 'bucket': 3 objects of 13 bytes, 3 of them fetched"])
        #expect(server.requests.allSatisfy { $0["authorization"]?.contains("Credential=AKIATEST/") ?? false })
        let outcome = try collect.run(fetched)
        let expected = ["2026-01/a.jsonl: {}\n", "2026-01/b.csv: x\n", "2026-02/a.jsonl: {\"y\":1}\n"]
        #expect(try files(outcome.path("folder")) == expected)
        let (kept, given) = try (
            Files.status(fetched.path + "/objects/2026-01/b.csv"),
            Files.status(outcome.path("folder") + "/2026-01/b.csv")
        )
        #expect(kept?.inode == given?.inode)
        #expect(
            try collect.fetch(parameters, environment(server), previous: fetched.previous).validator == nil)
        bucket.put("web/2026-01/b.csv", Array("z\n".utf8))
        bucket.remove("web/2026-02/a.jsonl")
        let third = try collect.fetch(parameters, environment(server), previous: fetched.previous)
        #expect(third.logs == ["bucket 'bucket': 2 objects of 5 bytes, 1 of them fetched"])
        #expect(
            try files(collect.run(third).path("folder")) == ["2026-01/a.jsonl: {}\n", "2026-01/b.csv: z\n"])
        // Labels name each word of a choice: auto, path, virtual.
        try expectGoldens(
            "collect.s3",
            [
                (
                    "always and never, auto, path or virtual",
                    Digest.of(Array(expected.joined(separator: "|").utf8)).hex
                )
            ])
    }

    @Test func `paths and globs say which objects are fetched`() throws {
        let server = try FakeBucket(Self.objects).serve()
        func fetched(_ match: JSONValue, prefix: String = "web/") throws -> [String] {
            let collect = try FetchHarness("collect.s3")
            let parameters: JSONValue = ["bucket": "bucket", "prefix": .string(prefix), "match": match]
            return try files(collect.fetch(parameters, environment(server)).path + "/objects").map {
                String($0.prefix { $0 != ":" })
            }
        }
        #expect(try fetched("**/*.jsonl") == ["2026-01/a.jsonl", "2026-02/a.jsonl"])
        #expect(try fetched("2026-01/*") == ["2026-01/a.jsonl", "2026-01/b.csv"])
        #expect(try fetched(["2026-0?/b.csv", "2026-02/a.jsonl"]) == ["2026-01/b.csv", "2026-02/a.jsonl"])
        #expect(try fetched("*/a.jsonl", prefix: "web/2026-02") == ["2026-02/a.jsonl"])
        #expect(try fetched("other", prefix: "") == ["other"])
        #expect(
            server.requests.contains { $0.method == "HEAD" && $0.path == "/bucket/web/2026-02/a.jsonl" })
    }

    @Test func `who asks is the environment's and the profile's to say`() throws {
        let server = try FakeBucket(Self.objects).serve()
        let home = try scratchFolder()
        try Files.makeDirectories(home + "/.aws")
        try Files.write(
            Array("[lab]\naws_access_key_id = AKIALAB\naws_secret_access_key = labsecret\n".utf8),
            to: home + "/.aws/credentials")
        try Files.write(
            Array("[profile lab]\nregion = eu-north-1\nendpoint_url = \(server.address)\n".utf8),
            to: home + "/.aws/config")
        let parameters: JSONValue = ["bucket": "bucket", "profile": "lab"]
        let fetch = try #require(collect.harness.kind.fetch)
        #expect(
            fetch.secrets(parameters, ["HOME": home, "AWS_SESSION_TOKEN": "t"]) == [
                "t", "AKIALAB", "labsecret",
            ])
        #expect(fetch.secrets(parameters, ["HOME": "/nowhere", "AWS_SECRET_ACCESS_KEY": "s"]) == ["s"])
        let port = Int(server.port)
        func asked(_ parameters: JSONValue, _ environment: [String: String]) throws -> String? {
            let server = try #require(try fetch.server(parameters, environment))
            #expect(server.name == "s3")
            return server.address.map { "\($0)" }
        }
        #expect(try asked(parameters, ["HOME": home]) == "127.0.0.1:\(port)")
        #expect(try asked(["bucket": "b", "endpoint": "http://s3.example"], [:]) == "s3.example:80")
        #expect(try asked(["bucket": "b"], [:]) == nil)
        #expect(throws: StageError.self) { try asked(parameters, ["HOME": "/nowhere"]) }
        _ = try collect.fetch(
            parameters, ["HOME": home, "AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "s"])
        #expect(
            server.requests.allSatisfy {
                $0["authorization"]?.contains("Credential=AKIALAB/") ?? false
                    && $0["authorization"]?.contains("/eu-north-1/s3/") ?? false
            })
        let before = server.requests.count
        _ = try FetchHarness("collect.s3").fetch(
            ["bucket": "bucket", "anonymous": true, "endpoint": .string(server.address)], [:])
        #expect(server.requests[before...].allSatisfy { $0["authorization"] == nil })
        #expect(
            collect.failure(["bucket": "bucket", "endpoint": .string(server.address)], ["HOME": home])
                .replacing(home, with: "~") == """
                    there are no credentials for S3: AWS_ACCESS_KEY_ID is not set, and profile 'default' has none in '~/.aws/credentials' or '~/.aws/config'
                    fix: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile, or write anonymous: true for a public bucket
                    """)
        #expect(
            collect.failure(["bucket": "nowhere", "endpoint": .string(server.address)], environment(server))
                .replacing(server.address, with: "http://host") == """
                    there is no bucket 'nowhere' at http://host
                    fix: see bucket, and endpoint or AWS_ENDPOINT_URL_S3
                    """)
    }

    /// What is found is in a fixture of `ProjectsTests`.
    @Test func `nothing is wrong with what can be fetched`() throws {
        #expect(
            try collect.harness.check("{ bucket: logs, match: '**/*.csv', region: eu-north-1 }").text == "")
    }
}
