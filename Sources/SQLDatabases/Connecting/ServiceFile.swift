import Platform

/// What a service of PostgreSQL's clients says of a server: a section of `~/.pg_service.conf`, which PGSERVICE names.
///
/// Source: postgresql.org/docs, "The Connection Service File"; libpq's parseServiceFileInternal (fe-connect.c).
enum ServiceFile {
    /// Options by their keywords; none where no service is named, and where no file has it, which libpq tells.
    static func options(_ environment: [String: String]) throws(SQLError) -> [String: String] {
        guard let service = environment.text("PGSERVICE") else { return [:] }
        let own =
            environment.text("PGSERVICEFILE") ?? Profiles.home(environment).map { $0 + "/.pg_service.conf" }
        let common = environment.text("PGSYSCONFDIR") ?? "/etc/postgresql-common"
        for path in [own, common + "/pg_service.conf"] {
            guard let path, let text = try Profiles.text(path) else { continue }
            if let found = options(of: service, text) { return found }
        }
        return [:]
    }

    /// What of a service nobody is to see, besides the password.
    static func secrets(_ options: [String: String]) -> [String] {
        ["sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"].compactMap {
            options.text($0)
        }
    }

    /// - Returns: Nil where no section has the name. The first of a keyword holds.
    static func options(of service: String, _ text: String) -> [String: String]? {
        var found: [String: String]?
        for line in text.split(whereSeparator: \.isNewline) {
            let line = Profiles.trimmed(line)
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("[") {
                if found != nil { break }
                if line == "[\(service)]" { found = [:] }
            } else if found != nil, let equals = line.firstIndex(of: "=") {
                let keyword = String(line[..<equals])
                if found?[keyword] == nil { found?[keyword] = String(line[line.index(after: equals)...]) }
            }
        }
        return found
    }
}
