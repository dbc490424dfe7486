import Platform
import TestServers
import Testing

@testable import Transfers

@Suite struct S3KeyTests {
    /// Keys that would be files elsewhere, or none.
    @Test func `a key that would leave the folder is refused by name`() throws {
        let bad: [(key: String, shown: String, reason: String)] = [
            ("../x", "../x", "a part of its path is '.' or '..'"),
            ("a/../../x", "a/../../x", "a part of its path is '.' or '..'"),
            ("a/./x", "a/./x", "a part of its path is '.' or '..'"),
            ("..", "..", "a part of its path is '.' or '..'"),
            ("/etc/passwd", "/etc/passwd", "a part of its path is empty"),
            ("a//x", "a//x", "a part of its path is empty"),
            ("a/", "a/", "a part of its path is empty"),
            ("a\u{0}b", "a\\0b", "it has a NUL character"),
            ("a\n\u{1B}[2J\u{0}", "a\\n\\u{1B}[2J\\0", "it has a NUL character"),
            (
                String(repeating: "x", count: 256), String(repeating: "x", count: 256),
                "a part of its path has more than 255 bytes"
            ),
            (
                "日/" + String(repeating: "日", count: 86), "日/" + String(repeating: "日", count: 86),
                "a part of its path has more than 255 bytes"
            ),
            (
                String(repeating: "x/", count: 513), String(repeating: "x/", count: 513),
                "it has more than 1024 bytes"
            ),
        ]
        for (key, shown, reason) in bad {
            let server = try FakeBucket(["good": "1", key: "bad"]).serve()
            let fetch = try FolderFetch(server.address)
            #expect(
                fetch.failure() == """
                    the object '\(shown)' cannot be a file here: \(reason)
                    fix: leave it out by match, or rename it in the bucket
                    """)
            // Nothing was written, here or elsewhere.
            #expect(try Files.list(fetch.scratch.path) == ["partial"])
            #expect(try Files.list(fetch.scratch.place("partial/objects")).isEmpty)
            // One that is not wanted does no harm.
            let other = try FolderFetch(
                server.address, S3Selection(prefix: "", starts: [""], paths: []) { $0 == "good" })
            _ = try other.run()
            #expect(try other.files() == ["good": "1"])
        }
    }

    @Test func `a key that is a folder of another is refused with both`() throws {
        let server = try FakeBucket(["a": "1", "a-b": "2", "a/b": "3"]).serve()
        #expect(
            try FolderFetch(server.address).failure() == """
                the object 'a/b' cannot be a file here: the object 'a' would be a folder and a file
                fix: leave it out by match, or rename it in the bucket
                """)
    }

    /// Consoles make them.
    @Test func `marks of folders are passed over`() throws {
        let server = try FakeBucket(["a/": "", "a/b": "1", "c/d/": ""]).serve()
        let fetch = try FolderFetch(server.address)
        _ = try fetch.run()
        #expect(try fetch.files() == ["a/b": "1"])
    }

    /// Swift takes the two for one text.
    @Test func `keys that look the same are two objects`() throws {
        let (composed, decomposed) = ("\u{E9}/x", "e\u{301}/x")
        let bucket = FakeBucket([:]) { _, request, _ in
            switch request.path {
            case "/bucket/%C3%A9/x": .answer(200, "1", ["ETag": "\"t\""])
            case "/bucket/e%CC%81/x": .answer(200, "2", ["ETag": "\"t\""])
            default: .list([(decomposed, 1, "\"t\""), (composed, 1, "\"t\"")], next: nil)
            }
        }
        let server = try bucket.serve()
        let fetch = try FolderFetch(server.address)
        #expect(try fetch.summary().objects == 2)
        let folder = fetch.scratch.place("one/objects/")
        #expect(try Files.read(folder + composed) == Array("1".utf8))
        #expect(try Files.read(folder + decomposed) == Array("2".utf8))
        #expect(try fetch.run("two", previous: "one") == .unchanged)
    }

    @Test func `addresses are encoded as they are signed`() {
        #expect(PercentEncoding.encode("a b+c=d/é~-_.%", keepsSlashes: true) == "a%20b%2Bc%3Dd/%C3%A9~-_.%25")
        #expect(PercentEncoding.query([("b", "/"), ("a-b", "1"), ("a", "x y")]) == "a-b=1&a=x%20y&b=%2F")
        #expect(PercentEncoding.decode("a+b%2B%c3%A9") == "a b+é")
        for bad in ["%", "%1", "%g1", "%FF", "a%E9"] { #expect(PercentEncoding.decode(bad) == nil) }
    }

    @Test func `a bucket is in the host at AWS, and in the path elsewhere`() throws {
        func address(
            _ name: String, _ endpoint: String? = nil, _ region: String? = nil,
            _ addressing: S3Bucket.Addressing = .auto
        ) throws -> String {
            try S3Bucket(name, endpoint: endpoint, region: region, addressing: addressing, credentials: nil)
                .request(key: "a b", query: [("x", "1")]).address.text
        }
        #expect(try address("logs") == "https://logs.s3.us-east-1.amazonaws.com/a%20b?x=1")
        #expect(
            try address("logs", nil, "cn-north-1") == "https://logs.s3.cn-north-1.amazonaws.com.cn/a%20b?x=1")
        #expect(try address("my.logs") == "https://s3.us-east-1.amazonaws.com/my.logs/a%20b?x=1")
        #expect(try address("logs", nil, nil, .path) == "https://s3.us-east-1.amazonaws.com/logs/a%20b?x=1")
        #expect(try address("logs", "http://127.0.0.1:9000") == "http://127.0.0.1:9000/logs/a%20b?x=1")
        #expect(try address("logs", "https://h/s3/") == "https://h/s3/logs/a%20b?x=1")
        #expect(
            try address("logs", "https://oss.example:8443", nil, .virtual)
                == "https://logs.oss.example:8443/a%20b?x=1")
        #expect(
            failure { _ = try address("a/b") } == """
                'a/b' is no name of a bucket
                fix: write its name alone, such as my-logs: 3 letters or more, digits, - and .
                """)
        for bad in ["ab", "..", ".ab", "a b", "a?b", "a#b", "s3://abc", "é-é"] {
            #expect(failure { _ = try address(bad) }?.contains("is no name of a bucket") == true)
        }
        for bad in ["", "x/y", "x.evil.example", "x:y"] {
            #expect(failure { _ = try address("logs", nil, bad) }?.contains("is no name of a region") == true)
        }
        #expect(
            failure { _ = try address("logs", "https://u:pw@h") } == """
                'https://h' is no address to fetch: a user or password stands in it, which would be kept in clear
                fix: write http://HOST/PATH or https://HOST/PATH
                """)
        #expect(
            failure { _ = try address("logs", "https://h?x=1") }?.contains("an endpoint has no query") == true
        )
        #expect(failure { _ = try address("logs", "ftp://h") }?.contains("only http and https") == true)
    }
}
