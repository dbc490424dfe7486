import Platform

/// The file from which libpq takes a password that nobody said, `~/.pgpass` where no other is named. It is read here for
/// one reason: what stands in it is not to be seen.
///
/// Source: postgresql.org/docs, "The Password File"; libpq's passwordFromFile (fe-connect.c).
enum PasswordFile {
    /// Where it is; nil for a user without a home.
    ///
    /// - Parameter service: Its options go before the variables, even one that says nothing.
    static func path(_ service: [String: String], _ environment: [String: String]) -> String? {
        let said = service["passfile"] ?? environment["PGPASSFILE"] ?? ""
        if !said.isEmpty { return said }
        return Profiles.home(environment).map { $0 + "/.pgpass" }
    }

    /// Those of all lines: which one is taken depends on the host of many that lets us in.
    static func passwords(_ path: String) -> [String] {
        // libpq passes over a file that cannot be read, and so over its passwords.
        guard let text = try? Profiles.text(path) else { return [] }
        return text.utf8.split(separator: UInt8(ascii: "\n")).compactMap(password)
    }

    /// Behind the fourth colon, up to the next. A backslash takes the next character as it is.
    private static func password(_ line: Substring.UTF8View) -> String? {
        if line.first == UInt8(ascii: "#") { return nil }
        var line = line
        while line.last == UInt8(ascii: "\r") { line.removeLast() }
        var field: [UInt8] = []
        var colons = 0
        var isEscaped = false
        for byte in line {
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
                continue
            }
            if byte == UInt8(ascii: ":"), !isEscaped {
                colons += 1
                if colons == 5 { break }
                field = []
            } else {
                field.append(byte)
            }
            isEscaped = false
        }
        // At the end there is nothing for it to take.
        if isEscaped { field.append(UInt8(ascii: "\\")) }
        return colons < 4 || field.isEmpty ? nil : String(decoding: field, as: UTF8.self)
    }
}
