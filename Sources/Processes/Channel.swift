import CPlatform
import Glibc

/// One end of the socket between runner and keeper: whole messages, each
/// behind its length in four bytes.
///
/// Neither side ever waits to write: what the socket does not take stays in
/// `outgoing`, so that two full directions cannot hold each other up.
struct Channel {
    /// A request is at most as large as what the system lets a process be
    /// started with (6 MiB); a longer length is no message.
    static let longestMessage = 16 << 20

    let descriptor: Int32
    private var incoming: [UInt8] = []
    private var consumed = 0
    private var outgoing: [UInt8] = []
    private var sent = 0

    /// - Parameter descriptor: A non-blocking stream socket.
    init(_ descriptor: Int32) { self.descriptor = descriptor }

    var waitingBytes: Int { outgoing.count - sent }

    mutating func enqueue(_ message: [UInt8]) {
        withUnsafeBytes(of: UInt32(message.count).littleEndian) { outgoing.append(contentsOf: $0) }
        outgoing += message
    }

    /// Hands the socket what it takes; false when the other side is gone.
    mutating func flush() -> Bool {
        while sent < outgoing.count {
            let count = outgoing.withUnsafeBytes {
                send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN { break }
                return false
            }
            sent += count
        }
        if sent == outgoing.count {
            outgoing.removeAll(keepingCapacity: outgoing.count < 1 << 16)
            sent = 0
        } else if sent > 1 << 20 {
            outgoing.removeFirst(sent)
            sent = 0
        }
        return true
    }

    /// Takes what has arrived, 64 KiB at most; false when the other side is gone.
    mutating func receive() -> Bool {
        if consumed == incoming.count {
            incoming.removeAll(keepingCapacity: incoming.count <= 1 << 16)
            consumed = 0
        } else if consumed > 1 << 16 {
            incoming.removeFirst(consumed)
            consumed = 0
        }
        while true {
            let count = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
                let count = recv(descriptor, buffer.baseAddress!, buffer.count, 0)
                if count > 0 { incoming.append(contentsOf: buffer[..<count]) }
                return count
            }
            if count < 0, errno == EINTR { continue }
            return count > 0 || (count < 0 && errno == EAGAIN)
        }
    }

    /// The next whole message that has arrived.
    mutating func next() throws(MalformedMessage) -> ArraySlice<UInt8>? {
        let available = incoming.count - consumed
        guard available >= 4 else { return nil }
        var length = 0
        for place in (0..<4).reversed() { length = length << 8 | Int(incoming[consumed + place]) }
        guard length <= Self.longestMessage else { throw MalformedMessage() }
        guard available >= 4 + length else { return nil }
        defer { consumed += 4 + length }
        return incoming[(consumed + 4)..<(consumed + 4 + length)]
    }
}
