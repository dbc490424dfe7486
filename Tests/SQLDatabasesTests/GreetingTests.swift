import Glibc
import Synchronization
import TestServers
import Testing

@testable import SQLDatabases

/// A server that offers no encryption and asks for the password as it is.
private final class PlainServer: Sendable {
    let port: Int
    private let listener: Int32
    private let heard = Mutex<[UInt8]>([])
    /// All that was said to it.
    var bytes: [UInt8] { heard.withLock { $0 } }

    private static func packet(_ number: UInt8, _ body: [UInt8]) -> [UInt8] {
        [UInt8(body.count), 0, 0, number] + body
    }

    private static let greeting: [UInt8] = {
        var body: [UInt8] = [10] + Array("8.0.0\0".utf8) + [1, 0, 0, 0] + Array("saltsalt\0".utf8)
        // Everything usual but CLIENT_SSL, 0x0800.
        body += [0xFF, 0xF7, 45, 2, 0, 0x0F, 0x80, 21] + [UInt8](repeating: 0, count: 10)
        body += Array("saltsaltsalt\0mysql_native_password\0".utf8)
        return packet(0, body)
    }()

    init() throws {
        let (listener, port) = try listenOnLoopback()
        (self.listener, self.port) = (listener, Int(port))
        startThread { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { break }
                self?.serve(client)
                close(client)
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ client: Int32) {
        let turns = [Self.greeting, Self.packet(2, [0xFE] + Array("mysql_clear_password\0\0".utf8))]
        for turn in turns {
            _ = turn.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            heard.withLock { $0 += buffer[..<count] }
        }
    }
}

@Suite struct GreetingTests {
    @Test(
        .enabled(if: Ground.mysql != nil, "MariaDB is not installed"),
        arguments: SQLServer.Encryption.allCases.map(Optional.some) + [nil])
    func `no password is said as it is, and where encryption is required nothing is`(
        encryption: SQLServer.Encryption?
    ) throws {
        let plain = try PlainServer()
        let server = SQLServer(
            .mysql, host: "127.0.0.1", port: plain.port, name: "demo", user: "somebody",
            password: "a-word-of-mine", encryption: encryption)
        let said = #expect(throws: SQLError.self) {
            try SQLRows(server, [:], SQLSelection(.table(["t"])))
        }
        let heard = String(decoding: plain.bytes, as: UTF8.self)
        #expect(!heard.contains("a-word-of-mine"))
        if encryption == .required || encryption == .verified {
            #expect(plain.bytes == [])
            #expect(said?.message == "no encrypted connection: the server has none")
        } else if encryption != nil {
            #expect(heard.contains("somebody"))
        }
    }

    @Test func `a greeting says whether there is encryption, once it is there`() {
        let flags = [0, 0, 0, 0, 10] + Array("8\0".utf8) + [UInt8](repeating: 1, count: 13)
        #expect(MySQLGreeting.encryption(in: flags) == nil)
        #expect(MySQLGreeting.encryption(in: flags + [0xFF]) == nil)
        #expect(MySQLGreeting.encryption(in: flags + [0xFF, 0x08]) == true)
        #expect(MySQLGreeting.encryption(in: flags + [0xFF, 0xF7]) == false)
        #expect(MySQLGreeting.encryption(in: [0, 0, 0, 0, 0xFF] + [UInt8](repeating: 8, count: 40)) == nil)
    }
}
