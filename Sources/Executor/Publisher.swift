import ContentStore
import Glibc
import Platform

/// Puts outputs where people look for them, over nothing but what it put there
/// last, so that an edit by hand is never lost.
struct Publisher {
    private let store: BlobStore
    private var files: PutFiles
    /// Held while something is put in place: runs in one checkout take turns.
    private let turn: String
    private let locks: any Locks

    /// Reads nothing yet: most runs publish nothing.
    ///
    /// - Parameter locks: Of the checkout.
    init(_ workspace: Workspace, store: BlobStore, locks: any Locks) {
        self.store = store
        self.locks = locks
        files = PutFiles(file: workspace.published, locks: locks)
        turn = workspace.local + "/publish-turn"
    }

    enum Outcome { case unchanged, written, editedByHand }

    /// - Parameters:
    ///   - path: Relative to the root; what it is noted by.
    ///   - scratch: Where a copy is built that a kill must not leave among
    ///     people's files; nothing lies there.
    ///   - present: Gives the digest of the file at the absolute path.
    mutating func publish(
        _ output: ActionRecord.Output, at path: String, absolute: String, overwrites: Bool,
        scratch: () throws -> String, present: (String, FileStatus) throws -> Digest
    ) throws -> Outcome {
        if case .bytes(output.digest) = try look(absolute, output, present),
            try files.isLast(output.digest, at: path)
        {
            return .unchanged
        }
        let held = try locks.turn(at: turn)
        defer { held.release() }
        // Another run may just have been at it.
        switch try look(absolute, output, present) {
        case .bytes(output.digest):
            // Put there by another checkout, or committed: ours from now on.
            try files.notePut(output.digest, at: path)
            return .unchanged
        case .bytes(let digest):
            guard try overwrites || files.isOurs(digest, at: path) else { return .editedByHand }
        case .somethingElse: guard overwrites else { return .editedByHand }
        case .nothing:
            if let slash = absolute.lastIndex(of: "/"), slash != absolute.startIndex {
                try Files.makeDirectories(String(absolute[..<slash]))
            }
        }
        try files.noteIntended(output.digest, at: path)
        do {
            try put(output, at: absolute, by: try scratch())
        } catch let error as SystemError where [EXDEV, EROFS, EACCES].contains(error.errno) {
            // The store lies on another file system, or may not be written to.
            try put(output, at: absolute, by: "\(absolute).tmp-\(getpid())")
        }
        try files.notePut(output.digest, at: path)
        return .written
    }

    private enum Present {
        case nothing
        case bytes(Digest)
        /// A folder for a file, a link, and so on.
        case somethingElse
    }

    private func look(
        _ absolute: String, _ output: ActionRecord.Output, _ digest: (String, FileStatus) throws -> Digest
    ) throws -> Present {
        guard let status = try Files.status(absolute, followLinks: false) else { return .nothing }
        return switch status.kind {
        case .file where !output.isFolder: .bytes(try digest(absolute, status))
        case .directory where output.isFolder: .bytes(try FolderManifest(ofFolder: absolute).digest)
        default: .somethingElse
        }
    }

    /// Builds a copy and puts it in place in one step.
    private func put(_ output: ActionRecord.Output, at absolute: String, by way: String) throws {
        do {
            try Files.remove(way)
            if output.isFolder {
                try store.materialiseFolder(output.digest, at: way)
            } else {
                try store.materialise(output.digest, at: way)
            }
            try Files.supplant(absolute, with: way)
        } catch {
            try? Files.remove(way)
            throw error
        }
    }

    // MARK: What commands put there themselves

    /// Before what lay there is let go.
    func noteIntended(_ digest: Digest, at path: String) throws(SystemError) {
        try files.noteIntended(digest, at: path)
    }

    func notePut(_ digest: Digest, at path: String) throws(SystemError) {
        try files.notePut(digest, at: path)
    }

    mutating func isOurs(_ digest: Digest, at path: String) throws(SystemError) -> Bool {
        try files.isOurs(digest, at: path)
    }
}
