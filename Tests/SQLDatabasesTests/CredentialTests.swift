import Glibc
import Platform
import TestServers
import Testing

@testable import SQLDatabases

@Suite struct CredentialTests {
    @Test func `a profile is read as MySQL's own clients read it`() {
        let options = OptionFile.options(
            """
            # comment
            ; comment
            !include /etc/other.cnf
            [mysqld]
            user = nobody
            [client]
            host=db.example.org
            port = 3307
            user = "a b"   # why
            password = 'x\\'#y\\\\z\\s'
            ssl_ca = /etc/ca.pem # there
            compress
            [mysql]
            user = interactive
            [client-mariadb]\r
            database = shop\r
            socket = /run/a#b
            comment = 'it' # isn't
            """)
        #expect(
            options == [
                "host": "db.example.org", "port": "3307", "user": "a b", "password": "x'#y\\z ",
                "ssl-ca": "/etc/ca.pem",
                "compress": "", "database": "shop", "socket": "/run/a", "comment": "it",
            ])
    }

    @Test(arguments: [
        ("", SQLServer.Encryption?.none), ("ssl", .required), ("skip-ssl", .off), ("ssl=0", .off),
        ("ssl-verify-server-cert", .verified), ("ssl_verify_server_cert=OFF", nil),
        ("ssl-mode=VERIFY_IDENTITY", .verified), ("ssl-mode=required", .required),
        ("ssl-mode=DISABLED", .off), ("ssl-mode=PREFERRED", .preferred),
    ])
    func `what a profile demands of encryption holds`(line: String, encryption: SQLServer.Encryption?) throws
    {
        let folder = try SQLiteFolder()
        try Files.write(
            Array("[client]\n\(line)\nssl-cert=/c\nssl-key=/k\n".utf8), to: "\(folder.path)/.my.cnf")
        let server = try SQLServer(.mysql).completed(["HOME": folder.path])
        #expect(server.encryption == encryption && server.certificate == "/c" && server.key == "/k")
        let said = try SQLServer(.mysql, encryption: .preferred).completed(["HOME": folder.path])
        #expect(said.encryption == .preferred)
    }

    @Test func `a place is a server and a database`() throws {
        let here = SQLServer(.mysql, host: "a", name: "x", user: "u", password: "hidden-word")
        var there = here
        there.host = "b"
        #expect(here.place != there.place && !here.place.contains("hidden-word"))
        there = here
        there.name = "y"
        #expect(here.place != there.place)
        let alone = SQLServer(.postgres)
        #expect(
            try alone.completed(["PGDATABASE": "x"]).place != alone.completed(["PGDATABASE": "y"]).place)
    }

    @Test func `a service is a section of its file`() throws {
        let text = """
            # servers
            [far]
            host=far.example
            [near]
              host=/run/pg
            port=5433\r
            # why
            port=5434
            password=a b=c
            [near]
            dbname=never
            """
        let near = try #require(ServiceFile.options(of: "near", text))
        #expect(near == ["host": "/run/pg", "port": "5433", "password": "a b=c"])
        #expect(ServiceFile.options(of: "nowhere", text) == nil)

        let folder = try SQLiteFolder()
        try Files.write(Array(text.utf8), to: "\(folder.path)/.pg_service.conf")
        try Files.write(Array("[common]\nhostaddr=10.0.0.9\n".utf8), to: "\(folder.path)/pg_service.conf")
        var environment = [
            "HOME": folder.path, "PGSYSCONFDIR": folder.path, "PGSERVICE": "near", "PGHOST": "other",
            "PGPORT": "1", "PGUSER": "me",
        ]
        let server = try SQLServer(.postgres).completed(environment)
        #expect(server.address == "/run/pg/.s.PGSQL.5433")
        #expect(server.user == "me" && server.secrets(environment) == ["a b=c"])
        #expect(try SQLServer(.postgres, host: "said").completed(environment).address == "said:5433")
        environment["PGSERVICE"] = "common"
        #expect(try SQLServer(.postgres).completed(environment).address == "10.0.0.9:1")
        environment["PGSERVICE"] = "unheard-of"
        #expect(try SQLServer(.postgres).completed(environment).address == "other:1")
        try Files.write(Array("[near]\nport=x\n".utf8), to: "\(folder.path)/.pg_service.conf")
        environment["PGSERVICE"] = "near"
        let error = #expect(throws: SQLError.self) { try SQLServer(.postgres).completed(environment) }
        #expect(
            error?.description
                == "the service's port is 'x', which is no port; set it to a number, such as 3306")
    }

    @Test func `the passwords that may be a server's are those of all lines`() throws {
        let folder = try SQLiteFolder()
        try Files.write(
            Array(
                #"""
                # a:1:b:c:comment
                db:5432:*:me:first
                db:5433:*:you:second:what stands here is not looked at
                \:\:1:*:shop:*:se\:cr\\et\
                short:line
                db:5432:*:me:

                """#.utf8) + Array("a:*:*:me:unix\u{2028}line\r\n".utf8), to: "\(folder.path)/.pgpass")
        let environment = ["HOME": folder.path]
        let all = ["first", "second", #"se:cr\et\"#, "unix\u{2028}line"]
        #expect(SQLServer(.postgres, host: "db", user: "me").secrets(environment) == all)
        // libpq tries one host after the other.
        let many = try SQLServer(.postgres).completed(environment.merging(["PGHOST": "db1,db2"]) { $1 })
        #expect(many.secrets(environment) == all)
        #expect(SQLServer(.postgres, socket: "/run/pg", password: "").secrets(environment) == all)
        #expect(SQLServer(.postgres, password: "said").secrets(environment) == ["said"])
        #expect(SQLServer(.postgres).secrets(["PGPASSFILE": "/nowhere"]) == [])
    }

    @Test func `the password file is where libpq looks for it`() throws {
        let home = String(cString: try #require(getpwuid(geteuid())).pointee.pw_dir)
        #expect(PasswordFile.path([:], [:]) == home + "/.pgpass")
        #expect(PasswordFile.path([:], ["HOME": ""]) == home + "/.pgpass")
        var environment = ["HOME": "/h"]
        #expect(PasswordFile.path([:], environment) == "/h/.pgpass")
        environment["PGPASSFILE"] = "/p"
        #expect(PasswordFile.path([:], environment) == "/p")
        #expect(PasswordFile.path(["passfile": "/s"], environment) == "/s")
        #expect(PasswordFile.path(["passfile": ""], environment) == "/h/.pgpass")
    }

    @Test func `what else a service holds is secret too`() throws {
        let folder = try SQLiteFolder()
        try Files.write(Array("*:*:*:*:of-service\n".utf8), to: "\(folder.path)/passwords")
        try Files.write(Array("*:*:*:*:of-variable\n".utf8), to: "\(folder.path)/others")
        let service = "[s]\nhost=h\npassfile=\(folder.path)/passwords\nsslkey=/k\nsslpassword=of-key\n"
        try Files.write(Array(service.utf8), to: "\(folder.path)/.pg_service.conf")
        let environment = [
            "HOME": folder.path, "PGSERVICE": "s", "PGPASSFILE": "\(folder.path)/others",
        ]
        let server = try SQLServer(.postgres).completed(environment)
        #expect(server.secrets(environment) == ["of-key", "of-service"])
        let said = try SQLServer(.postgres, password: "said").completed(environment)
        #expect(said.secrets(environment) == ["said", "of-key"])
    }

    @Test func `a profile that is none is told`() throws {
        let folder = try SQLiteFolder()
        try Files.makeDirectories("\(folder.path)/.my.cnf")
        let error = #expect(throws: SQLError.self) {
            try SQLServer(.mysql).completed(["HOME": folder.path])
        }
        #expect(
            error?.description
                == "'\(folder.path)/.my.cnf' is no profile; write one there, or take it away")
    }

    @Test func `the pipeline says it, else a variable, else the profile`() throws {
        let folder = try SQLiteFolder()
        let environment = [
            "HOME": folder.path, "MYSQL_HOST": "variable", "MYSQL_PWD": "variable", "USER": "me",
        ]
        try Files.write(
            Array("[client]\nhost=profile\nport=3399\nuser=profile\npassword=profile\n".utf8),
            to: "\(folder.path)/.my.cnf")
        let empty = try SQLServer(.mysql).completed(environment)
        #expect(empty.host == "variable" && empty.port == 3399 && empty.user == "profile")
        #expect(empty.password == "variable")
        let said = try SQLServer(.mysql, host: "said", port: 1, user: "said", password: "said").completed(
            environment)
        #expect(said.host == "said" && said.port == 1 && said.user == "said" && said.password == "said")
        let alone = try SQLServer(.mysql).completed([:])
        #expect(alone.host == "127.0.0.1" && alone.address == "127.0.0.1:3306" && alone.user == nil)
        #expect(try SQLServer(.mysql).completed(["MYSQL_UNIX_PORT": "/s"]).address == "/s")
        #expect(try SQLServer(.postgres).completed(["PGHOST": "/run/pg"]).address == "/run/pg/.s.PGSQL.5432")
        #expect(try SQLServer(.postgres).completed(["PGHOST": "h", "PGPORT": "5433"]).address == "h:5433")
        let error = #expect(throws: SQLError.self) {
            try SQLServer(.mysql).completed(["MYSQL_TCP_PORT": "x"])
        }
        #expect(
            error?.description == "MYSQL_TCP_PORT is 'x', which is no port; set it to a number, such as 3306")
    }

    @Test func `a password is the first line of its file`() throws {
        let folder = try SQLiteFolder()
        let path = "\(folder.path)/password"
        try Files.write(Array("  öpen \r\nsecond\n".utf8), to: path)
        #expect(try SQLServer.password(inFile: path, environment: [:]) == "  öpen ")
        #expect(try SQLServer.password(inFile: "~/password", environment: ["HOME": folder.path]) == "  öpen ")
        try Files.write(Array("\nsecond".utf8), to: path)
        let empty = #expect(throws: SQLError.self) { try SQLServer.password(inFile: path, environment: [:]) }
        #expect(empty?.message == "the file '\(path)' has no password in its first line")
        let none = #expect(throws: SQLError.self) {
            try SQLServer.password(inFile: path + "x", environment: [:])
        }
        #expect(none?.message.hasPrefix("the file with the password cannot be read: ") == true)
    }

    @Test func `a secret is struck out of what servers say`() {
        let error = SQLError.denied("no user 'a' with 'hunter22'", fix: "x").without([
            "hunter2", "hunter22", "abc",
        ])
        #expect(error.message == "the server lets nobody in: no user 'a' with '***'")
    }

    @Test(.enabled(if: !Ground.all.isEmpty, "no database server is installed"), arguments: Ground.all)
    func `the environment and the profile let us in`(ground: Ground) throws {
        let folder = try SQLiteFolder()
        let selection = SQLSelection(.query(try QueryText("SELECT 1 AS n", ground.dialect)))
        let port = String(ground.server.port)
        if ground.dialect == .mysql {
            let variables = [
                "MYSQL_HOST": "127.0.0.1", "MYSQL_TCP_PORT": port, "MYSQL_PWD": MariaDBServer.password,
            ]
            let server = SQLServer(.mysql, user: MariaDBServer.user)
            #expect(try SQLRows(server, variables, selection).texts() == ["1"])
            try Files.write(
                Array(
                    "[client]\nhost=127.0.0.1\nport=\(port)\nuser=\(MariaDBServer.user)\npassword=\(MariaDBServer.password)\n"
                        .utf8), to: "\(folder.path)/.my.cnf")
            #expect(try SQLRows(SQLServer(.mysql), ["HOME": folder.path], selection).texts() == ["1"])
        } else {
            let variables = [
                "PGHOST": "127.0.0.1", "PGPORT": port, "PGUSER": MariaDBServer.user, "PGDATABASE": "demo",
                "PGPASSWORD": MariaDBServer.password,
            ]
            #expect(try SQLRows(SQLServer(.postgres), variables, selection).texts() == ["1"])
            let path = "\(folder.path)/.pgpass"
            try Files.write(
                Array("127.0.0.1:\(port):*:\(MariaDBServer.user):\(MariaDBServer.password)\n".utf8), to: path)
            chmod(path, 0o600)
            var server = ground.address()
            server.password = nil
            #expect(try SQLRows(server, ["HOME": folder.path], selection).texts() == ["1"])
            try Files.write(
                Array(
                    "[here]\nhost=127.0.0.1\nport=\(port)\ndbname=demo\nuser=\(MariaDBServer.user)\npassword=\(MariaDBServer.password)\n"
                        .utf8), to: "\(folder.path)/.pg_service.conf")
            let service = ["PGSERVICE": "here", "HOME": folder.path, "PGPORT": "1"]
            #expect(try SQLRows(SQLServer(.postgres), service, selection).texts() == ["1"])
            let unknown = ["PGSERVICE": "unheard-of", "HOME": folder.path, "PGPORT": port]
            let said = ground.error { _ = try SQLRows(SQLServer(.postgres), unknown, selection) }
            #expect(said.contains(#"definition of service "unheard-of" not found"#), "\(said)")
        }
    }

    /// As what a query makes of the data would say it.
    @Test(.enabled(if: !Ground.all.isEmpty, "no database server is installed"), arguments: Ground.all)
    func `a password of a profile is struck out of what the server says`(ground: Ground) throws {
        let folder = try SQLiteFolder()
        let (user, password) = (MariaDBServer.user, MariaDBServer.password)
        try Files.write(Array("[client]\npassword=\(password)\n".utf8), to: "\(folder.path)/.my.cnf")
        let path = "\(folder.path)/.pgpass"
        try Files.write(Array("127.0.0.1:\(ground.server.port):demo:\(user):\(password)\n".utf8), to: path)
        chmod(path, 0o600)
        var server = ground.address()
        server.password = nil
        let query =
            ground.dialect == .mysql
            ? "SELECT `\(password)`"
            : "SELECT ('\(password.prefix(5))' || '\(password.dropFirst(5))')::int AS n"
        let selection = SQLSelection(.query(try QueryText(query, ground.dialect)))
        let said = ground.error { _ = try SQLRows(server, ["HOME": folder.path], selection).texts() }
        #expect(said.contains("***") && !said.contains(password), "\(said)")
    }

    @Test(.enabled(if: !Ground.all.isEmpty, "no database server is installed"), arguments: Ground.all)
    func `encryption is had where it is asked for, and a server is believed when it is vouched for`(
        ground: Ground
    ) throws {
        let cipher =
            ground.dialect == .mysql
            ? "SELECT VARIABLE_VALUE <> '' AS n FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'"
            : "SELECT ssl::int AS n FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        let selection = SQLSelection(.query(try QueryText(cipher, ground.dialect)))
        var server = ground.address()
        for (encryption, isEncrypted) in [
            (SQLServer.Encryption.off, "0"), (.preferred, "1"), (.required, "1"),
        ] {
            server.encryption = encryption
            #expect(try SQLRows(server, [:], selection).texts() == [isEncrypted])
        }
        server.encryption = .verified
        let said = ground.error { _ = try SQLRows(server, [:], selection) }
        #expect(said.hasPrefix("no encrypted connection: "), "\(said)")
        server.authority = ground.server.certificate
        let environment = ["PGSSLROOTCERT": ground.server.certificate]
        #expect(try SQLRows(server, environment, selection).texts() == ["1"])
    }

    /// As somebody between us and the server would say it.
    @Test(.enabled(if: !Ground.all.isEmpty, "no database server is installed"), arguments: Ground.all)
    func `a server that has no encryption is refused where it is required`(ground: Ground) throws {
        let selection = SQLSelection(.query(try QueryText("SELECT 1 AS n", ground.dialect)))
        let isMySQL = ground.dialect == .mysql
        let relay = try DroppingRelay(to: ground.server.port) { bytes in
            if isMySQL {
                // Of the flags behind the version, the thread and half of the salt: bit 11.
                guard let end = bytes[5...].firstIndex(of: 0) else { return }
                bytes[end + 4 + 8 + 2 + 1] &= ~0x08
            } else if bytes[0] == UInt8(ascii: "S") {
                bytes[0] = UInt8(ascii: "N")
            }
        }
        for encryption in [SQLServer.Encryption.required, .verified] {
            var server = ground.address(port: relay.port)
            server.encryption = encryption
            let said = ground.error { _ = try SQLRows(server, [:], selection) }
            #expect(said.hasPrefix("no encrypted connection: "), "\(said)")
            #expect(said.hasSuffix("; mend it at the server, or write tls: preferred, or tls: off"))
        }
        #expect(relay.connections == 2)
        guard isMySQL else { return }
        var server = ground.address(port: relay.port)
        server.encryption = .preferred
        #expect(try SQLRows(server, [:], selection).texts() == ["1"])
        #expect(relay.connections == 3)
    }
}
