import ContentStore
import Glibc
import Platform

/// Puts outputs where people look for them, and remembers what it put there,
/// so that an edit by hand is never lost.
struct Publisher {
    private let store: BlobStore
    private let state: String
    /// Digests put at a path since the state was last written anew. A kill
    /// between note and copy leaves one too many, never one too few.
    private var put: [String: [Digest]] = [:]
    private var lines = 0

    /// Reads the state: a line for each copy, digest and path.
    init(_ workspace: Workspace, store: BlobStore) throws(SystemError) {
        self.store = store
        state = workspace.published
        guard Files.exists(state) else { return }
        for line in try Files.read(state).split(separator: UInt8(ascii: "\n")) {
            guard line.count > 65, let digest = Digest(hex: String(decoding: line.prefix(64), as: UTF8.self))
            else { continue }
            put[String(decoding: line.dropFirst(65), as: UTF8.self), default: []].append(digest)
            lines += 1
        }
    }

    enum Outcome { case unchanged, written, editedByHand }

    /// - Parameters:
    ///   - path: Relative to the root; what the state knows it by.
    ///   - present: Gives the digest of what lies at the absolute path.
    mutating func publish(
        _ output: ActionRecord.Output, at path: String, absolute: String, overwrites: Bool,
        present: (String) throws -> Digest
    ) throws -> Outcome {
        if output.isFolder { return try publishFolder(output, at: path, absolute: absolute, overwrites) }
        if let status = try Files.status(absolute, followLinks: false) {
            let digest = status.kind == .file ? try present(absolute) : nil
            if digest == output.digest { return .unchanged }
            guard overwrites || digest.map({ put[path]?.contains($0) == true }) == true else {
                return .editedByHand
            }
        } else if let slash = absolute.lastIndex(of: "/"), slash != absolute.startIndex {
            try Files.makeDirectories(String(absolute[..<slash]))
        }
        try note(output.digest, path)
        try store.materialise(output.digest, at: absolute)
        return .written
    }

    private mutating func publishFolder(
        _ output: ActionRecord.Output, at path: String, absolute: String, _ overwrites: Bool
    ) throws -> Outcome {
        if try Files.status(absolute, followLinks: false) != nil {
            let digest = try FolderManifest(ofFolder: absolute).digest
            if digest == output.digest { return .unchanged }
            guard overwrites || put[path]?.contains(digest) == true else { return .editedByHand }
        }
        let new = "\(absolute).tmp-\(getpid())"
        try Files.remove(new)
        if let slash = absolute.lastIndex(of: "/"), slash != absolute.startIndex {
            try Files.makeDirectories(String(absolute[..<slash]))
        }
        try store.materialiseFolder(output.digest, at: new)
        try note(output.digest, path)
        try Files.remove(absolute)
        try Files.rename(new, to: absolute)
        return .written
    }

    /// Written before the copy, in one piece at the file's end.
    mutating func note(_ digest: Digest, _ path: String) throws(SystemError) {
        guard put[path]?.contains(digest) != true else { return }
        put[path, default: []].append(digest)
        lines += 1
        let descriptor = open(state, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("write", state) }
        defer { close(descriptor) }
        try Files.writeAll(Array("\(digest.hex) \(path)\n".utf8), to: descriptor, path: state)
    }

    func isOurs(_ digest: Digest, at path: String) -> Bool { put[path]?.contains(digest) == true }
}
