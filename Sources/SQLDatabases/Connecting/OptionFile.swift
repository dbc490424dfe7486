import Platform

/// `~/.my.cnf`, as MySQL's own clients read it.
///
/// Source: mariadb.com/kb/en/configuring-mariadb-with-option-files, "Option file syntax". Other files that it includes
/// are not read.
enum OptionFile {
    /// Groups that every client reads, in the order of the file.
    private static let groups: Set<String> = ["client", "client-server", "client-mariadb"]

    static func ofClient(_ environment: [String: String]) throws(SQLError) -> [String: String] {
        guard let home = environment["HOME"], !home.isEmpty else { return [:] }
        let path = home + "/.my.cnf"
        do {
            guard try Files.status(path) != nil else { return [:] }
            return options(String(decoding: try Files.read(path), as: UTF8.self))
        } catch {
            throw .credentials(
                "the profile ~/.my.cnf cannot be read: \(error)",
                fix: "make it readable to you, or take it away")
        }
    }

    /// Options of the clients' groups; the last of a name holds, `_` and `-` are one.
    static func options(_ text: String) -> [String: String] {
        var found: [String: String] = [:]
        var isOurs = false
        for line in text.utf8.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
        {
            let line = trimmed(String(decoding: line, as: UTF8.self)[...])
            guard let first = line.first, !"#;!".contains(first) else { continue }
            if first == "[" {
                isOurs = line.last == "]" && groups.contains(String(line.dropFirst().dropLast()))
                continue
            }
            guard isOurs else { continue }
            let mark = line.firstIndex(of: "=")
            let name = String(trimmed(line[..<(mark ?? line.endIndex)])).replacing("_", with: "-")
            found[name] = mark.map { value(trimmed(line[line.index(after: $0)...])) } ?? ""
        }
        return found
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }

    /// Without its quotes, escapes read; behind a space, `#` begins a comment.
    private static func value(_ text: Substring) -> String {
        var text = text
        if let quote = text.first, quote == "'" || quote == "\"",
            let end = text.dropFirst().lastIndex(of: quote)
        {
            text = text[text.index(after: text.startIndex)..<end]
        } else if let comment = text.firstRange(of: " #") {
            text = trimmed(text[..<comment.lowerBound])
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
