import CPlatform
import Glibc
import Platform

/// Folders in the store: a manifest is a blob like any other, and names the
/// blobs of its files.
extension BlobStore {
    /// Takes a folder into the store; its files are gone from where they were.
    ///
    /// - Returns: The manifest's digest and the bytes of all files.
    /// - Parameter check: Told of each file before any is taken; what it throws leaves all where it is.
    /// - Precondition: As for `adopt`.
    public func adoptFolder(
        _ folder: String,
        check: (_ path: String, _ digest: Digest) throws -> Void = { _, _ in }
    ) throws -> (digest: Digest, size: Int64) {
        let manifest = try FolderManifest(ofFolder: folder)
        for entry in manifest.entries {
            if case .file(let digest, _, _) = entry.content { try check(folder + "/" + entry.path, digest) }
        }
        for entry in manifest.entries {
            if case .file = entry.content { _ = try adopt(folder + "/" + entry.path) }
        }
        return (try put(manifest.bytes), manifest.size)
    }

    /// Whether a folder's manifest and all files it names are there.
    public func containsFolder(_ digest: Digest) throws -> Bool {
        guard let manifest = try manifest(digest) else { return false }
        for entry in manifest.entries {
            if case .file(let digest, let size, _) = entry.content, try !contains(digest, size: size) {
                return false
            }
        }
        return true
    }

    /// Nil when the blob is missing or damaged, or is no manifest.
    public func manifest(_ digest: Digest) throws -> FolderManifest? {
        guard Files.exists(path(of: digest)) else { return nil }
        let bytes = try read(digest)
        return Digest.of(bytes) == digest ? FolderManifest(bytes: bytes) : nil
    }

    /// Writes a folder's files below a path that does not exist yet.
    ///
    /// - Throws: `StoreFinding.damagedBlob` for a file whose bytes are not
    ///   those of its digest.
    public func materialiseFolder(_ digest: Digest, at path: String) throws {
        try layOutFolder(digest, at: path) { digest, target, isExecutable in
            try materialise(digest, at: target, isExecutable: isExecutable)
        }
    }

    /// Puts a folder's files below a path that does not exist yet, as further names of the blobs: for what reads them
    /// and writes nothing, on the store's file system.
    ///
    /// - Parameter prove: Sees that a blob is what it is called by.
    /// - Throws: `StoreFinding.damagedBlob`.
    public func linkFolder(_ digest: Digest, at path: String, prove: (Digest) throws -> Void) throws {
        try layOutFolder(digest, at: path) { digest, target, isExecutable in
            // A blob that is another user's may not be linked, nor one that has too many names.
            if isExecutable || link(self.path(of: digest), target) != 0 {
                return try materialise(digest, at: target, isExecutable: isExecutable)
            }
            try prove(digest)
        }
    }

    private func layOutFolder(
        _ digest: Digest, at path: String,
        file: (_ digest: Digest, _ target: String, _ isExecutable: Bool) throws -> Void
    ) throws {
        guard let manifest = try manifest(digest) else { throw StoreFinding.damagedBlob(digest: digest.hex) }
        try Files.makeDirectories(path)
        for entry in manifest.entries {
            let target = path + "/" + entry.path
            if let slash = entry.path.lastIndex(of: "/") {
                try Files.makeDirectories(path + "/" + entry.path[..<slash])
            }
            switch entry.content {
            case .file(let digest, _, let isExecutable): try file(digest, target, isExecutable)
            case .symlink(let aim):
                guard symlink(aim, target) == 0 else { throw SystemError("link", target) }
            case .emptyFolder: try Files.makeDirectories(target)
            }
        }
    }
}
