import Diagnostics
import Glibc
import PipelineLanguage
import Platform
import Testing

@testable import Projects

/// A socket on 127.0.0.1 and a port the system chose.
private final class Listener {
    let descriptor: Int32
    let port: UInt16

    /// - Parameter backlog: Connections that may wait; nil binds and does not listen.
    init(backlog: Int32?) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                try #require(bind(descriptor, raw, size) == 0)
                try #require(getsockname(descriptor, raw, &size) == 0)
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        if let backlog { try #require(listen(descriptor, backlog) == 0) }
    }

    deinit { close(descriptor) }
}

private let pipeline = """
    requires: [mysql, postgres, s3]
    stages:
      rows: { uses: collect.csv, with: { path: rows.csv } }

    """

@Suite struct ServerCheckTests {
    private func loaded(_ text: String = pipeline) throws -> LoadedPipeline {
        let project = try SmallProject(text)
        try project.write("rows.csv", "a\n1\n")
        return try project.plan()
    }

    @Test func serversThatAnswerAreFine() throws {
        let listener = try Listener(backlog: 8)
        let variables = [
            "MYSQL_HOST": "127.0.0.1", "MYSQL_TCP_PORT": "\(listener.port)", "PGHOST": "localhost",
            "PGPORT": "\(listener.port)", "AWS_ENDPOINT_URL": "http://127.0.0.1:\(listener.port)/bucket",
        ]
        try loaded().checkServers(environment: variables)
    }

    @Test func everyServerThatDoesNotAnswerIsNamed() throws {
        let closed = try Listener(backlog: nil)
        let variables = ["MYSQL_TCP_PORT": "\(closed.port)", "PGHOST": "/nowhere"]
        let error = #expect(throws: DiagnosticError.self) {
            try loaded().checkServers(environment: variables)
        }
        let lines = DiagnosticRenderer().render(try #require(error).diagnostics).split(separator: "\n")
        let text = lines.map { line in
            line.firstRange(of: "p.yaml").map { String(line[$0.lowerBound...]) } ?? String(line)
        }.joined(separator: "\n")
        #expect(
            text == """
                p.yaml:1:12: error: the pipeline requires 'mysql', which is not reachable
                requires: [mysql, postgres, s3]
                           ^~~~~
                  looked at: 127.0.0.1:\(closed.port)
                  reason: Connection refused
                  fix: start it, or correct where it is: in the stage that asks it, MYSQL_HOST and MYSQL_TCP_PORT, or the profile
                p.yaml:1:19: error: the pipeline requires 'postgres', which is not reachable
                requires: [mysql, postgres, s3]
                                  ^~~~~~~~
                  looked at: /nowhere/.s.PGSQL.5432
                  reason: No such file or directory
                  fix: start it, or correct where it is: in the stage that asks it, PGHOST and PGPORT, or the profile
                p.yaml:1:29: error: the pipeline requires 's3', which is not reachable
                requires: [mysql, postgres, s3]
                                            ^~
                  reason: nothing says where it is
                  fix: set AWS_ENDPOINT_URL to where it is
                """)
    }

    @Test func aServerThatDoesNotAcceptIsGivenUp() throws {
        let listener = try Listener(backlog: 0)
        let address = ServerAddress.tcp(host: "127.0.0.1", port: "\(listener.port)")
        // The kernel lets a few wait; who comes after them gets no answer.
        var waiting: [Int32] = []
        defer { for descriptor in waiting { close(descriptor) } }
        for _ in 0..<8 {
            let descriptor = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            var peer = sockaddr_in()
            peer.sin_family = sa_family_t(AF_INET)
            peer.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            peer.sin_port = listener.port.bigEndian
            withUnsafePointer(to: &peer) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            waiting.append(descriptor)
        }
        let start = monotonicSeconds()
        #expect(address.refusal(within: 0.3) == "no answer in time")
        #expect(monotonicSeconds() - start >= 0.29)
    }

    /// Where a server is looked for when stages of a pipeline fetch from it, or none does, and why that is not known.
    private func places(
        _ name: String, _ variables: [String: String] = [:], _ text: String = pipeline
    ) throws -> (addresses: [String], errors: [String]) {
        let plan = try loaded(text).plan
        let places = ServerCheck(environment: variables).places(of: name, plan, isWhole: true)
        return (places.addresses.map { "\($0)" }, places.errors.map(\.message))
    }

    private func addresses(
        _ name: String, _ variables: [String: String] = [:], _ text: String = pipeline
    ) throws -> [String] {
        let (addresses, errors) = try places(name, variables, text)
        #expect(errors == [])
        return addresses
    }

    @Test func addressesAreThoseOfTheUsualVariables() throws {
        #expect(try addresses("mysql") == ["127.0.0.1:3306"])
        #expect(try addresses("mysql", ["MYSQL_HOST": "db", "MYSQL_TCP_PORT": "13306"]) == ["db:13306"])
        #expect(try addresses("postgres", ["PGHOST": "", "PGPORT": "15432"]) == ["127.0.0.1:15432"])
        #expect(try addresses("postgres", ["PGHOST": "/run/pg"]) == ["/run/pg/.s.PGSQL.5432"])
        #expect(try places("s3").errors == ["nothing says where it is"])
        #expect(
            try addresses("s3", ["AWS_ENDPOINT_URL": "https://store.example/a:b"]) == ["store.example:443"])
        #expect(try addresses("s3", ["AWS_ENDPOINT_URL": "http://store.example"]) == ["store.example:80"])
        #expect(
            try addresses(
                "s3", ["AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://u:p@[::1]:9000/"])
                == ["[::1]:9000"])
        for address in ["localhost:9000", "http://a:99999"] {
            #expect(
                try places("s3", ["AWS_ENDPOINT_URL": address]).errors == ["nothing says where it is"])
        }
    }

    @Test func aStageThatFetchesSaysWhereItsServerIs() throws {
        let home = try SmallProject(pipeline)
        try home.write(".my.cnf", "[client]\nhost=profile\nport=3399\n")
        let fetching = """
            stages:
              here: { uses: collect.sql, with: { database: mysql, host: h, port: 1, table: t } }
              there: { uses: collect.sql, with: { database: mysql, table: t } }
              again: { uses: collect.sql, with: { database: mysql, host: h, port: 1, table: u } }
              other: { uses: collect.sql, with: { database: postgres, socket: /run/pg, table: t } }
              store: { uses: collect.s3, with: { bucket: events, endpoint: "http://store.example" } }
              aws: { uses: collect.s3, with: { bucket: events } }

            """
        let variables = ["HOME": home.folder]
        #expect(try addresses("mysql", variables, fetching) == ["h:1", "profile:3399"])
        #expect(try addresses("mysql", variables) == ["profile:3399"])
        #expect(try addresses("postgres", variables, fetching) == ["/run/pg/.s.PGSQL.5432"])
        #expect(try addresses("s3", variables, fetching) == ["store.example:80"])
        // Of a part that has no command, a server that nobody fetches from is nobody's.
        let part = try loaded().plan
        let check = ServerCheck(environment: variables)
        let places = check.places(of: "mysql", part, isWhole: false)
        #expect(places.addresses == [] && places.errors == [])
    }

    @Test func filesOfAnotherServersClientsAreNotRead() throws {
        let home = try SmallProject(pipeline)
        try home.write(".my.cnf", "[client]\nport=many\n")
        try Files.makeDirectories(home.folder + "/.aws")
        try home.write(".aws/config", "neither a section nor a setting\n")
        let fetching = """
            stages:
              rows: { uses: collect.sql, with: { database: mysql, table: t } }
              other: { uses: collect.sql, with: { database: postgres, host: h, table: t } }
              store: { uses: collect.s3, with: { bucket: events } }

            """
        let variables = ["HOME": home.folder]
        #expect(try addresses("postgres", variables, fetching) == ["h:5432"])
        let mysql = try places("mysql", variables, fetching)
        #expect(mysql.addresses == [])
        #expect(mysql.errors == ["~/.my.cnf: port is 'many', which is no port"])
        #expect(try places("s3", variables, fetching).errors.count == 1)
    }

    @Test func aStageThatCannotSayWhereHidesNoOther() throws {
        let (closed, other) = (try Listener(backlog: nil), try Listener(backlog: nil))
        let home = try SmallProject(pipeline)
        try home.write(".my.cnf", "[client]\nport=many\n")
        let fetching = """
            requires: [mysql]
            stages:
              vague: { uses: collect.sql, with: { database: mysql, table: t } }
              again: { uses: collect.sql, with: { database: mysql, table: u } }
              here: { uses: collect.sql, with: { database: mysql, host: 127.0.0.1, port: \(closed.port), table: t } }
              there: { uses: collect.sql, with: { database: mysql, host: 127.0.0.1, port: \(other.port), table: t } }

            """
        let error = #expect(throws: DiagnosticError.self) {
            try loaded(fetching).checkServers(environment: ["HOME": home.folder])
        }
        let text = DiagnosticRenderer().render(try #require(error).diagnostics)
        #expect(
            text.hasSuffix(
                """
                  looked at: 127.0.0.1:\(closed.port)
                             127.0.0.1:\(other.port)
                  reason: 127.0.0.1:\(closed.port): Connection refused
                          127.0.0.1:\(other.port): Connection refused
                          ~/.my.cnf: port is 'many', which is no port; set it to a number, such as 3306
                  fix: start it, or correct where it is: in the stage that asks it, MYSQL_HOST and MYSQL_TCP_PORT, or the profile

                """), "\(text)")
    }

    @Test func aProfileThatSaysWhatCannotBeIsTold() throws {
        let home = try SmallProject(pipeline)
        try home.write(".my.cnf", "[client]\nport=many\n")
        let error = #expect(throws: DiagnosticError.self) {
            try loaded(pipeline.replacing(", postgres, s3", with: "")).checkServers(environment: [
                "HOME": home.folder
            ])
        }
        let text = DiagnosticRenderer().render(try #require(error).diagnostics)
        for line in [
            "reason: ~/.my.cnf: port is 'many', which is no port", "fix: set it to a number, such as 3306",
        ] { #expect(text.contains(line), "\(text)") }
    }
}
