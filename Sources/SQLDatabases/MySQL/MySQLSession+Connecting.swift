import CMariaDB
import Platform

extension MySQLSession {
    /// Seconds a server may take to let us in.
    private static let patience = 15.0
    /// Ways to prove who we are by which no password can be read off an unencrypted line.
    private static let waysIn =
        "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,parsec,auth_gssapi_client"

    /// Connects as the server's `tls` says.
    static func connect(
        _ server: SQLServer, _ library: MariaDBLibrary
    ) throws(SQLError) -> MariaDBLibrary.Connection {
        let mustEncrypt = server.encryption == .required || server.encryption == .verified
        if mustEncrypt, MySQLGreeting.offersEncryption(server, within: patience) == false {
            throw MySQLFailure.noEncryption("the server has none")
        }
        guard let connection = library.initialize(nil) else { fatalError("no memory for a connection") }
        func set(_ option: CInt, _ value: CUnsignedInt) {
            withUnsafeBytes(of: value) { _ = library.setOption(connection, option, $0.baseAddress) }
        }
        func set(_ option: CInt, _ flag: Bool) {
            withUnsafeBytes(of: flag) { _ = library.setOption(connection, option, $0.baseAddress) }
        }
        func set(_ option: CInt, _ text: String) {
            text.withCString { _ = library.setOption(connection, option, $0) }
        }
        set(MariaDBOption.connectTimeout, CUnsignedInt(patience))
        set(MariaDBOption.readTimeout, CUnsignedInt(server.silence))
        set(MariaDBOption.charset, "utf8mb4")
        // A server may ask for files of the client; it gets none.
        set(MariaDBOption.localFiles, 0)
        if let encryption = server.encryption {
            set(MariaDBOption.encrypt, encryption != .off)
            // Newer libraries verify unless told otherwise, older ones do not.
            set(MariaDBOption.verifyServer, encryption == .verified)
        }
        // Asked to encrypt, the library goes on without where the server says that it cannot, unless it verifies; a plug-in
        // that says the password as it is must not be had then.
        if server.encryption != .verified { set(MariaDBOption.waysIn, waysIn) }
        // Else the library takes the host `localhost` for a Unix socket, whatever the port.
        set(MariaDBOption.transport, CUnsignedInt(server.socket == nil ? 1 : 2))
        if let certificate = server.certificate { set(MariaDBOption.certificate, certificate) }
        if let key = server.key { set(MariaDBOption.key, key) }
        if let authority = server.authority { set(MariaDBOption.authority, authority) }
        let isIn =
            library.connect(
                connection, server.socket == nil ? server.host : "localhost", server.user,
                server.password ?? "",
                server.name, CUnsignedInt(server.port ?? 0), server.socket, 0) != nil
        let isPlain = isIn && library.cipher(connection) == nil
        if isIn, !(isPlain && mustEncrypt) { return connection }
        let error =
            isIn
            ? MySQLFailure.noEncryption("the server has none")
            : MySQLFailure.error(
                ofConnecting: library.errorNumber(connection), String(cString: library.errorText(connection)),
                server)
        library.close(connection)
        throw error
    }
}

/// What numbers of errors mean. Sources: mariadb.com/kb/en/mariadb-error-codes (from 1000 on, of the server), errmsg.h of
/// Connector/C (from 2000 on, of the client).
enum MySQLFailure {
    static func noEncryption(_ reason: String) -> SQLError {
        .encryption(reason, fix: "mend it at the server, or write tls: preferred, or tls: off")
    }

    static func error(ofConnecting number: CUnsignedInt, _ text: String, _ server: SQLServer) -> SQLError {
        switch number {
        case 1045, 1698:
            return .denied(
                text,
                fix: "correct user and password: password: { env: NAME }, MYSQL_PWD, or [client] of ~/.my.cnf"
            )
        case 1044: return .denied(text, fix: "grant the user SELECT on it, or correct user or name")
        case 1049: return .denied(text, fix: "correct the database's name")
        case 2026:
            return noEncryption(text)
        case 2000...2999:
            // It repeats the place.
            let reason = text.firstRange(of: "' (").map { "(" + text[$0.upperBound...] } ?? text
            return .unreachable(address: server.address, reason: reason)
        default: return .denied(text, fix: "correct what the server says")
        }
    }

    static func error(
        _ number: CUnsignedInt, _ text: String, _ statement: SQLStatement, _ rows: Int
    ) -> SQLError {
        switch number {
        // 2020: a packet beyond what is taken; it would be once more.
        case 0, 1053, 1152, 1158...1161, 1184, 1317, 1927, 2000...2019, 2021...2999, 3169, 4031:
            return .lost(text, rows: rows)
        case 1969, 3024:
            return .limit(
                text,
                fix:
                    "ask for less at once: time_range, or an index on what is asked for; or raise max_statement_time"
            )
        case 1205, 1213, 3572:
            return .limit(text, fix: "run it again when who holds the lock is done")
        case 1142, 1143, 1227, 1370:
            return .denied(text, fix: "grant the user SELECT on it")
        default: return .refused(text, place: place(text, statement))
        }
    }

    /// MySQL tells the rest of the query from where it is wrong on: `near 'FORM t' at line 1`.
    private static func place(_ text: String, _ statement: SQLStatement) -> SQLPlace? {
        guard let from = text.firstRange(of: "near '"), let to = text.ranges(of: "' at line ").last,
            from.upperBound < to.lowerBound
        else { return nil }
        let near = String(text[from.upperBound..<to.lowerBound])
        let found = statement.text.ranges(of: near)
        guard found.count == 1 else { return nil }
        let before = statement.text.unicodeScalars[..<found[0].lowerBound]
        return statement.place(at: before.count)
    }
}
