import Glibc
import Testing

@testable import SQLDatabases

@Suite struct SocketWaitTests {
    /// Two ends of one line.
    private final class Line {
        let near: CInt
        let far: CInt

        init() throws {
            var ends: [CInt] = [0, 0]
            try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
            (near, far) = (ends[0], ends[1])
        }

        deinit {
            close(near)
            close(far)
        }

        func say() throws { try #require(send(far, "x", 1, 0) == 1) }

        func hear() {
            var byte: UInt8 = 0
            recv(near, &byte, 1, CInt(MSG_DONTWAIT))
        }
    }

    private let clock = ContinuousClock()

    /// As of an encrypted connection, whose library has taken more from the socket than it has given.
    @Test func `what the library holds is had while the socket is silent`() throws {
        let line = try Line()
        var held = 3
        let start = clock.now
        try SocketWait(descriptor: line.near, silence: 60).run(rows: 0) {
            held -= 1
            return true
        } isBusy: {
            held > 0
        }
        #expect(held == 0)
        #expect(clock.now - start < .seconds(10))
    }

    @Test func `a silent server is given up, one that speaks is not`() throws {
        let line = try Line()
        let start = clock.now
        let error = #expect(throws: SQLError.self) {
            try SocketWait(descriptor: line.near, silence: 1).run(rows: 7) {
                true
            } isBusy: {
                true
            }
        }
        #expect(error == .lost("the server said nothing for 1 s", rows: 7))
        #expect(clock.now - start >= .milliseconds(990))

        // Each word comes in time, all of them together do not.
        let end = clock.now + .seconds(2)
        try line.say()
        try SocketWait(descriptor: line.near, silence: 1).run(rows: 0) {
            line.hear()
            usleep(100_000)
            return send(line.far, "x", 1, 0) == 1
        } isBusy: {
            clock.now < end
        }
    }

    @Test func `a library that cannot read ends the wait`() throws {
        let line = try Line()
        try SocketWait(descriptor: line.near, silence: 60).run(rows: 0) {
            false
        } isBusy: {
            true
        }
    }
}
