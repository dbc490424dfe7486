import Platform

/// Where a database server is and who asks it.
public struct SQLServer: Sendable {
    /// Words of the parameter `tls`; nil leaves it to the client library.
    public enum Encryption: String, Sendable, CaseIterable {
        case off, preferred, required, verified
    }

    public var dialect: SQLDialect
    /// What is nil the environment says, then the profile, then the client library.
    public var host: String?
    public var port: Int?
    /// A Unix socket; for PostgreSQL the folder it lies in.
    public var socket: String?
    /// Of the database.
    public var name: String?
    public var user: String?
    public var password: String?
    public var encryption: Encryption?
    /// A file of certificates that vouch for the server.
    public var authority: String?
    /// Files of the certificate we show, and its key.
    public var certificate: String?
    public var key: String?

    /// - Precondition: The dialect is one of a server.
    public init(
        _ dialect: SQLDialect, host: String? = nil, port: Int? = nil, socket: String? = nil,
        name: String? = nil, user: String? = nil, password: String? = nil, encryption: Encryption? = nil
    ) {
        precondition(dialect != .sqlite, "SQLite is a file")
        self.dialect = dialect
        self.host = host
        self.port = port
        self.socket = socket
        self.name = name
        self.user = user
        self.password = password
        self.encryption = encryption
    }

    /// The first line of a file with a password.
    ///
    /// - Parameter path: Absolute, or `~/...`.
    public static func password(
        inFile path: String, environment: [String: String]
    ) throws(SQLError) -> String {
        let place = Self.expanded(path, environment)
        let bytes: [UInt8]
        do {
            bytes = try Files.read(place)
        } catch {
            throw .credentials(
                "the file with the password cannot be read: \(error)",
                fix: "write the password into '\(path)', readable to you alone")
        }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty, let text = String(validating: line, as: UTF8.self) else {
            throw .credentials(
                "the file '\(path)' has no password in its first line", fix: "write the password into it")
        }
        return text
    }

    static func expanded(_ path: String, _ environment: [String: String]) -> String {
        guard path.hasPrefix("~/") else { return path }
        return (environment["HOME"] ?? "") + path.dropFirst()
    }

    /// What messages call the server.
    public var address: String { "\(endpoint)" }

    /// Where it listens, as far as is known.
    public var endpoint: ServerAddress {
        if let socket {
            return .unix(path: dialect == .postgres ? "\(socket)/.s.PGSQL.\(port ?? 5432)" : socket)
        }
        return .tcp(host: host ?? "localhost", port: String(port ?? standardPort))
    }

    /// Which database of which server it is, once `completed`; nothing secret.
    ///
    /// - Parameter environment: libpq takes from it what nobody said.
    public func place(_ environment: [String: String]) -> String {
        func variable(_ name: String) -> String { dialect == .postgres ? environment[name] ?? "" : "" }
        let parts = [
            dialect.rawValue, address, name ?? variable("PGDATABASE"), user ?? variable("PGUSER"),
            variable("PGHOSTADDR"), variable("PGSERVICE"),
        ]
        return parts.joined(separator: "\0")
    }

    private var standardPort: Int { dialect == .mysql ? 3306 : 5432 }

    /// Takes what nobody said from the usual variables, and for MySQL from `[client]` of `~/.my.cnf`. A variable is
    /// nearer to the run than the profile, and so wins over it. libpq reads `~/.pgpass` and services itself.
    ///
    /// - Throws: `SQLError.credentials` for a variable or a profile that says what cannot be.
    public func completed(_ environment: [String: String]) throws(SQLError) -> SQLServer {
        var server = self
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        func port(_ name: String) throws(SQLError) -> Int? {
            guard let text = variable(name) else { return nil }
            guard let port = UInt16(text), port > 0 else {
                throw .credentials(
                    "\(name) is '\(text)', which is no port", fix: "set it to a number, such as 3306")
            }
            return Int(port)
        }
        switch dialect {
        case .mysql:
            // A place in the pipeline is a whole: the socket of a variable is not one of its host.
            if host == nil, socket == nil {
                server.host = variable("MYSQL_HOST")
                if server.host == nil { server.socket = variable("MYSQL_UNIX_PORT") }
            }
            if self.port == nil { server.port = try port("MYSQL_TCP_PORT") }
            server.password = password ?? environment["MYSQL_PWD"]
            try server.take(OptionFile.ofClient(environment))
            server.user = server.user ?? variable("USER") ?? variable("LOGNAME")
            if server.socket == nil { server.host = server.host ?? "127.0.0.1" }
        case .postgres:
            if host == nil, socket == nil { server.host = variable("PGHOST") }
            if self.port == nil { server.port = try port("PGPORT") }
            if server.host?.hasPrefix("/") == true { (server.socket, server.host) = (server.host, nil) }
        case .sqlite: break
        }
        return server
    }

    private mutating func take(_ options: [String: String]) throws(SQLError) {
        if host == nil, socket == nil {
            (host, socket) = (options["host"], options["host"] == nil ? options["socket"] : nil)
        }
        if port == nil, let text = options["port"] {
            guard let number = UInt16(text), number > 0 else {
                throw .credentials(
                    "~/.my.cnf: port: '\(text)' is no port", fix: "write a number, such as 3306")
            }
            port = Int(number)
        }
        user = user ?? options["user"]
        password = password ?? options["password"]
        name = name ?? options["database"]
        authority = authority ?? options["ssl-ca"]
        if certificate == nil, key == nil {
            (certificate, key) = (options["ssl-cert"], options["ssl-key"])
        }
        encryption = encryption ?? OptionFile.encryption(options)
    }
}
