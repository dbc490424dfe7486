import Platform
import TestServers
import Testing

@testable import Transfers

@Suite struct RetryTests {
    @Test(arguments: [408, 429, 500, 502, 503, 504])
    func `what passes is asked again`(status: Int) throws {
        let server = try FaultServer { request, number in
            number < 3 ? .answer(status) : .file([1], tag: "\"a\"", request)
        }
        let fetch = try Fetch(server.address)
        _ = try fetch.run()
        #expect(try fetch.bytes == [1])
        #expect(server.requests.count == 4)
    }

    @Test func `it is given up in the end, and said why`() throws {
        let server = try FaultServer { _, number in
            number < 3 ? .answer(503) : number == 3 ? .answer(429) : .answer(200, "abc").cut(afterBody: 2)
        }
        #expect(
            try Fetch(server.address + "/x").failure()
                == "'\(server.address)/x' could not be fetched in 5 attempts: 503 Service Unavailable (3 times), then 429 Too Many Requests, then the connection was dropped after 2 of 3 bytes"
        )
        #expect(server.requests.count == 5)
    }

    @Test func `waits double, and those that a server asks for are kept`() throws {
        var rules = RetryRules()
        rules.attempts = 9
        rules.longestWait = 20
        var schedule = RetrySchedule(rules)
        let waits = try (0..<8).map { index in
            try schedule.wait(
                after: .init(reason: "r", asked: index == 2 ? 7 : index == 5 ? 0.5 : nil), name: "n",
                reached: 0)
        }
        #expect(waits == [1, 2, 7, 8, 16, 20, 20, 20])
        #expect(throws: TransferError.failed(name: "n", reasons: Array(repeating: "r", count: 9))) {
            try schedule.wait(after: .init(reason: "r"), name: "n", reached: 0)
        }
        var asked = RetrySchedule(rules)
        #expect(throws: TransferError.mustWait(name: "n", reason: "503", seconds: 3600)) {
            try asked.wait(after: .init(reason: "503", asked: 3600), name: "n", reached: 0)
        }
    }

    @Test func `a server that asks to wait is waited for`() throws {
        let server = try FaultServer { request, number in
            number == 0 ? .answer(503, "", ["Retry-After": "1"]) : .file([1], tag: "\"a\"", request)
        }
        let fetch = try Fetch(server.address)
        let start = monotonicSeconds()
        _ = try fetch.run()
        #expect(monotonicSeconds() - start >= 1)
    }

    @Test func `a wait that is too long is said`() throws {
        let server = try FaultServer { _, _ in .answer(429, "", ["Retry-After": "86400"]) }
        #expect(
            try Fetch(server.address + "/x").failure() == """
                '\(server.address)/x' could not be fetched: 429 Too Many Requests, and the server asks to wait 86400 s
                fix: run again later
                """)
    }

    /// Something listened there a moment ago.
    @Test func `a port where nobody listens is said`() throws {
        let address = try FaultServer { _, _ in .answer() }.address
        let said = try #require(try Fetch(address + "/x").failure())
        #expect(
            said.hasPrefix(
                "'\(address)/x' could not be fetched in 3 attempts: failed to connect to 127.0.0.1 port "),
            "\(said)")
        #expect(said.hasSuffix("(3 times)"), "\(said)")
    }

    @Test func `a connection on which nothing comes any more is dropped`() throws {
        let bytes = noise(2_000_000)
        let server = try FaultServer { request, number in
            switch number {
            case 0: FaultServer.Reply(steps: [.stall])
            case 1: .file(bytes, tag: "\"one\"", request).cut(afterBody: 1_500_000, then: .stall)
            default: .answer(404)
            }
        }
        var settings = quickly(attempts: 2)
        settings.retries.progress = 10_000_000
        #expect(
            try Fetch(server.address + "/x").failure(settings)
                == "'\(server.address)/x' could not be fetched in 2 attempts: nothing came for 1 s, before an answer came, then nothing came for 1 s, after 1500000 of 2000000 bytes"
        )
    }

    @Test func `a length that is never kept is an error`() throws {
        let server = try FaultServer { _, _ in
            FaultServer.Reply.answer(200, "abc", ["Content-Length": "1000", "ETag": "\"a\""]).cut(
                afterBody: 3, then: .close)
        }
        #expect(
            try Fetch(server.address + "/x").failure(quickly(attempts: 2))
                == "'\(server.address)/x' could not be fetched in 2 attempts: the connection was dropped after 3 of 1000 bytes (2 times)"
        )
        #expect(server.requests.count == 2)
    }

    @Test func `a head without end is an error`() throws {
        let server = try FaultServer { _, _ in
            let lines = (0..<4000).map { "X-\($0): \(String(repeating: "y", count: 100))\r\n" }.joined()
            return FaultServer.Reply(steps: [.send(Array("HTTP/1.1 200 OK\r\n\(lines)\r\n".utf8)), .close])
        }
        #expect(
            try Fetch(server.address + "/x").failure()
                == "'\(server.address)/x': its head has more than 262144 bytes")
    }

    @Test func `what is no HTTP is an error`() throws {
        let server = try FaultServer { _, _ in
            FaultServer.Reply(steps: [.send(Array("SSH-2.0-x\r\n".utf8)), .close])
        }
        let said = try #require(try Fetch(server.address + "/x").failure())
        #expect(
            said
                == "'\(server.address)/x' could not be fetched: Received HTTP/0.9 when not allowed (libcurl 1)"
        )
    }

    /// Every place at which an answer can be cut short.
    @Test func `an answer that is cut anywhere is fetched again, or is whole`() throws {
        let body = noise(40)
        let whole = FaultServer.Reply.answer(
            200, body, ["ETag": "\"one\"", "X-Long": String(repeating: "v", count: 50)])
        guard case .send(let bytes) = whole.steps[0] else { return }
        for count in stride(from: 0, to: bytes.count, by: 3) {
            let server = try FaultServer { _, number in
                number == 0 ? FaultServer.Reply(steps: [.send(Array(bytes[..<count])), .close]) : whole
            }
            let fetch = try Fetch(server.address)
            // A cut status line may be one of HTTP/0.9, which is not read.
            do {
                _ = try fetch.run()
                #expect(try fetch.bytes == body, "cut at \(count)")
                #expect(server.requests.count == 2)
            } catch let error as any TransferFault {
                #expect(count < 17, "cut at \(count): \(error)")
            }
        }
    }

    @Test func `an answer with wrong bytes anywhere ends`() throws {
        let body = noise(40)
        let whole = FaultServer.Reply.answer(200, body, ["ETag": "\"one\""])
        guard case .send(let bytes) = whole.steps[0] else { return }
        let head = bytes.count - body.count
        for place in 0..<head {
            for flip in [UInt8(0x01), 0x80] {
                var damaged = bytes
                damaged[place] ^= flip
                let reply = FaultServer.Reply(steps: [.send(damaged), .close])
                let server = try FaultServer { _, _ in reply }
                let fetch = try Fetch(server.address)
                do {
                    _ = try fetch.run(quickly(attempts: 2))
                    let got = try fetch.bytes
                    #expect(body.starts(with: got), "byte \(place) of the head")
                } catch let error as any TransferFault {
                    #expect(!error.message.isEmpty)
                }
            }
        }
    }
}
