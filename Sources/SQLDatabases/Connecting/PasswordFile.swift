import Platform

/// `~/.pgpass`, from which libpq takes a password that nobody said. It is read here for one reason: what stands in it is
/// not to be seen.
///
/// Source: postgresql.org/docs, "The Password File".
enum PasswordFile {
    /// Passwords of all lines that may be for a server; what is not known of it fits every line.
    static func passwords(of server: SQLServer, _ environment: [String: String]) -> [String] {
        let path = environment.text("PGPASSFILE") ?? (environment["HOME"] ?? "") + "/.pgpass"
        // libpq passes over a file that cannot be read, and so over its passwords.
        guard let text = try? Profiles.text(path) else { return [] }
        var hosts = [server.host, server.number, server.socket].compactMap { $0 }
        if server.socket != nil { hosts.append("localhost") }
        let known =
            [hosts, [String(server.port ?? server.standardPort)]]
            + [server.name, server.user].map { $0.map { [$0] } ?? [] }
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = fields(line)
            guard fields.count == 5, !line.hasPrefix("#") else { return nil }
            let fits = zip(fields, known).allSatisfy { field, known in
                field == "*" || known.isEmpty || known.contains(field)
            }
            return fits ? fields[4] : nil
        }
    }

    /// Colons part them, a backslash takes the next character as it is.
    private static func fields(_ line: Substring) -> [String] {
        var fields = [""]
        var isEscaped = false
        for character in line {
            if character == "\\", !isEscaped {
                isEscaped = true
                continue
            }
            if character == ":", !isEscaped, fields.count < 5 {
                fields.append("")
            } else {
                fields[fields.count - 1].append(character)
            }
            isEscaped = false
        }
        return fields
    }
}
