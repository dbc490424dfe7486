import ContentStore
import PipelineLanguage
import Platform

/// The files of a project that match a path with `*`, `?` and `**`.
struct GlobFiles {
    struct Match {
        /// Relative to the root.
        var path: String
        /// Relative to the folder the pattern's first wildcard stands in.
        var name: String
    }

    private let root: String
    /// The pattern's folders in front of its first wildcard.
    private let base: String
    /// Sorted by the bytes of their paths.
    private(set) var files: [Match] = []
    /// Whose names were looked at.
    private(set) var searched: [Plan.SearchedFolder] = []

    /// Folders that cannot be read and names that begin with a dot are passed
    /// over, as a shell does.
    ///
    /// - Parameter pattern: Relative to the root.
    /// - Complexity: O(files below the pattern's fixed folders).
    init(matching pattern: String, in root: String) {
        let parts = pattern.split(separator: "/").map(String.init)
        let fixed = parts.prefix { !Glob.isGlob($0) }
        self.root = root
        // A pattern from the file system's root stands for itself, whatever the project's is.
        base = (pattern.hasPrefix("/") ? "/" : "") + fixed.joined(separator: "/")
        search(base, parts[fixed.count...])
        files.sort { $0.path.precedes($1.path) }
        files = files.indices.filter {
            $0 == 0 || !files[$0].path.utf8.elementsEqual(files[$0 - 1].path.utf8)
        }.map { files[$0] }
    }

    private mutating func search(_ folder: String, _ parts: ArraySlice<String>) {
        guard let part = parts.first else { return }
        let place = place(folder)
        guard let found = try? FolderNames(place) else {
            searched.append(Plan.SearchedFolder(path: place, stamp: nil))
            return
        }
        searched.append(Plan.SearchedFolder(path: place, stamp: FileStamp(found.status)))
        for (name, kind) in found.names where !name.hasPrefix(".") {
            let path = folder.isEmpty || folder == "/" ? folder + name : folder + "/" + name
            // A link to a folder is not followed, so that no loop is walked.
            if part == "**" {
                if kind == .directory { search(path, parts) }
                // At the end it stands for the files there too.
                match(path, name, kind, parts.count > 1 ? parts.dropFirst() : ["*"])
            } else {
                match(path, name, kind, parts)
            }
        }
    }

    private func place(_ path: String) -> String {
        path.hasPrefix("/") ? path : path.isEmpty ? root : root + "/" + path
    }

    private mutating func match(
        _ path: String, _ name: String, _ kind: FileStatus.Kind, _ parts: ArraySlice<String>
    ) {
        guard Glob.matches(parts.first!, name) else { return }
        if parts.count > 1 {
            if kind == .directory { search(path, parts.dropFirst()) }
            return
        }
        if kind == .file || kind == .symlink && leadsToFile(path) {
            let front = base.isEmpty ? 0 : base == "/" ? 1 : base.utf8.count + 1
            files.append(Match(path: path, name: path.dropping(bytes: front)))
        }
    }

    /// A link to a file is one, as it is where its path is written out.
    private mutating func leadsToFile(_ path: String) -> Bool {
        if (try? Files.status(place(path)))??.kind == .file { return true }
        // What it leads to may become a file, and no folder of ours shows that.
        searched.append(Plan.SearchedFolder(path: place(path), stamp: nil))
        return false
    }
}
