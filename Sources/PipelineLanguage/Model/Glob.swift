/// `*` any run, `?` any one scalar; no classes, no escapes. In paths neither
/// goes across a `/`, and `**` stands for any number of folders, none too; at the end for all files below.
public enum Glob {
    /// Whether a name matches; a `/` in it, as in a stage of an included
    /// pipeline, is a scalar like any other.
    ///
    /// - Complexity: O(pattern × name).
    public static func matches(_ pattern: some StringProtocol, _ name: some StringProtocol) -> Bool {
        let pattern = Array(pattern.unicodeScalars)
        let name = Array(name.unicodeScalars)
        var (p, n) = (0, 0)
        var star: (p: Int, n: Int)?
        while n < name.count {
            if p < pattern.count, pattern[p] == "*" {
                star = (p, n)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == name[n] {
                (p, n) = (p + 1, n + 1)
            } else if let back = star {
                star = (back.p, back.n + 1)
                (p, n) = (back.p + 1, back.n + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }

    public static func isGlob(_ name: some StringProtocol) -> Bool {
        name.contains("*") || name.contains("?")
    }

    /// The folders in front of the first part with a wildcard.
    public static func fixedFolder(_ pattern: String) -> String {
        let fixed = pattern.split(separator: "/").prefix { !isGlob($0) }
        let folder = fixed.joined(separator: "/")
        if pattern.hasPrefix("/") { return "/" + folder }
        return fixed.isEmpty ? "." : folder
    }

    /// Whether a folder's `exclude` leaves a path out: it names it, a folder
    /// above it, or without a `/` any name on the way.
    ///
    /// - Parameter path: Below the folder.
    public static func excludes(_ patterns: [String], _ path: Substring) -> Bool {
        if patterns.isEmpty { return false }
        let parts = path.split(separator: "/").map(String.init)
        return patterns.contains { pattern in
            if !pattern.contains("/") { return parts.contains { matches(pattern, $0) } }
            return parts.indices.contains { matchesPath(pattern, parts[...$0].joined(separator: "/")) }
        }
    }

    /// Whether a path matches, without a look at a disk.
    ///
    /// - Complexity: O(parts of pattern × parts of path), each times a name's match.
    public static func matchesPath(_ pattern: String, _ path: String) -> Bool {
        let wanted = pattern.split(separator: "/")
        let given = path.split(separator: "/")
        // reachable[i]: the pattern so far can stand for the first i parts.
        var reachable = [Bool](repeating: false, count: given.count + 1)
        reachable[0] = true
        for part in wanted {
            var next = [Bool](repeating: false, count: given.count + 1)
            for index in 0...given.count {
                if part == "**" {
                    next[index] = reachable[index] || index > 0 && next[index - 1]
                } else if index > 0, reachable[index - 1] {
                    next[index] = matches(part, given[index - 1])
                }
            }
            reachable = next
        }
        return reachable[given.count]
    }
}
