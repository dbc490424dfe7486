import CanonicalJSON
import ContentStore
import PipelineLanguage
import Platform
import TestServers
import Testing

@Suite struct CollectHTTPTests {
    let collect: FetchHarness
    init() throws { collect = try FetchHarness("collect.http") }

    private let bytes = Array("id,rate\n1,0.5\n".utf8)

    @Test func `a file is fetched, given on, and not fetched again`() throws {
        let server = try FaultServer { request, _ in .file(bytes, tag: "\"one\"", request) }
        let parameters: JSONValue = ["url": .string(server.address + "/rates.csv?key=k")]
        let fetched = try collect.fetch(parameters)
        #expect(fetched.validator == ["etag": "\"one\"", "size": 14])
        #expect(fetched.logs == ["\(server.address)/rates.csv?...: 14 bytes"])
        let outcome = try collect.run(fetched)
        #expect(try Files.read(outcome.path("file")) == bytes)
        let again = try collect.fetch(parameters, previous: fetched.previous)
        #expect(again.validator == nil)
        #expect(server.requests.map { $0["if-none-match"] } == [nil, "\"one\""])
        try expectGoldens("collect.http", [("always and never: a file", outcome.digest(["file"]))])
    }

    @Test func `the next address is asked where one fails`() throws {
        let (good, bad) = try (
            FaultServer { request, _ in .file(bytes, tag: "\"one\"", request) },
            FaultServer { _, _ in .answer(404) }
        )
        let parameters: JSONValue = ["url": [.string(bad.address + "/a"), .string(good.address + "/b")]]
        let fetched = try collect.fetch(parameters)
        #expect(fetched.validator == ["address": 1, "etag": "\"one\"", "size": 14])
        #expect(try Files.read(fetched.path) == bytes)
        #expect(try collect.fetch(parameters, previous: fetched.previous).validator == nil)
        // The tag of one place says nothing of another.
        let swapped: JSONValue = ["url": [.string(good.address + "/a"), .string(bad.address + "/b")]]
        let other = try collect.fetch(swapped, previous: fetched.previous)
        #expect(other.validator == ["etag": "\"one\"", "size": 14])
        #expect(good.requests.map { $0["if-none-match"] } == [nil, "\"one\"", nil])
        let none: JSONValue = ["url": [.string(bad.address + "/a"), .string(bad.address + "/b")]]
        #expect(
            collect.failure(none).replacing(bad.address, with: "http://host") == """
                none of 2 addresses gives the file
                address 1: 'http://host/a' answers 404 Not Found
                address 2: 'http://host/b' answers 404 Not Found
                fix: see whether the address is right
                """)
        #expect(
            collect.failure(["url": .string(bad.address + "/a")]).replacing(bad.address, with: "http://host")
                == """
                'http://host/a' answers 404 Not Found
                fix: see whether the address is right
                """)
    }

    @Test func `a file that is declared by its digest is that one`() throws {
        let server = try FaultServer { _, _ in .answer(200, bytes) }
        let digest = Digest.of(bytes).hex
        let parameters: JSONValue = ["url": .string(server.address), "sha256": .string(digest.uppercased())]
        let fetched = try collect.fetch(parameters)
        #expect(fetched.validator == ["sha256": .string(digest), "size": 14])
        #expect(try collect.fetch(parameters, previous: fetched.previous).validator == nil)
        #expect(server.requests.count == 1)
        let wrong = String(repeating: "0", count: 64)
        #expect(
            collect.failure(["url": .string(server.address), "sha256": .string(wrong)])
                .replacing(server.address, with: "http://host") == """
                    'http://host/' gives another file than sha256 says: its digest is \(digest)
                    fix: see whether the file was replaced; if that is right, write sha256: \(digest)
                    """)
        #expect(try !Files.list(collect.folder).contains("snapshot-3"))
    }

    @Test func `headers come from the pipeline and from the environment`() throws {
        let server = try FaultServer { request, _ in .answer(200, request["authorization"] ?? "nobody") }
        let parameters: JSONValue = [
            "url": .string(server.address),
            "headers": [
                "Accept": "text/csv", "Authorization": ["env": "RATES_TOKEN", "prefix": "Bearer "],
                "X-Other": ["env": "OTHER"],
            ],
        ]
        let environment = ["RATES_TOKEN": "so-secret", "OTHER": "o"]
        let fetched = try collect.fetch(parameters, environment)
        #expect(try Files.read(fetched.path) == Array("Bearer so-secret".utf8))
        #expect(server.requests.map { $0["accept"] } == ["text/csv"])
        #expect(server.requests.map { $0["x-other"] } == ["o"])
        #expect(
            try #require(collect.harness.kind.fetch).secrets(parameters, environment) == ["so-secret", "o"])
        #expect(
            collect.failure(parameters, ["OTHER": "o", "RATES_TOKEN": ""]) == """
                the header 'Authorization' is to be what RATES_TOKEN holds, which is not set
                fix: set RATES_TOKEN where sluice runs
                """)
        #expect(
            collect.failure(parameters, ["OTHER": "o", "RATES_TOKEN": "so\nsecret"])
                == "header 'Authorization': its value has line breaks or other control characters")
    }

    /// What is found is in a fixture of `ProjectsTests`.
    @Test func `nothing is wrong with what can be fetched`() throws {
        #expect(try collect.harness.check("{ url: https://example.org/a.csv }").text == "")
        #expect(
            try collect.harness.check(
                "{ url: [http://a/b, 'https://[::1]:80/c?d'], headers: { X-A: { env: A_1 } } }"
            )
            .text == "")
    }
}
