import Platform

/// The first packet of a MySQL server, which it sends before it knows anything of us.
///
/// Source: mariadb.com/kb/en/connection, "Initial Handshake Packet".
enum MySQLGreeting {
    /// Whether a server offers encryption, asked on a connection of its own that says nothing; nil where nobody answers or
    /// the answer is another, which a real login tells better.
    static func offersEncryption(_ server: SQLServer, within seconds: Double) -> Bool? {
        let greeting = server.endpoint.greeting(within: seconds) { encryption(in: $0) != nil }
        return greeting.flatMap { encryption(in: $0) }
    }

    /// The flag CLIENT_SSL behind the version, the thread's number and half of the salt; nil while bytes are missing, and in
    /// an error.
    static func encryption(in bytes: [UInt8]) -> Bool? {
        let body = bytes.dropFirst(4)
        guard body.first == 10, let end = body.firstIndex(of: 0) else { return nil }
        let flags = end + 1 + 4 + 8 + 1
        return flags + 1 < bytes.count ? bytes[flags + 1] & 0x08 != 0 : nil
    }
}
