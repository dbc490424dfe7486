import Glibc
import Synchronization

/// Passes the bytes of connections on to a server of the loopback interface, and cuts a connection when so many bytes
/// have come back.
public final class CuttingProxy: Sendable {
    public let port: Int
    private let listener: Int32
    private let target: Int
    /// Of the connections to come, one after the other: after how many bytes each is cut; then none is.
    private let limits: Mutex<[Int]>
    /// What becomes of the first bytes a server sends.
    private let rewriting: @Sendable (inout [UInt8]) -> Void
    private let accepted = Mutex(0)

    /// How many connections there were.
    public var connections: Int { accepted.withLock { $0 } }

    public init(
        to target: Int, cuttingAfter limits: [Int], rewriting: @escaping @Sendable (inout [UInt8]) -> Void = { _ in }
    ) {
        self.target = target
        self.rewriting = rewriting
        self.limits = Mutex(limits)
        port = ServerProcess.freePort()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var one: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        Self.withAddress(port) { bind(listener, $0, $1) }
        listen(listener, 8)
        let unmanaged = Unmanaged.passRetained(self)
        start { [listener] in
            let proxy = unmanaged.takeRetainedValue()
            while case let client = accept(listener, nil, nil), client >= 0 { proxy.serve(client) }
        }
    }

    /// A port at which nobody listens.
    public static var freePort: Int { ServerProcess.freePort() }

    /// Ends it: whoever connects is refused.
    public func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ client: Int32) {
        accepted.withLock { $0 += 1 }
        let limit = limits.withLock { $0.isEmpty ? Int.max : $0.removeFirst() }
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard Self.withAddress(target, { connect(server, $0, $1) }) == 0 else {
            close(client)
            close(server)
            return
        }
        start { Self.pump(from: client, to: server, limit: .max) { _ in } }
        start { [rewriting] in
            Self.pump(from: server, to: client, limit: limit, rewriting)
            close(client)
            close(server)
        }
    }

    private static func pump(
        from: Int32, to: Int32, limit: Int, _ rewriting: (inout [UInt8]) -> Void
    ) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var left = limit
        var isFirst = true
        while left > 0 {
            let count = read(from, &buffer, min(buffer.count, left))
            guard count > 0 else { break }
            if isFirst { rewriting(&buffer) }
            isFirst = false
            var sent = 0
            while sent < count {
                let written = buffer.withUnsafeBytes { send(to, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL)) }
                guard written > 0 else { break }
                sent += written
            }
            guard sent == count else { break }
            left -= count
        }
        shutdown(from, Int32(SHUT_RDWR))
        shutdown(to, Int32(SHUT_RDWR))
    }

    @discardableResult
    private static func withAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// Runs something in a thread of its own.
private func start(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    pthread_create(
        &thread, nil,
        { argument in
            Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
            return nil
        }, box.toOpaque())
    pthread_detach(thread)
}
