import Diagnostics
import PipelineLanguage
import Platform

/// `requires: [mysql, postgres, s3]`: whether each server answers where the
/// usual variables say it is. Asked before a run starts anything, and never by
/// `check`, which does not touch the network.
struct ServerCheck {
    let environment: (String) -> String?

    static let known = ["mysql", "postgres", "s3"]
    /// So long a server may take to accept a connection, in seconds.
    static let limit = 2.0

    static func checkNames(_ requirements: [Requirement], into findings: inout Diagnostics) {
        for requirement in requirements where !known.contains(requirement.name) {
            findings.add(
                ProjectFinding.unknownRequirement(requirement.name, known: known), at: requirement.range)
        }
    }

    /// Every server that does not answer, each at its place.
    func run(_ requirements: [Requirement], into findings: inout Diagnostics) {
        var asked: Set<String> = []
        for requirement in requirements where asked.insert(requirement.name).inserted {
            let name = requirement.name
            let variables = Self.variables[name] ?? ""
            guard let address = address(of: name) else {
                findings.add(
                    ProjectFinding.serverWithoutAddress(name: name, variables: variables),
                    at: requirement.range)
                continue
            }
            if let reason = address.refusal(within: Self.limit) {
                findings.add(
                    ProjectFinding.serverMissing(
                        name: name, address: "\(address)", reason: reason, variables: variables),
                    at: requirement.range)
            }
        }
    }

    private static let variables = [
        "mysql": "MYSQL_HOST and MYSQL_TCP_PORT", "postgres": "PGHOST and PGPORT", "s3": "AWS_ENDPOINT_URL",
    ]

    /// Where a server is, by its clients' own variables and defaults; nil when
    /// nothing says so, or what says so cannot be read.
    func address(of name: String) -> ServerAddress? {
        func variable(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
        switch name {
        case "mysql":
            return .tcp(
                host: variable("MYSQL_HOST") ?? "127.0.0.1", port: variable("MYSQL_TCP_PORT") ?? "3306")
        case "postgres":
            let port = variable("PGPORT") ?? "5432"
            let host = variable("PGHOST") ?? "127.0.0.1"
            // As libpq does: a path is the folder of a Unix socket.
            return host.hasPrefix("/")
                ? .unix(path: "\(host)/.s.PGSQL.\(port)") : .tcp(host: host, port: port)
        default:
            return (variable("AWS_ENDPOINT_URL_S3") ?? variable("AWS_ENDPOINT_URL")).flatMap {
                ServerAddress(url: $0)
            }
        }
    }
}

extension LoadedPipeline {
    /// Names every required server that does not answer.
    ///
    /// - Throws: `DiagnosticError` with all of them.
    public func checkServers(environment: @escaping (String) -> String?) throws {
        var findings = Diagnostics()
        ServerCheck(environment: environment).run(requires, into: &findings)
        if findings.hasErrors { throw DiagnosticError(findings) }
    }
}
