/// What the argument parser says of a wrong command line, as our findings speak.
enum CommandLineText {
    /// `Error: Unknown option '--foo'. Did you mean '--from'?` and the lines
    /// below it (`Help:`, `Usage:`, `See '...' for more information.`).
    static func finding(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        return lines.enumerated().map { number, line in
            number == 0 ? message(line) : note(line)
        }.joined()
    }

    private static func message(_ line: String) -> String {
        var text = behind("Error: ", line) ?? line
        var fix: String?
        if let cut = text.firstRange(of: ". Did you mean ") {
            fix = "did you mean \(text[cut.upperBound...])"
            text = String(text[..<cut.lowerBound])
        }
        return "error: \(small(text))\n" + (fix.map { "  fix: \($0)\n" } ?? "")
    }

    private static func note(_ line: String) -> String {
        for (word, label) in [("Help: ", "expected"), ("Usage: ", "usage")] {
            if let rest = behind(word, line) { return "  \(label): \(rest.drop { $0 == " " })\n" }
        }
        if let rest = behind("  See ", line) {
            return "  help: \(rest.dropFirst().prefix { $0 != "'" })\n"
        }
        return line + "\n"
    }

    private static func behind(_ word: String, _ line: String) -> String? {
        line.hasPrefix(word) ? String(line.dropFirst(word.count)) : nil
    }

    private static func small(_ text: String) -> String { text.prefix(1).lowercased() + text.dropFirst() }
}
