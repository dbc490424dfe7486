import ContentStore
import Glibc
import Platform

/// Puts outputs where people look for them, and remembers what it put there,
/// so that an edit by hand is never lost.
struct Publisher {
    private let store: BlobStore
    private let state: String
    /// Digests ever put at a path. A kill between note and copy leaves one too
    /// many, never one too few.
    private var put: [String: [Digest]] = [:]

    /// Reads the state: a line for each copy, digest and path.
    init(_ workspace: Workspace, store: BlobStore) throws(SystemError) {
        self.store = store
        state = workspace.published
        guard Files.exists(state) else { return }
        for line in try Files.read(state).split(separator: UInt8(ascii: "\n")) {
            guard line.count > 65, let digest = Digest(hex: String(decoding: line.prefix(64), as: UTF8.self))
            else { continue }
            put[String(decoding: line.dropFirst(65), as: UTF8.self), default: []].append(digest)
        }
    }

    enum Outcome { case unchanged, written, editedByHand }

    /// - Parameters:
    ///   - path: Relative to the root; what the state knows it by.
    ///   - scratch: Where a copy is built that a kill must not leave among
    ///     people's files; nothing lies there.
    ///   - present: Gives the digest of the file at the absolute path.
    mutating func publish(
        _ output: ActionRecord.Output, at path: String, absolute: String, overwrites: Bool,
        scratch: () throws -> String, present: (String, FileStatus) throws -> Digest
    ) throws -> Outcome {
        if let status = try Files.status(absolute, followLinks: false) {
            let digest: Digest? =
                switch status.kind {
                case .file where !output.isFolder: try present(absolute, status)
                case .directory where output.isFolder: try FolderManifest(ofFolder: absolute).digest
                default: nil
                }
            if digest == output.digest {
                // Put there by another checkout, or committed: ours from now on.
                try note(output.digest, path)
                return .unchanged
            }
            guard overwrites || digest.map({ isOurs($0, at: path) }) == true else { return .editedByHand }
        } else if let slash = absolute.lastIndex(of: "/"), slash != absolute.startIndex {
            try Files.makeDirectories(String(absolute[..<slash]))
        }
        try note(output.digest, path)
        do {
            try put(output, at: absolute, by: try scratch())
        } catch let error as SystemError where [EXDEV, EROFS, EACCES].contains(error.errno) {
            // The store lies on another file system, or may not be written to.
            try put(output, at: absolute, by: "\(absolute).tmp-\(getpid())")
        }
        return .written
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

    /// Written before the copy, in one piece at the file's end, and on a line
    /// of its own even behind one that a full disk cut short.
    mutating func note(_ digest: Digest, _ path: String) throws(SystemError) {
        guard put[path]?.contains(digest) != true else { return }
        put[path, default: []].append(digest)
        let descriptor = open(state, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("write", state) }
        defer { close(descriptor) }
        try Files.writeAll(Array("\n\(digest.hex) \(path)\n".utf8), to: descriptor, path: state)
    }

    func isOurs(_ digest: Digest, at path: String) -> Bool { put[path]?.contains(digest) == true }
}
