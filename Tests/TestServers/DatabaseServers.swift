import Glibc
import Platform

/// A database server of the tests: started when it is first needed, once for the whole test process.
public protocol DatabaseServer: Sendable {
    var port: Int { get }
    /// Of its Unix socket; for PostgreSQL the folder.
    var socket: String { get }
    /// The file of the certificate that it shows, which vouches for itself.
    var certificate: String { get }
    /// Runs statements as the server's administrator, by the server's own client.
    @discardableResult
    func run(_ statements: String, database: String?) throws -> String
}

extension DatabaseServer {
    /// Whom tests ask as, and its password.
    public static var user: String { "app" }
    public static var password: String { "s3cret-of-the-tests" }

    @discardableResult
    public func run(_ statements: String) throws -> String { try run(statements, database: "demo") }
}

/// MariaDB, with a database `demo` and a user who may do everything in it.
public final class MariaDBServer: DatabaseServer {
    public let port: Int
    public let socket: String
    private let process: ServerProcess
    public var certificate: String { process.folder + "/cert.pem" }

    /// Nil where it is not installed.
    public static let shared: MariaDBServer? = {
        guard access("/usr/sbin/mariadbd", X_OK) == 0 else {
            print("MySQL is not asked: there is no mariadbd (apt install mariadb-server)")
            return nil
        }
        do {
            return try MariaDBServer()
        } catch {
            fatalError("MariaDB does not start: \(error)")
        }
    }()

    private init() throws {
        let folder = try ServerProcess.makeFolder("mariadb")
        let port = try freePort()
        socket = "\(folder)/run/m.sock"
        self.port = port
        let user = ServerProcess.isRoot ? "--user=mysql" : ""
        try ServerProcess.shell(
            """
            mkdir -p \(folder)/data \(folder)/run
            \(ServerProcess.certificate(in: folder))
            \(ServerProcess.isRoot ? "chown -R mysql:mysql \(folder)" : ":")
            mariadb-install-db --no-defaults \(user) --datadir=\(folder)/data \
            --auth-root-authentication-method=normal --skip-test-db
            """)
        process = try ServerProcess(
            """
            mariadbd --no-defaults \(user) --datadir=\(folder)/data --socket=\(socket) \
            --pid-file=\(folder)/run/m.pid --bind-address=127.0.0.1 --port=\(port) --skip-name-resolve \
            --ssl-cert=\(folder)/cert.pem --ssl-key=\(folder)/key.pem --innodb-buffer-pool-size=64M --innodb-flush-log-at-trx-commit=0
            """, in: folder, ownsFolder: true)
        let ping = "mariadb-admin --no-defaults -uroot -S \(socket) ping"
        try process.waitUntil { (try? ServerProcess.shell(ping)) != nil }
        try run(
            """
            CREATE DATABASE demo CHARACTER SET utf8mb4;
            CREATE USER '\(Self.user)'@'127.0.0.1' IDENTIFIED BY '\(Self.password)';
            CREATE USER '\(Self.user)'@'localhost' IDENTIFIED BY '\(Self.password)';
            GRANT ALL ON demo.* TO '\(Self.user)'@'127.0.0.1', '\(Self.user)'@'localhost';
            """, database: nil)
    }

    @discardableResult
    public func run(_ statements: String, database: String?) throws -> String {
        let file = "\(process.folder)/\(UInt64.random(in: 0 ... .max)).sql"
        defer { unlink(file) }
        try Files.write(Array(statements.utf8), to: file)
        return try ServerProcess.shell(
            "mariadb --no-defaults --default-character-set=utf8mb4 -N -uroot -S \(socket) \(database ?? "") < \(file)"
        )
    }
}

/// PostgreSQL, with a database `demo` that belongs to the tests' user.
public final class PostgresServer: DatabaseServer {
    public let port: Int
    public let socket: String
    private let process: ServerProcess
    private let programs: String
    public var certificate: String { process.folder + "/cert.pem" }

    /// Nil where it is not installed.
    public static let shared: PostgresServer? = {
        let versions = ((try? Files.list("/usr/lib/postgresql")) ?? []).sorted {
            (Int($0) ?? 0) < (Int($1) ?? 0)
        }
        guard
            let version = versions.last(where: { access("/usr/lib/postgresql/\($0)/bin/initdb", X_OK) == 0 })
        else {
            print("PostgreSQL is not asked: it is not installed (apt install postgresql)")
            return nil
        }
        do {
            return try PostgresServer("/usr/lib/postgresql/\(version)/bin")
        } catch {
            fatalError("PostgreSQL does not start: \(error)")
        }
    }()

    private init(_ programs: String) throws {
        let folder = try ServerProcess.makeFolder("postgres")
        let port = try freePort()
        socket = "\(folder)/run"
        self.port = port
        self.programs = programs
        // It refuses to run as root.
        let become = ServerProcess.isRoot ? "setpriv --reuid=postgres --regid=postgres --init-groups" : ""
        try ServerProcess.shell(
            """
            mkdir -p \(folder)/run; echo '\(Self.password)' > \(folder)/password; cd \(folder)
            \(ServerProcess.certificate(in: folder))
            \(ServerProcess.isRoot ? "chown -R postgres:postgres \(folder)" : ":")
            \(become) \(programs)/initdb -D \(folder)/data -A scram-sha-256 --pwfile=\(folder)/password \
            -U postgres -E UTF8 --locale=C.UTF-8
            """)
        process = try ServerProcess(
            """
            \(become) \(programs)/postgres -D \(folder)/data -p \(port) -c listen_addresses=127.0.0.1 \
            -c unix_socket_directories=\(folder)/run -c fsync=off \
            -c ssl=on -c ssl_cert_file=\(folder)/cert.pem -c ssl_key_file=\(folder)/key.pem
            """, in: folder, signal: "INT", ownsFolder: true)
        try process.waitUntil { (try? run("SELECT 1", database: "postgres")) != nil }
        try run("CREATE USER \(Self.user) PASSWORD '\(Self.password)'", database: "postgres")
        try run("CREATE DATABASE demo OWNER \(Self.user)", database: "postgres")
        try run("ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO \(Self.user)", database: "demo")
    }

    @discardableResult
    public func run(_ statements: String, database: String?) throws -> String {
        let file = "\(process.folder)/\(UInt64.random(in: 0 ... .max)).sql"
        defer { unlink(file) }
        try Files.write(Array(statements.utf8), to: file)
        return try ServerProcess.shell(
            """
            PGPASSWORD='\(Self.password)' psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -p \(port) -U postgres \
            -d \(database ?? "postgres") -f \(file)
            """)
    }
}
