import Glibc
import Synchronization

/// A web server that does what a test says, byte for byte: drops connections, lies about lengths, says nothing. It listens
/// on a free port of this machine, with one thread for each connection, and is gone with its last reference.
public final class FaultServer: Sendable {
    public struct Request: Sendable {
        public var method: String
        /// As it stands in the request.
        public var target: String
        /// By name in lower case.
        public var fields: [String: String]

        public var path: String { String(target.prefix { $0 != "?" }) }
        public subscript(field: String) -> String? { fields[field] }
    }

    public enum Step: Sendable {
        case send([UInt8])
        /// The connection ends as it should.
        case close
        /// The connection is torn down.
        case reset
        /// Nothing comes any more.
        case stall
    }

    /// What is done about a request.
    public struct Reply: Sendable {
        public var steps: [Step]

        public init(steps: [Step]) { self.steps = steps }
    }

    public let port: UInt16
    private let listener: Int32
    private let state = Mutex<State>(State())
    private let answer: @Sendable (Request, Int) -> Reply

    private struct State {
        var requests: [Request] = []
        var connections: Set<Int32> = []
        var isStopped = false
    }

    /// - Parameter answer: What is done about a request; the number counts all of them from 0.
    public init(_ answer: @escaping @Sendable (_ request: Request, _ number: Int) -> Reply) throws {
        self.answer = answer
        (listener, port) = try listenOnLoopback()
        let listener = listener
        startThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                guard let self else {
                    close(connection)
                    break
                }
                self.take(connection)
            }
            close(listener)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        state.withLock { state in
            state.isStopped = true
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
        }
    }

    public var address: String { "http://127.0.0.1:\(port)" }
    public var requests: [Request] { state.withLock { $0.requests } }

    private func take(_ connection: Int32) {
        state.withLock { _ = $0.connections.insert(connection) }
        startThread { [weak self] in
            var rest: [UInt8] = []
            while let request = Self.read(connection, &rest), let steps = self?.steps(for: request),
                Self.perform(steps, connection)
            {}
            self?.state.withLock { _ = $0.connections.remove(connection) }
            close(connection)
        }
    }

    private func steps(for request: Request) -> [Step]? {
        let number = state.withLock { state -> Int? in
            if state.isStopped { return nil }
            state.requests.append(request)
            return state.requests.count - 1
        }
        return number.map { answer(request, $0).steps }
    }

    private static func read(_ connection: Int32, _ rest: inout [UInt8]) -> Request? {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let place = rest.indices.first(where: { rest[$0...].starts(with: end) }) {
                let lines = String(decoding: rest[..<place], as: UTF8.self).split(separator: "\r\n")
                rest = Array(rest[(place + 4)...])
                let words = lines[0].split(separator: " ")
                var request = Request(method: String(words[0]), target: String(words[1]), fields: [:])
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    request.fields[parts[0].lowercased()] =
                        parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
                }
                return request
            }
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            rest += buffer[..<count]
        }
    }

    /// - Returns: Whether the connection stays open.
    private static func perform(_ steps: [Step], _ connection: Int32) -> Bool {
        for step in steps {
            switch step {
            case .send(let bytes):
                var sent = 0
                while sent < bytes.count {
                    let count = bytes[sent...].withUnsafeBytes {
                        send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                    }
                    guard count > 0 else { return false }
                    sent += count
                }
            case .close: return false
            case .reset:
                // What was sent arrives before the end does.
                usleep(50_000)
                var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
                setsockopt(
                    connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
                return false
            case .stall:
                // Until the other side, or the server's end, closes it.
                var byte: UInt8 = 0
                while recv(connection, &byte, 1, 0) > 0 {}
                return false
            }
        }
        return true
    }
}

extension FaultServer.Reply {
    /// A whole answer; the length is told unless `fields` tell it.
    public static func answer(
        _ status: Int = 200, _ body: [UInt8] = [], _ fields: [String: String] = [:], hasBody: Bool = true
    ) -> FaultServer.Reply {
        var fields = fields
        if fields["Content-Length"] == nil, fields["Transfer-Encoding"] == nil {
            fields["Content-Length"] = "\(body.count)"
        }
        let lines = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
        return Self(
            steps: [.send(Array("HTTP/1.1 \(status) Words\r\n\(lines)\r\n".utf8) + (hasBody ? body : []))])
    }

    public static func answer(
        _ status: Int, _ body: String, _ fields: [String: String] = [:]
    ) -> FaultServer.Reply {
        answer(status, Array(body.utf8), fields)
    }

    /// What a good server answers: the whole, a part, or that nothing has changed.
    public static func file(
        _ bytes: [UInt8], tag: String, _ request: FaultServer.Request
    ) -> FaultServer.Reply {
        let fields = ["ETag": tag, "Accept-Ranges": "bytes"]
        if request["if-none-match"] == tag { return answer(304, [], ["ETag": tag]) }
        if let wanted = request["if-match"], wanted != tag { return answer(412, [], [:]) }
        guard let start = request.rangeStart, request["if-range"] ?? tag == tag else {
            return answer(200, bytes, fields, hasBody: request.method != "HEAD")
        }
        guard start < bytes.count else { return answer(416, [], ["Content-Range": "bytes */\(bytes.count)"]) }
        return part(bytes, from: start, of: bytes.count, fields)
    }

    public static func part(
        _ bytes: [UInt8], from start: Int, of whole: Int, status: Int = 206, _ fields: [String: String] = [:]
    ) -> FaultServer.Reply {
        answer(
            status, Array(bytes[start...]),
            fields.merging(["Content-Range": "bytes \(start)-\(bytes.count - 1)/\(whole)"]) { $1 })
    }

    /// The first bytes of an answer's body, then something else.
    public func cut(afterBody count: Int, then step: FaultServer.Step = .reset) -> FaultServer.Reply {
        guard case .send(let bytes)? = steps.first,
            let head = bytes.indices.first(where: { bytes[$0...].starts(with: [13, 10, 13, 10]) })
        else { return self }
        return Self(steps: [.send(Array(bytes.prefix(head + 4 + count))), step])
    }
}

extension FaultServer.Request {
    /// Of a range `bytes=N-`.
    public var rangeStart: Int? {
        self["range"].flatMap { $0.hasPrefix("bytes=") ? Int($0.dropFirst(6).prefix { $0 != "-" }) : nil }
    }
}
