import Glibc
import Platform

/// A socket on a port of the system's choice.
public func listenOnLoopback() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = loopback(0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    try withUnsafeMutablePointer(to: &address) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            guard bind(descriptor, pointer, size) == 0, listen(descriptor, 64) == 0,
                getsockname(descriptor, pointer, &size) == 0
            else { throw SystemError("listen at", "127.0.0.1") }
        }
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}

/// A port that nobody listens at.
public func freePort() throws -> Int {
    let (descriptor, port) = try listenOnLoopback()
    close(descriptor)
    return Int(port)
}

func connectToLoopback(_ port: Int) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = loopback(UInt16(port))
    try withUnsafePointer(to: &address) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            guard connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 else {
                throw SystemError("connect to", "127.0.0.1:\(port)")
            }
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

/// Runs something in a thread of its own: what waits must not take a thread of the tests.
public func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { box in
            Unmanaged<Box>.fromOpaque(box!).takeRetainedValue().body()
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
    pthread_detach(thread)
}
