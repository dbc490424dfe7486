import Platform
import Synchronization
import TestServers
import Testing

@testable import Transfers

/// A file fetched from a server into a folder of the test's own.
struct Fetch {
    let scratch: Scratch
    let address: WebAddress
    var fields: [HTTPField] = []

    init(_ address: String, fields: [HTTPField] = []) throws {
        scratch = try Scratch()
        self.address = try WebAddress(address)
        self.fields = fields
    }

    func run(had: ObjectState? = nil, _ settings: TransferSettings = quickly()) throws -> HTTPFile.Outcome {
        try HTTPFile(address, fields: fields).fetch(
            to: scratch.place("file"), partial: scratch.place("partial"), had: had, settings)
    }

    func failure(_ settings: TransferSettings = quickly()) -> String? {
        TransfersTests.failure { _ = try run(settings) }
    }

    var bytes: [UInt8] { get throws { try Files.read(scratch.place("file")) } }
    var partial: [String] { (try? Files.list(scratch.place("partial"))) ?? [] }
}

@Suite struct HTTPFileTests {
    @Test func `a file comes as it is, with what is told of it`() throws {
        let bytes = noise(3_000_000)
        let server = try FaultServer { request, _ in .file(bytes, tag: "\"one\"", request) }
        let fetch = try Fetch(server.address + "/a%20b?x=1&y=%2F", fields: [HTTPField("X-Of", "test")])
        #expect(try fetch.run() == .fetched(ObjectState(entityTag: "\"one\"", size: 3_000_000)))
        #expect(try fetch.bytes == bytes)
        #expect(fetch.partial.isEmpty)
        let request = try #require(server.requests.first)
        #expect(server.requests.count == 1)
        #expect(request.target == "/a%20b?x=1&y=%2F")
        #expect(request["accept-encoding"] == "identity")
        #expect(request["x-of"] == "test")
        #expect(request["range"] == nil)
    }

    @Test func `what is secret is not kept as the name of a state`() throws {
        var settings = quickly()
        settings.secrets = ["sesame", "abc", ""]
        for (field, value) in [("ETag", "\"open-sesame\""), ("Last-Modified", "sesame")] {
            let server = try FaultServer { _, _ in .answer(200, "text", [field: value]) }
            let fetch = try Fetch(server.address + "/x")
            #expect(
                fetch.failure(settings) == """
                    '\(server.address)/x' sends a credential back where it says which state its data has, and that would be kept
                    fix: tell who runs the server; nothing of the answer was kept
                    """)
            #expect(
                try !fetch.partial.contains { try Files.read(fetch.scratch.place("partial/\($0)")).count > 0 }
            )
        }
        // Short texts are in a tag by chance.
        let server = try FaultServer { request, _ in .file([1], tag: "\"abc\"", request) }
        #expect(
            try Fetch(server.address).run(settings) == .fetched(ObjectState(entityTag: "\"abc\"", size: 1)))
    }

    @Test func `an empty file is a file`() throws {
        let server = try FaultServer { request, _ in .file([], tag: "\"e\"", request) }
        let fetch = try Fetch(server.address)
        #expect(try fetch.run() == .fetched(ObjectState(entityTag: "\"e\"", size: 0)))
        #expect(try fetch.bytes.isEmpty)
    }

    @Test func `a body in pieces has no length before its end`() throws {
        let server = try FaultServer { _, _ in
            .answer(200, "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n", ["Transfer-Encoding": "chunked"])
        }
        let fetch = try Fetch(server.address)
        #expect(try fetch.run() == .fetched(ObjectState()))
        #expect(try fetch.bytes == Array("abcdefg".utf8))
    }

    /// A piece that is missing.
    @Test func `a body in pieces that breaks off is noticed`() throws {
        let server = try FaultServer { _, number in
            number == 0
                ? .answer(200, "3\r\nabc\r\n4\r\nde", ["Transfer-Encoding": "chunked"]).cut(
                    afterBody: 10, then: .close)
                : .answer(200, "whole")
        }
        let fetch = try Fetch(server.address)
        _ = try fetch.run()
        #expect(try fetch.bytes == Array("whole".utf8))
        #expect(server.requests.count == 2)
    }

    @Test func `what is had already does not come again`() throws {
        let server = try FaultServer { request, _ in .file([1, 2, 3], tag: "\"one\"", request) }
        let fetch = try Fetch(server.address)
        #expect(try fetch.run(had: ObjectState(entityTag: "\"one\"", size: 3)) == .unchanged)
        #expect(server.requests.map { $0["if-none-match"] } == ["\"one\""])
        #expect(fetch.partial.isEmpty)
        #expect(!Files.exists(fetch.scratch.place("file")))
        #expect(
            try fetch.run(had: ObjectState(entityTag: "\"zero\"", size: 3))
                == .fetched(ObjectState(entityTag: "\"one\"", size: 3)))
    }

    @Test func `a time does where there is no entity tag`() throws {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        let server = try FaultServer { request, _ in
            request["if-modified-since"] == date ? .answer(304) : .answer(200, "x", ["Last-Modified": date])
        }
        let fetch = try Fetch(server.address)
        let state = ObjectState(lastModified: date, size: 1)
        #expect(try fetch.run() == .fetched(state))
        #expect(try fetch.run(had: state) == .unchanged)
    }

    /// It sends the whole whatever it is asked.
    @Test func `a server that knows no conditions is not listened to when the tag is known`() throws {
        let server = try FaultServer { _, _ in .answer(200, noise(5_000_000), ["ETag": "\"one\""]) }
        let fetch = try Fetch(server.address)
        #expect(try fetch.run(had: ObjectState(entityTag: "\"one\"", size: 5_000_000)) == .unchanged)
        // A weak tag promises no equal bytes.
        let weak = try FaultServer { _, _ in .answer(200, "new", ["ETag": "W/\"one\""]) }
        let other = try Fetch(weak.address)
        _ = try other.run(had: ObjectState(entityTag: "W/\"one\"", size: 3))
        #expect(try other.bytes == Array("new".utf8))
    }

    @Test func `progress is told`() throws {
        let bytes = noise(2_000_000)
        let server = try FaultServer { request, number in
            number == 0
                ? .file(bytes, tag: "\"p\"", request).cut(afterBody: 1_500_000, then: .stall)
                : .file(bytes, tag: "\"p\"", request)
        }
        let scratch = try Scratch()
        let seen = Mutex<[[Int64?]]>([])
        _ = try HTTPFile(WebAddress(server.address)).fetch(
            to: scratch.place("file"), partial: scratch.place("partial"), had: nil, quickly()
        ) { bytes, all in seen.withLock { $0.append([bytes, all]) } }
        #expect(seen.withLock { $0 }.contains([1_500_000, 2_000_000]))
    }

    @Test func `answers that stand are told with what to do`() throws {
        let server = try FaultServer { request, _ in
            .answer(Int(request.path.dropFirst()) ?? 0, "<html>secret</html>")
        }
        func failure(_ status: Int) throws -> String? {
            try Fetch("\(server.address)/\(status)?key=hidden").failure()?
                .replacing(server.address, with: "http://host")
        }
        #expect(
            try failure(404) == """
                'http://host/404?...' answers 404 Not Found
                fix: see whether the address is right
                """)
        #expect(
            try failure(401) == """
                'http://host/401?...' answers 401 Unauthorized
                fix: give what the server asks for, such as headers: { Authorization: { env: NAME } }
                """)
        #expect(
            try failure(403) == """
                'http://host/403?...' answers 403 Forbidden
                fix: see whether what is given in headers may read this address
                """)
        #expect(try failure(418) == "'http://host/418?...' answers status 418")
        #expect(server.requests.count == 4)
    }

    @Test func `a folder that is not there is said`() throws {
        let server = try FaultServer { request, _ in .file([1], tag: "\"a\"", request) }
        let scratch = try Scratch()
        let said = failure {
            _ = try HTTPFile(WebAddress(server.address)).fetch(
                to: scratch.place("no/file"), partial: scratch.place("partial"), had: nil, quickly())
        }
        #expect(said == "cannot put in place '\(scratch.place("no/file"))': No such file or directory")
    }
}
