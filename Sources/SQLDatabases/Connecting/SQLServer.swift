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
    /// Of the host, where it is said besides its name (PGHOSTADDR): what is connected to.
    public var number: String?
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

    /// Seconds in which nothing comes of a server that is there: it may sort for long before the first row.
    var silence = 3600.0

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
        let bytes: [UInt8]
        do {
            bytes = try Files.read(expanded(path, environment))
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

    /// Where it listens, once `completed`.
    public var endpoint: ServerAddress {
        let port = port ?? standardPort
        if let socket, number == nil {
            return .unix(path: dialect == .postgres ? Self.socket(in: socket, port: port) : socket)
        }
        return .tcp(host: number ?? host ?? "localhost", port: String(port))
    }

    /// PostgreSQL's socket in a folder.
    static func socket(in folder: String, port: Int) -> String { "\(folder)/.s.PGSQL.\(port)" }

    /// Which database of which server it is, once `completed`; nothing secret.
    public var place: String {
        [dialect.rawValue, address, host ?? "", name ?? "", user ?? ""].joined(separator: "\0")
    }

    var standardPort: Int { dialect == .mysql ? 3306 : 5432 }
}
