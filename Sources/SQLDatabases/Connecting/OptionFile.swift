import Platform

/// `~/.my.cnf`, as MySQL's own clients read it.
///
/// Source: mariadb.com/kb/en/configuring-mariadb-with-option-files, "Option file syntax". Other files that it includes
/// are not read.
enum OptionFile {
    /// Groups that every client reads, in the order of the file.
    private static let groups: Set<String> = ["client", "client-server", "client-mariadb"]

    static func ofClient(_ environment: [String: String]) throws(SQLError) -> [String: String] {
        guard let home = environment.text("HOME") else { return [:] }
        return try Profiles.text(home + "/.my.cnf").map(options) ?? [:]
    }

    /// Options of the clients' groups; the last of a name holds, `_` and `-` are one.
    static func options(_ text: String) -> [String: String] {
        var found: [String: String] = [:]
        var isOurs = false
        for line in text.utf8.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
        {
            let line = Profiles.trimmed(String(decoding: line, as: UTF8.self)[...])
            guard let first = line.first, !"#;!".contains(first) else { continue }
            if first == "[" {
                isOurs = line.last == "]" && groups.contains(String(line.dropFirst().dropLast()))
                continue
            }
            guard isOurs else { continue }
            let mark = line.firstIndex(of: "=")
            let name = String(Profiles.trimmed(line[..<(mark ?? line.endIndex)])).replacing("_", with: "-")
            found[name] = mark.map { value(Profiles.trimmed(line[line.index(after: $0)...])) } ?? ""
        }
        return found
    }

    /// What a profile demands of a connection; nil where it demands nothing.
    ///
    /// Sources: mariadb.com/kb/en/mariadb-command-line-client (ssl, ssl-verify-server-cert), dev.mysql.com/doc/refman,
    /// "Command Options for Encrypted Connections" (ssl-mode).
    static func encryption(_ options: [String: String]) -> SQLServer.Encryption? {
        func flag(_ name: String) -> Bool? {
            if options["skip-" + name] != nil || options["disable-" + name] != nil { return false }
            return options[name].map { !["0", "off", "false"].contains($0.lowercased()) }
        }
        switch options["ssl-mode"]?.uppercased() {
        case "DISABLED"?: return .off
        case "PREFERRED"?: return .preferred
        case "REQUIRED"?: return .required
        case "VERIFY_CA"?, "VERIFY_IDENTITY"?: return .verified
        default: break
        }
        if flag("ssl-verify-server-cert") == true { return .verified }
        return flag("ssl").map { $0 ? .required : .off }
    }

    /// Where the quote that a text begins with comes again, with no backslash before it.
    private static func end(of quote: Character, _ text: Substring) -> Substring.Index? {
        var isEscaped = false
        return text.dropFirst().indices.first { index in
            if isEscaped {
                isEscaped = false
                return false
            }
            isEscaped = text[index] == "\\"
            return text[index] == quote
        }
    }

    /// Without its quotes, escapes read; outside quotes, `#` begins a comment.
    private static func value(_ text: Substring) -> String {
        var text = text
        if let quote = text.first, quote == "'" || quote == "\"",
            let end = end(of: quote, text)
        {
            text = text[text.index(after: text.startIndex)..<end]
        } else if let comment = text.firstIndex(of: "#") {
            text = Profiles.trimmed(text[..<comment])
        }
        var value = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                let escapes: [Character: Character] = [
                    "n": "\n", "t": "\t", "r": "\r", "b": "\u{8}", "s": " ", "\\": "\\", "\"": "\"", "'": "'",
                ]
                if let meant = escapes[character] {
                    value.append(meant)
                } else {
                    value += "\\" + String(character)
                }
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                value.append(character)
            }
        }
        return isEscaped ? value + "\\" : value
    }
}
