import Platform

/// What git ignores below a folder: asked of git itself, whose rules nest.
enum GitIgnore {
    /// Paths relative to the folder; a folder stands for all below it. Empty
    /// where there is no git or no repository.
    static func ignored(below folder: String) -> Set<String> {
        guard
            let output = try? Subprocess.output(
                of: [
                    "git", "-C", folder, "ls-files", "--others", "--ignored", "--exclude-standard",
                    "--directory", "-z",
                ])
        else { return [] }
        return Set(
            output.split(separator: 0).map { entry in
                let path = entry.last == UInt8(ascii: "/") ? entry.dropLast() : entry
                return String(decoding: path, as: UTF8.self)
            })
    }
}
