import Glibc
import Platform
import Synchronization
import Testing

/// Passes bytes on between a client and a real server, and tears the first connections down when so many have come back.
final class DroppingRelay: Sendable {
    private let target: UInt16
    private let limit: Int
    private let times: Int
    private let listener: Int32
    let port: UInt16
    private let state = Mutex<(count: Int, dropped: Int)>((0, 0))

    /// - Parameter endpoint: `http://127.0.0.1:PORT`.
    init(to endpoint: String, after limit: Int, times: Int) throws {
        target = try #require(UInt16(endpoint[endpoint.index(after: endpoint.lastIndex(of: ":")!)...]))
        self.limit = limit
        self.times = times
        (listener, port) = try listenOnLoopback()
        let listener = listener
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

    var address: String { "http://127.0.0.1:\(port)" }
    /// Bytes that came back, heads and all.
    var count: Int { state.withLock { $0.count } }
    var dropped: Int { state.withLock { $0.dropped } }

    private func relay(_ client: Int32) {
        guard let server = try? connectToLoopback(target) else { return }
        startThread {
            Self.pass(from: client, to: server) { _ in true }
            shutdown(server, Int32(SHUT_WR))
        }
        startThread { [weak self] in
            var passed = 0
            Self.pass(from: server, to: client) { count in
                passed += count
                return self?.state.withLock { state in
                    state.count += count
                    guard passed > self?.limit ?? 0, state.dropped < self?.times ?? 0 else { return true }
                    state.dropped += 1
                    return false
                } ?? false
            }
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }
    }

    private static func pass(from: Int32, to: Int32, _ goesOn: (Int) -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(from, &buffer, buffer.count, 0)
            guard count > 0, goesOn(count) else { return }
            var sent = 0
            while sent < count {
                let more = buffer[sent..<count].withUnsafeBytes {
                    send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard more > 0 else { return }
                sent += more
            }
        }
    }
}

/// A socket on a port of the system's choice.
func listenOnLoopback() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = loopback(0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    try withUnsafeMutablePointer(to: &address) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            try #require(bind(descriptor, pointer, size) == 0 && listen(descriptor, 64) == 0)
            try #require(getsockname(descriptor, pointer, &size) == 0)
        }
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}

private func connectToLoopback(_ port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = loopback(port)
    try withUnsafePointer(to: &address) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            try #require(connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0)
        }
    }
    return descriptor
}

private func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
}
