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
    private func loaded() throws -> LoadedPipeline {
        let project = try SmallProject(pipeline)
        try project.write("rows.csv", "a\n1\n")
        return try project.plan()
    }

    @Test func serversThatAnswerAreFine() throws {
        let listener = try Listener(backlog: 8)
        let variables = [
            "MYSQL_HOST": "127.0.0.1", "MYSQL_TCP_PORT": "\(listener.port)", "PGHOST": "localhost",
            "PGPORT": "\(listener.port)", "AWS_ENDPOINT_URL": "http://127.0.0.1:\(listener.port)/bucket",
        ]
        try loaded().checkServers { variables[$0] }
    }

    @Test func everyServerThatDoesNotAnswerIsNamed() throws {
        let closed = try Listener(backlog: nil)
        let variables = ["MYSQL_TCP_PORT": "\(closed.port)", "PGHOST": "/nowhere"]
        let error = #expect(throws: DiagnosticError.self) { try loaded().checkServers { variables[$0] } }
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
                  fix: start it, or set MYSQL_HOST and MYSQL_TCP_PORT to where it is
                p.yaml:1:19: error: the pipeline requires 'postgres', which is not reachable
                requires: [mysql, postgres, s3]
                                  ^~~~~~~~
                  looked at: /nowhere/.s.PGSQL.5432
                  reason: No such file or directory
                  fix: start it, or set PGHOST and PGPORT to where it is
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

    @Test func addressesAreThoseOfTheUsualVariables() {
        func address(_ name: String, _ variables: [String: String] = [:]) -> String? {
            ServerCheck { variables[$0] }.address(of: name).map { "\($0)" }
        }
        #expect(address("mysql") == "127.0.0.1:3306")
        #expect(address("mysql", ["MYSQL_HOST": "db", "MYSQL_TCP_PORT": "13306"]) == "db:13306")
        #expect(address("postgres") == "127.0.0.1:5432")
        #expect(address("postgres", ["PGHOST": "", "PGPORT": "15432"]) == "127.0.0.1:15432")
        #expect(address("postgres", ["PGHOST": "/run/pg"]) == "/run/pg/.s.PGSQL.5432")
        #expect(address("s3") == nil)
        #expect(address("s3", ["AWS_ENDPOINT_URL": "https://store.example/a:b"]) == "store.example:443")
        #expect(address("s3", ["AWS_ENDPOINT_URL": "http://store.example"]) == "store.example:80")
        #expect(
            address("s3", ["AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://u:p@[::1]:9000/"])
                == "[::1]:9000")
        #expect(address("s3", ["AWS_ENDPOINT_URL": "localhost:9000"]) == nil)
        #expect(address("s3", ["AWS_ENDPOINT_URL": "http://a:99999"]) == nil)
    }
}
