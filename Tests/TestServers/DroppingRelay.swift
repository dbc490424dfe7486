import Glibc
import Platform
import Synchronization

/// Passes bytes on between a client and a real server, and tears the first connections down when so many have come back.
public final class DroppingRelay: Sendable {
    private let target: Int
    private let limit: Int
    private let times: Int
    private let rewriting: @Sendable (inout [UInt8]) -> Void
    private let listener: Int32
    public let port: Int
    private let state = Mutex<(count: Int, connections: Int, dropped: Int)>((0, 0, 0))

    /// - Parameters:
    ///   - target: The server's port on the loopback interface.
    ///   - limit: After how many bytes of the server a connection is torn down.
    ///   - times: How many are; the others live as long as both ends like.
    ///   - rewriting: What becomes of the first bytes of the server on a connection.
    public init(
        to target: Int, after limit: Int = .max, times: Int = 0,
        rewriting: @escaping @Sendable (inout [UInt8]) -> Void = { _ in }
    ) throws {
        self.target = target
        self.limit = limit
        self.times = times
        self.rewriting = rewriting
        let (listener, port) = try listenOnLoopback()
        (self.listener, self.port) = (listener, Int(port))
        startThread { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else { break }
                self.relay(client)
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    public var address: String { "http://127.0.0.1:\(port)" }
    /// Bytes that came back, heads and all.
    public var count: Int { state.withLock { $0.count } }
    public var connections: Int { state.withLock { $0.connections } }
    public var dropped: Int { state.withLock { $0.dropped } }

    private func relay(_ client: Int32) {
        guard let server = try? connectToLoopback(target) else { return }
        state.withLock { $0.connections += 1 }
        startThread {
            Self.pass(from: client, to: server) { _ in true }
            shutdown(server, Int32(SHUT_WR))
        }
        startThread { [weak self, rewriting] in
            var passed = 0
            Self.pass(from: server, to: client) { bytes in
                if passed == 0 { rewriting(&bytes) }
                passed += bytes.count
                return self?.state.withLock { state in
                    state.count += bytes.count
                    guard passed > self?.limit ?? 0, state.dropped < self?.times ?? 0 else { return true }
                    state.dropped += 1
                    return false
                } ?? false
            }
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }
    }

    private static func pass(from: Int32, to: Int32, _ goesOn: (inout [UInt8]) -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(from, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            var bytes = Array(buffer[..<count])
            guard goesOn(&bytes) else { return }
            var sent = 0
            while sent < count {
                let more = bytes[sent...].withUnsafeBytes {
                    send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard more > 0 else { return }
                sent += more
            }
        }
    }
}
