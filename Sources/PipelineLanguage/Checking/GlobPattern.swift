/// Paths with `*`, `?` and `**`, matched without looking at a disk.
enum GlobPattern {
    /// The folders in front of the first part with a wildcard.
    static func fixedFolder(_ pattern: String) -> String {
        let fixed = pattern.split(separator: "/").prefix { !$0.contains("*") && !$0.contains("?") }
        return fixed.isEmpty ? "." : fixed.joined(separator: "/")
    }

    static func isInside(_ path: String, _ folder: String) -> Bool {
        folder == "." || path.hasPrefix(folder + "/")
    }

    /// Whether a folder's `exclude` leaves a path out: it names it, a folder
    /// above it, or without a `/` any name on the way.
    static func excludes(_ patterns: [String], _ path: String, below folder: String) -> Bool {
        let relative = folder == "." ? path : String(path.dropFirst(folder.count + 1))
        let parts = relative.split(separator: "/").map(String.init)
        return patterns.contains { pattern in
            if !pattern.contains("/") { return parts.contains { matches(pattern, $0) } }
            return parts.indices.contains { matches(pattern, parts[...$0].joined(separator: "/")) }
        }
    }

    /// - Complexity: O(parts of pattern × parts of path), each times a name's match.
    static func matches(_ pattern: String, _ path: String) -> Bool {
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
                    next[index] = matchesName(part, given[index - 1])
                }
            }
            reachable = next
        }
        return reachable[given.count]
    }

    private static func matchesName(_ pattern: Substring, _ name: Substring) -> Bool {
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
}
