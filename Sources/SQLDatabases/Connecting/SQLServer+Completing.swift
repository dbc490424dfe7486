import Platform

extension SQLServer {
    /// Takes what nobody said from the usual variables and profiles, so that whoever asks, asks the same server: for MySQL
    /// from `[client]` of `~/.my.cnf`, over which a variable wins, since it is nearer to the run; for PostgreSQL from the
    /// service that PGSERVICE names, which wins over the other variables, as in all of its clients.
    ///
    /// - Throws: `SQLError.credentials` for a variable or a profile that says what cannot be.
    public func completed(_ environment: [String: String]) throws(SQLError) -> SQLServer {
        var server = self
        switch dialect {
        case .mysql: try server.completeMySQL(environment)
        case .postgres: try server.completePostgres(environment)
        case .sqlite: break
        }
        return server
    }

    private mutating func completeMySQL(_ environment: [String: String]) throws(SQLError) {
        // A place in the pipeline is a whole: the socket of a variable is not one of its host.
        if host == nil, socket == nil {
            host = environment.text("MYSQL_HOST")
            if host == nil { socket = environment.text("MYSQL_UNIX_PORT") }
        }
        if port == nil { port = try Self.port(environment.text("MYSQL_TCP_PORT"), "MYSQL_TCP_PORT") }
        password = password ?? environment["MYSQL_PWD"]
        let options = try OptionFile.ofClient(environment)
        if host == nil, socket == nil {
            host = options["host"]
            if host == nil { socket = options["socket"] }
        }
        if port == nil { port = try Self.port(options["port"], "~/.my.cnf: port") }
        user = user ?? options["user"] ?? environment.text("USER") ?? environment.text("LOGNAME")
        password = password ?? options["password"]
        name = name ?? options["database"]
        authority = authority ?? options["ssl-ca"]
        if certificate == nil, key == nil {
            (certificate, key) = (options["ssl-cert"], options["ssl-key"])
        }
        encryption = encryption ?? OptionFile.encryption(options)
        if socket == nil { host = host ?? "127.0.0.1" }
    }

    private mutating func completePostgres(_ environment: [String: String]) throws(SQLError) {
        let service = try ServiceFile.options(environment)
        func said(_ option: String, _ variable: String) -> String? {
            service[option] ?? environment.text(variable)
        }
        let portOrigin = service["port"] == nil ? "PGPORT" : "the service's port"
        if port == nil { port = try Self.port(said("port", "PGPORT"), portOrigin) }
        if host == nil, socket == nil { host = said("host", "PGHOST") }
        // libpq connects to it whoever said the name.
        number = number ?? said("hostaddr", "PGHOSTADDR")
        if host?.hasPrefix("/") == true { (socket, host) = (host, nil) }
        if host == nil, socket == nil, number == nil {
            socket = Self.usualSockets.first { Files.exists(Self.socket(in: $0, port: port ?? standardPort)) }
            if socket == nil { host = "127.0.0.1" }
        }
        name = name ?? said("dbname", "PGDATABASE")
        user = user ?? said("user", "PGUSER")
        password = password ?? said("password", "PGPASSWORD")
    }

    /// Folders in which PostgreSQL's sockets lie, as Debian and as its makers build it.
    private static let usualSockets = ["/var/run/postgresql", "/tmp"]

    private static func port(_ text: String?, _ origin: String) throws(SQLError) -> Int? {
        guard let text else { return nil }
        guard let port = UInt16(text), port > 0 else {
            throw .credentials(
                "\(origin) is '\(text)', which is no port", fix: "set it to a number, such as 3306")
        }
        return Int(port)
    }

    /// What of a completed server nobody is to see, wherever it was read: its password, or those of the password file, and
    /// what else a service holds.
    public func secrets(_ environment: [String: String]) -> [String] {
        let said = [password].compactMap { $0 }.filter { !$0.isEmpty }
        guard dialect == .postgres else { return said }
        // One that cannot be read has stopped `completed`.
        let service = (try? ServiceFile.options(environment)) ?? [:]
        let secrets = said + ServiceFile.secrets(service)
        guard said.isEmpty, let path = PasswordFile.path(service, environment) else { return secrets }
        return secrets + PasswordFile.passwords(path)
    }
}

extension [String: String] {
    /// A variable or an option that is set to something.
    func text(_ variable: String) -> String? { self[variable].flatMap { $0.isEmpty ? nil : $0 } }
}
