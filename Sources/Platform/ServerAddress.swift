import Glibc

/// Where a server listens.
public enum ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or number of a host, and a number of a port.
    case tcp(host: String, port: String)
    case unix(path: String)

    /// `SCHEME://HOST[:PORT][/...]`; without a port the scheme's own, https or http.
    ///
    /// - Returns: Nil when the text is no such URL.
    public init?(url: String) {
        guard let colon = url.firstRange(of: "://") else { return nil }
        let scheme = url[..<colon.lowerBound]
        var rest = url[colon.upperBound...].prefix { !"/?#".contains($0) }
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        var host = rest
        var port = scheme == "https" ? "443" : "80"
        // An IPv6 number has colons of its own and stands in brackets.
        let tail = rest.lastIndex(of: "]").map { rest[rest.index(after: $0)...] } ?? rest
        if let mark = tail.lastIndex(of: ":") {
            port = String(tail[tail.index(after: mark)...])
            host = rest[..<mark]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, UInt16(port) != nil else { return nil }
        self = .tcp(host: String(host), port: port)
    }

    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }

    /// Connects, and says nothing to who answers.
    ///
    /// - Parameter seconds: For all addresses of the host together; looking up
    ///   its name is not counted.
    /// - Returns: Why nobody answers; nil when somebody does.
    public func refusal(within seconds: Double) -> String? {
        reached(within: seconds) { _ in }
    }

    /// Connects, and hears what who answers says first.
    ///
    /// - Parameters:
    ///   - seconds: For all of it but looking up the name.
    ///   - isWhole: Whether the bytes so far are all that is wanted.
    /// - Returns: What was said until it was whole, at most 64 KiB; nil when nobody answers.
    public func greeting(within seconds: Double, isWhole: ([UInt8]) -> Bool) -> [UInt8]? {
        let end = monotonicSeconds() + seconds
        var said: [UInt8] = []
        let refusal = reached(within: seconds) { descriptor in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while said.count < 65_536, !isWhole(said) {
                var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                let answers = poll(&wait, 1, Int32(max(0, end - monotonicSeconds()) * 1000))
                if answers < 0, errno == EINTR { continue }
                let count = answers > 0 ? recv(descriptor, &buffer, buffer.count, 0) : 0
                guard count > 0 else { return }
                said += buffer[..<count]
            }
        }
        return refusal == nil ? said : nil
    }

    private func reached(within seconds: Double, _ body: (Int32) -> Void) -> String? {
        switch self {
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8)
            guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
                return String(cString: strerror(ENAMETOOLONG))
            }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Self.reached(
                        family: AF_UNIX, $0, socklen_t(MemoryLayout<sockaddr_un>.size), within: seconds, body)
                }
            }
        case .tcp(let host, let port):
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var found: UnsafeMutablePointer<addrinfo>?
            let code = getaddrinfo(host, port, &hints, &found)
            guard code == 0, let first = found else { return String(cString: gai_strerror(code)) }
            defer { freeaddrinfo(first) }
            let end = monotonicSeconds() + seconds
            var reason: String?
            var next: UnsafeMutablePointer<addrinfo>? = first
            while let entry = next {
                let left = max(0, end - monotonicSeconds())
                reason = Self.reached(
                    family: entry.pointee.ai_family, entry.pointee.ai_addr, entry.pointee.ai_addrlen,
                    within: left, body)
                if reason == nil { return nil }
                next = entry.pointee.ai_next
            }
            return reason
        }
    }

    private static func reached(
        family: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t, within seconds: Double,
        _ body: (Int32) -> Void
    ) -> String? {
        let flags = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(family, Int32(flags), 0)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        if connect(descriptor, address, length) == 0 {
            body(descriptor)
            return nil
        }
        guard errno == EINPROGRESS else { return String(cString: strerror(errno)) }
        let end = monotonicSeconds() + seconds
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        var count = poll(&wait, 1, Int32(seconds * 1000))
        while count < 0, errno == EINTR {
            count = poll(&wait, 1, Int32(max(0, end - monotonicSeconds()) * 1000))
        }
        guard count > 0 else { return "no answer in time" }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        guard code == 0 else { return String(cString: strerror(code)) }
        body(descriptor)
        return nil
    }
}
