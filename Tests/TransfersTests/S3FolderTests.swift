import Platform
import TestServers
import Testing

@testable import Transfers

extension FaultServer {
    /// Keys of objects that were asked for, sorted: some at a time are under way.
    var fetched: [String] {
        requests.filter { $0.method == "GET" && $0.query["list-type"] == nil }
            .map { PercentEncoding.decode(String($0.path.dropFirst("/bucket/".count))) ?? "" }.sorted()
    }
}

@Suite struct S3FolderTests {
    @Test func `objects are files of a folder`() throws {
        let bucket = FakeBucket(
            pageSize: 2, ["a.txt": "A", "b/c d+e=é.txt": "", "b/f": "F", "b/g/h": "H", "z": "Z"])
        let server = try bucket.serve()
        let fetch = try FolderFetch(server.address)
        let summary = try fetch.summary()
        let index = summary.index
        #expect((summary.objects, summary.new, summary.bytes) == (5, 5, 4))
        #expect(try fetch.files() == ["a.txt": "A", "b/c d+e=é.txt": "", "b/f": "F", "b/g/h": "H", "z": "Z"])
        #expect(try Files.read(fetch.scratch.place("one/index.jsonl")) == index)
        let lines = String(decoding: index, as: UTF8.self).split(separator: "\n")
        #expect(lines.first == "{\"etag\":\"\\\"60\\\"\",\"key\":\"a.txt\",\"path\":\"a.txt\",\"size\":1}")
        #expect(lines.count == 5)
        let lists = server.requests.filter { $0.query["list-type"] == "2" }
        #expect(lists.map { $0.query["continuation-token"] } == [nil, "2", "4"])
        #expect(lists[1].target == "/bucket/?continuation-token=2&encoding-type=url&list-type=2")
        #expect(server.requests.allSatisfy { $0["authorization"] == nil })
        #expect(server.requests.filter { $0["if-match"] != nil }.count == 5)
    }

    @Test func `requests are signed, with the token of keys that expire`() throws {
        let server = try FakeBucket(["a": "A"]).serve()
        var credentials = FolderFetch.credentials
        credentials.token = "sessiontoken"
        let fetch = try FolderFetch(server.address, credentials: credentials, region: "eu-west-1")
        _ = try fetch.run()
        #expect(server.requests.count == 2)
        for request in server.requests {
            let signed = try #require(request["authorization"])
            #expect(signed.hasPrefix("AWS4-HMAC-SHA256 Credential=AKIATEST/"), "\(signed)")
            #expect(signed.contains("/eu-west-1/s3/aws4_request, SignedHeaders="), "\(signed)")
            #expect(signed.contains("x-amz-security-token"), "\(signed)")
            #expect(request["x-amz-security-token"] == "sessiontoken")
            #expect(!"\(request)".contains("verysecret"))
        }
    }

    @Test func `what has not changed is taken from the previous snapshot`() throws {
        let bucket = FakeBucket(["a": "1", "b": "2", "c/d": "3", "gone": "4"])
        let server = try bucket.serve()
        let fetch = try FolderFetch(server.address)
        _ = try fetch.run("one")
        #expect(try fetch.run("two", previous: "one") == .unchanged)
        #expect(!Files.exists(fetch.scratch.place("two")))
        bucket.put("b", Array("22".utf8))
        bucket.put("new", Array("5".utf8))
        bucket.remove("gone")
        try Files.remove(fetch.scratch.place("partial"))
        let before = server.requests.count
        let summary = try fetch.summary("three", previous: "one")
        #expect((summary.objects, summary.new, summary.bytes) == (4, 2, 5))
        #expect(try fetch.files("three") == ["a": "1", "b": "22", "c/d": "3", "new": "5"])
        #expect(
            server.requests[before...].filter { $0.query.isEmpty }.map(\.path).sorted() == [
                "/bucket/b", "/bucket/new",
            ])
        let (old, new) = try (
            Files.status(fetch.scratch.place("one/objects/c/d")),
            Files.status(fetch.scratch.place("three/objects/c/d"))
        )
        #expect(old?.inode == new?.inode)
        // The same size and another tag is another object.
        bucket.put("a", Array("1".utf8), tag: "\"again\"")
        #expect(try fetch.summary("four", previous: "three").new == 1)
    }

    @Test func `a snapshot that is damaged is not relied on`() throws {
        let bucket = FakeBucket(["a": "1", "b": "2"])
        let server = try bucket.serve()
        let fetch = try FolderFetch(server.address)
        _ = try fetch.run("one")
        try Files.write(Array("longer".utf8), to: fetch.scratch.place("one/objects/a"))
        try Files.remove(fetch.scratch.place("partial"))
        _ = try fetch.run("two", previous: "one")
        #expect(try fetch.files("two") == ["a": "1", "b": "2"])
        try Files.write(Array("nonsense\n{\"key\":1}\n".utf8), to: fetch.scratch.place("one/index.jsonl"))
        _ = try fetch.run("three", previous: "one")
        #expect(try fetch.files("three") == ["a": "1", "b": "2"])
    }

    @Test func `a fetch that failed brings only the rest when it is run again`() throws {
        let large = noise(3_000_000)
        let bucket = FakeBucket(
            Dictionary(uniqueKeysWithValues: (0..<50).map { ("k\($0)", "\($0)") }),
            fault: { bucket, request, number in
                if request.path == "/bucket/large", number < 60 {
                    return bucket.answer(request).cut(afterBody: 1_200_000)
                }
                return number < 40 || number >= 60 || request.path == "/bucket/large"
                    ? nil : .error(403, "AccessDenied")
            })
        bucket.put("large", large)
        let server = try bucket.serve()
        var fetch = try FolderFetch(server.address)
        fetch.settings.retries.attempts = 20
        #expect(fetch.failure()?.contains("may read it") == true)
        let had = try Files.list(fetch.scratch.place("partial/objects")).count
        #expect(had > 30)
        while server.requests.count < 60 { #expect(fetch.failure() != nil) }
        let start = server.requests.count
        _ = try fetch.run()
        let again = server.requests[start...].filter { $0.query["list-type"] == nil }
        #expect(again.count <= 51 - 36, "\(again.map(\.path))")
        #expect(try fetch.files().count == 51)
        #expect(try Files.read(fetch.scratch.place("one/objects/large")) == large)
    }

    @Test func `an object that changes while it is fetched comes as it is in the end`() throws {
        for ignoresConditions in [false, true] {
            let bucket = FakeBucket(["a": "old", "b": "x", "gone": "y"]) { bucket, request, number in
                if number == 0 {
                    let list = bucket.answer(request)
                    bucket.put("a", Array("new and longer".utf8))
                    bucket.remove("gone")
                    return list
                }
                var request = request
                if ignoresConditions { request.fields["if-match"] = nil }
                return bucket.answer(request)
            }
            let server = try bucket.serve()
            let fetch = try FolderFetch(server.address)
            _ = try fetch.run()
            #expect(try fetch.files() == ["a": "new and longer", "b": "x"])
            #expect(server.fetched == ["a", "a", "b", "gone"])
        }
    }

    @Test func `an object that changes between two ranges is no mixture`() throws {
        let (one, two) = (noise(3_000_000, seed: 1), noise(3_000_000, seed: 2))
        for ignoresConditions in [false, true] {
            let bucket = FakeBucket { bucket, request, number in
                var request = request
                if ignoresConditions {
                    request.fields["if-match"] = nil
                    request.fields["if-range"] = nil
                }
                guard number == 1 else { return bucket.answer(request) }
                let reply = bucket.answer(request).cut(afterBody: 2_000_000)
                bucket.put("a", two)
                return reply
            }
            bucket.put("a", one)
            let server = try bucket.serve()
            let fetch = try FolderFetch(server.address)
            _ = try fetch.run()
            #expect(try Files.read(fetch.scratch.place("one/objects/a")) == two)
        }
    }

    @Test func `an object that keeps changing is an error`() throws {
        let bucket = FakeBucket(["a": "1", "b": "2"]) { bucket, request, number in
            let reply = bucket.answer(request)
            if request.query["list-type"] != nil {
                bucket.put("b", Array("\(number)".utf8), tag: "\"n\(number)\"")
            }
            return reply
        }
        let server = try bucket.serve()
        #expect(
            try FolderFetch(server.address).failure() == """
                bucket 'bucket': 'b' changed while it was fetched, 3 times
                fix: run when nobody writes to it, or collect a prefix that is complete
                """)
    }

    @Test func `an object shorter than its list says is not taken`() throws {
        let bucket = FakeBucket(["a": "12345"]) { bucket, request, _ in
            request.path == "/bucket/a" ? .answer(200, "123", ["ETag": "\"x\""]) : nil
        }
        bucket.put("a", Array("12345".utf8), tag: "\"x\"")
        let server = try bucket.serve()
        #expect(
            try FolderFetch(server.address).failure()?.contains("'a' changed while it was fetched") == true)
        let chunked = FakeBucket(["a": "12345"]) { bucket, request, _ in
            request.path == "/bucket/a"
                ? .answer(200, "3\r\n123\r\n0\r\n\r\n", ["Transfer-Encoding": "chunked"]) : nil
        }
        let other = try chunked.serve()
        #expect(
            try FolderFetch(other.address).failure()?.contains("'a' changed while it was fetched") == true)
    }

    @Test func `prefix and keys say what is fetched`() throws {
        let bucket = FakeBucket([
            "logs/": "", "logs/2024-01.csv": "1", "logs/2024-02.csv": "2", "logs/2025-01.csv": "3",
            "logs/2024/x": "4",
            "other": "5", "logs/2024-02.csv/no": "",
        ])
        bucket.remove("logs/2024-02.csv/no")
        let server = try bucket.serve()
        func files(_ selection: S3Selection) throws -> [String: String] {
            let fetch = try FolderFetch(server.address, selection)
            _ = try fetch.run()
            return try fetch.files()
        }
        #expect(
            try files(S3Selection(prefix: "logs/")) == [
                "2024-01.csv": "1", "2024-02.csv": "2", "2025-01.csv": "3", "2024/x": "4",
            ])
        #expect(
            try files(S3Selection(prefix: "logs/2024-")) == ["2024-01.csv": "1", "2024-02.csv": "2"])
        let before = server.requests.count
        #expect(
            try files(
                S3Selection(prefix: "logs/", starts: ["2024-", "20", "2025-"], paths: ["2024/x"]) {
                    $0.hasSuffix("-01.csv")
                })
                == ["2024-01.csv": "1", "2025-01.csv": "3", "2024/x": "4"])
        #expect(
            server.requests[before...].prefix(2).map(\.target) == [
                "/bucket/?encoding-type=url&list-type=2&prefix=logs%2F20", "/bucket/logs/2024/x",
            ])
        #expect(server.requests[before + 1].method == "HEAD")
        // The start of a pattern may be shorter than the prefix.
        #expect(
            try files(S3Selection(prefix: "logs/2024", starts: [""], paths: []) { $0.hasSuffix("2.csv") })
                == ["2024-02.csv": "2"])
        func failure(_ selection: S3Selection) throws -> String? {
            try FolderFetch(server.address, selection).failure()
        }
        #expect(
            try failure(S3Selection(prefix: "Logs/")) == """
                bucket 'bucket' has no object below 'Logs/'
                fix: see prefix; aws s3 ls --recursive shows what there is
                """)
        #expect(
            try failure(S3Selection(prefix: "", starts: ["x"], paths: []) { _ in true }) == """
                bucket 'bucket' has no object that 'match' matches
                fix: see prefix and match; aws s3 ls --recursive shows what there is
                """)
        #expect(
            try failure(S3Selection(prefix: "logs/", starts: ["x"], paths: []) { _ in true })?.hasPrefix(
                "bucket 'bucket' has no object below 'logs/' that 'match' matches\n") == true)
        #expect(
            try failure(S3Selection(prefix: "logs/", starts: [], paths: ["nothing"]) { _ in true }) == """
                there is no object 'logs/nothing' of bucket 'bucket'
                fix: see prefix and match; aws s3 ls --recursive shows what there is
                """)
        #expect(try failure(S3Selection(prefix: "zzz"))?.contains("no object below 'zzz'") == true)
    }

    @Test func `what is secret is not kept as the name of a state`() throws {
        let bucket = FakeBucket(["a": "1"])
        bucket.put("b", [1], tag: "\"sesame\"")
        let server = try bucket.serve()
        var fetch = try FolderFetch(server.address)
        fetch.settings.secrets = ["sesame"]
        #expect(fetch.failure()?.hasPrefix("'s3://bucket' sends a credential back where") == true)
        fetch = try FolderFetch(
            server.address, S3Selection(prefix: "", starts: [], paths: ["b"]) { _ in false })
        fetch.settings.secrets = ["sesame"]
        #expect(fetch.failure()?.hasPrefix("'s3://bucket/b' sends a credential back where") == true)
    }

    @Test func `a server that is asked too much is asked again`() throws {
        let bucket = FakeBucket(["a": "1"]) { bucket, request, number in
            number % 3 == 2 ? nil : number % 3 == 0 ? .error(503, "SlowDown") : .error(400, "RequestTimeout")
        }
        let server = try bucket.serve()
        let fetch = try FolderFetch(server.address)
        _ = try fetch.run()
        #expect(try fetch.files() == ["a": "1"])
        let always = try FakeBucket { _, _, _ in .error(503, "SlowDown") }.serve()
        #expect(
            try FolderFetch(always.address).failure()
                == "'s3://bucket' could not be fetched in 5 attempts: 503 SlowDown (5 times)")
    }
}
