import PipelineLanguage
import Platform

/// The files of a project that match a path with `*`, `?` and `**`.
struct GlobFiles {
    let root: String

    struct Match {
        /// Relative to the root.
        var path: String
        /// Relative to the folder the pattern's first wildcard stands in.
        var name: String
    }

    /// Sorted by the bytes of their paths. Folders that cannot be read and
    /// names that begin with a dot are passed over, as a shell does.
    ///
    /// - Parameter pattern: Relative to the root.
    /// - Complexity: O(files below the pattern's fixed folders).
    func files(matching pattern: String) -> [Match] {
        let parts = pattern.split(separator: "/").map(String.init)
        let fixed = parts.prefix { !Glob.isGlob($0) }
        // A pattern from the file system's root stands for itself, whatever the project's is.
        let base = (pattern.hasPrefix("/") ? "/" : "") + fixed.joined(separator: "/")
        var found: [Match] = []
        search(base, Array(parts[fixed.count...]), below: base, into: &found)
        found.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        return found.indices.filter { $0 == 0 || found[$0].path != found[$0 - 1].path }.map { found[$0] }
    }

    private func search(_ folder: String, _ parts: [String], below base: String, into found: inout [Match]) {
        guard let part = parts.first else { return }
        let place = self.place(folder)
        for name in (try? Files.list(place)) ?? [] where !name.hasPrefix(".") {
            let path = folder.isEmpty || folder == "/" ? folder + name : folder + "/" + name
            // A link to a folder is not followed, so that no loop is walked.
            guard let status = try? Files.status(self.place(path), followLinks: false) else { continue }
            if part == "**" {
                if status.kind == .directory { search(path, parts, below: base, into: &found) }
                if parts.count > 1 { match(path, name, status, Array(parts[1...]), base, into: &found) }
            } else {
                match(path, name, status, parts, base, into: &found)
            }
        }
    }

    private func place(_ path: String) -> String {
        path.hasPrefix("/") ? path : path.isEmpty ? root : root + "/" + path
    }

    private func match(
        _ path: String, _ name: String, _ status: FileStatus, _ parts: [String], _ base: String,
        into found: inout [Match]
    ) {
        guard Glob.matches(parts[0], name) else { return }
        // A link to a file is one, as it is where its path is written out.
        let isFile = { (try? Files.status(place(path)))??.kind == .file }
        if parts.count == 1, status.kind == .file || status.kind != .directory && isFile() {
            found.append(
                Match(
                    path: path,
                    name: path.dropping(bytes: base.isEmpty ? 0 : base == "/" ? 1 : base.utf8.count + 1)))
        } else if parts.count > 1, status.kind == .directory {
            search(path, Array(parts[1...]), below: base, into: &found)
        }
    }
}
