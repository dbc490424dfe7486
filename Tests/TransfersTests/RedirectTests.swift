import Platform
import TestServers
import Testing

@testable import Transfers

@Suite struct RedirectTests {
    @Test(arguments: [301, 302, 303, 307, 308])
    func `a redirect is followed`(status: Int) throws {
        let server = try FaultServer { request, _ in
            switch request.path {
            case "/a/b": .answer(status, "moved", ["Location": "../c?x=1"])
            case "/c": .answer(status, "moved", ["Location": "http://\(request["host"] ?? "")/d"])
            default: .file([7], tag: "\"a\"", request)
            }
        }
        let fetch = try Fetch(
            server.address + "/a/b", fields: [HTTPField("Authorization", "Bearer s", isSecret: true)])
        #expect(try fetch.run() == .fetched(ObjectState(entityTag: "\"a\"", size: 1)))
        #expect(try fetch.bytes == [7])
        #expect(server.requests.map(\.target) == ["/a/b", "/c?x=1", "/d"])
        #expect(server.requests.allSatisfy { $0["authorization"] == "Bearer s" })
    }

    @Test func `what is secret is told to no other server`() throws {
        let home = Box()
        let away = try FaultServer { request, _ in
            request.path == "/there"
                ? .answer(302, "", ["Location": home.value + "/back"]) : .file([7], tag: "\"a\"", request)
        }
        let server = try FaultServer { request, _ in
            request.path == "/back"
                ? .answer(302, "", ["Location": away.address + "/end"])
                : .answer(302, "", ["Location": away.address + "/there"])
        }
        home.value = server.address
        let fetch = try Fetch(
            server.address + "/x",
            fields: [HTTPField("X-Api-Key", "s", isSecret: true), HTTPField("X-Open", "o")])
        _ = try fetch.run()
        #expect(server.requests.map(\.target) == ["/x", "/back"])
        #expect(server.requests.map { $0["x-api-key"] } == ["s", "s"])
        #expect(away.requests.map(\.target) == ["/there", "/end"])
        #expect(away.requests.map { $0["x-api-key"] } == [nil, nil])
        #expect(away.requests.map { $0["x-open"] } == ["o", "o"])
    }

    @Test func `who may know what is secret to another`() throws {
        func may(_ a: String, _ b: String) throws -> Bool {
            try WebAddress(a).mayKnow(secretsOf: WebAddress(b))
        }
        #expect(try may("https://h/x", "https://H:443/y"))
        #expect(try may("https://h/x", "http://h/x"))
        #expect(try !may("http://h/x", "https://h/x"))
        #expect(try !may("https://h:8443/x", "http://h/x"))
        #expect(try !may("https://h:8443/x", "https://h/x"))
        #expect(try !may("https://h.evil/x", "https://h/x"))
    }

    @Test func `redirects that are not followed are said`() throws {
        let server = try FaultServer { request, number in
            switch request.path {
            case "/file": .answer(302, "", ["Location": "file:///etc/passwd"])
            case "/ftp": .answer(302, "", ["Location": "ftp://h/x"])
            case "/user": .answer(302, "", ["Location": "http://u:p@h/x?q=1"])
            case "/none": .answer(302)
            default: .answer(302, "", ["Location": "/round\(number)?key=hidden"])
            }
        }
        func failure(_ path: String) throws -> String? {
            try Fetch(server.address + path).failure()?.replacing(server.address, with: "http://host")
        }
        #expect(
            try failure("/file") == """
                'http://host/file' leads on to 'file:///etc/passwd'; only http and https are followed
                fix: write the address that it leads to in the end
                """)
        #expect(try failure("/ftp")?.contains("leads on to 'ftp://h/x'; only http") == true)
        #expect(try failure("/user")?.contains("leads on to 'http://h/x?...'") == true)
        #expect(
            try failure("/none")?.hasPrefix("'http://host/none' leads on, but does not say where to") == true)
        #expect(
            try failure("/on")?.hasPrefix(
                "'http://host/on' leads on and on, in the end to 'http://host/round") == true)
        #expect(try failure("/on")?.contains("hidden") == false)
    }

    /// A signature that holds for a minute is asked for again at the address itself.
    @Test func `after a failure the address itself is asked again`() throws {
        let bytes = noise(2_000_000)
        let server = try FaultServer { request, number in
            if request.path == "/x" { return .answer(302, "", ["Location": "/signed\(number)"]) }
            let reply = FaultServer.Reply.file(bytes, tag: "\"a\"", request)
            return number < 2 ? reply.cut(afterBody: 1_500_000) : reply
        }
        let fetch = try Fetch(server.address + "/x")
        _ = try fetch.run()
        #expect(try fetch.bytes == bytes)
        #expect(server.requests.map(\.target) == ["/x", "/signed0", "/x", "/signed2"])
        #expect(server.requests.map(\.rangeStart) == [nil, nil, 1_500_000, 1_500_000])
    }
}

private final class Box: @unchecked Sendable {
    var value = ""
}
