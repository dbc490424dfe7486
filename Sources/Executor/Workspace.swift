import Glibc
import Platform

/// Where a project keeps what it made: paths only.
public struct Workspace: Sendable {
    /// Absolute path of the project's root.
    public let root: String
    /// What checkouts may share: blobs, the action index, `tmp`.
    public let store: String
    /// What belongs to this checkout: stat cache, logs, what was published.
    public let local: String

    /// - Parameters:
    ///   - root: Absolute path of the project's root.
    ///   - store: `SLUICE_STORE`, if it is set; relative to the root.
    public init(root: String, store: String? = nil) {
        self.root = root
        local = root + "/.sluice"
        if let store, !store.isEmpty {
            self.store = store.hasPrefix("/") ? store : root + "/" + store
        } else {
            self.store = (Self.mainWorktree(of: root) ?? root) + "/.sluice"
        }
    }

    var statCache: String { local + "/stat-cache" }
    var published: String { local + "/published" }
    var logs: String { local + "/logs" }

    /// A git worktree's `.git` is a file that names the main one's folder.
    private static func mainWorktree(of root: String) -> String? {
        guard let status = try? Files.status(root + "/.git"), status.kind == .file,
            let bytes = try? Files.read(root + "/.git")
        else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("gitdir: "), let cut = text.range(of: "/.git/worktrees/") else { return nil }
        let folder = text[text.index(text.startIndex, offsetBy: 8)..<cut]
        return folder.hasPrefix("/") ? String(folder) : root + "/" + folder
    }
}

extension String {
    /// Where `text` begins.
    fileprivate func range(of text: String) -> String.Index? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start }
            start = index(after: start)
        }
        return nil
    }
}
