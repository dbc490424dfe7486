import CPlatform
import Glibc
import Platform

/// Blobs by their SHA-256, in `cas/ab/…` below a root; read-only once there.
///
/// A blob appears whole or not at all: it is written to `tmp/` and renamed.
/// Nothing is trusted for longer than it must be: `verify` reads every blob.
public struct BlobStore: Sendable {
    public let root: String
    private let blobFolder: OpenFolder
    /// Where blobs are written before they are renamed; on the store's file system.
    public var scratch: String
    /// How its users keep out of each other's way.
    public let locks: any Locks

    /// Makes the folders that are missing.
    ///
    /// - Parameter locks: Nil for those that `LockChoice` finds right.
    public init(root: String, locks: (any Locks)? = nil) throws(SystemError) {
        self.root = root
        try Files.makeDirectories(root + "/cas")
        scratch = root + "/tmp"
        try Files.makeDirectories(scratch)
        blobFolder = try OpenFolder(root + "/cas")
        self.locks = locks ?? LockChoice.locks(of: root)
    }

    /// Where a blob lies, or would.
    public func path(of digest: Digest) -> String { "\(root)/cas/\(Self.name(of: digest))" }

    private static func name(of digest: Digest) -> String {
        var name = digest.hex
        name.insert("/", at: name.utf8.index(name.startIndex, offsetBy: 2))
        return name
    }

    /// Whether a blob is there with that size: the check of a hit. Its bytes
    /// are read only by `verify`.
    ///
    /// - Parameter size: Nil for any.
    public func contains(_ digest: Digest, size: Int64?) throws(SystemError) -> Bool {
        guard let status = try blobFolder.status(Self.name(of: digest)) else { return false }
        return status.kind == .file && (size == nil || status.size == size)
    }

    /// Stores bytes that are in memory.
    @discardableResult
    public func put(_ bytes: [UInt8]) throws(SystemError) -> Digest {
        let digest = Digest.of(bytes)
        let temporary = temporaryPath()
        do {
            try Files.write(bytes, to: temporary)
            try place(temporary, as: digest)
        } catch {
            unlink(temporary)
            throw error
        }
        return digest
    }

    /// Takes a file into the store by renaming it; it is gone from where it was.
    ///
    /// A blob that is there already is replaced: were it damaged, the new bytes
    /// mend it. A file with other names is copied, so that nobody who has one
    /// can write into the store, unless it is the blob itself by another name.
    ///
    /// - Precondition: The file lies on the store's file system, such as in
    ///   its `tmp/`, and nobody writes to it any more.
    public func adopt(_ file: String) throws(SystemError) -> (digest: Digest, size: Int64) {
        var own = file
        if let status = try Files.status(file, followLinks: false), status.links > 1 {
            let (digest, size) = try Digest.ofFile(file)
            if let blob = try Files.status(path(of: digest)), blob.inode == status.inode,
                blob.device == status.device
            {
                chmod(path(of: digest), 0o444)
                try Files.remove(file)
                return (digest, size)
            }
            own = temporaryPath()
            try Files.copy(file, to: own)
            try Files.remove(file)
        }
        let (digest, size) = try Digest.ofFile(own)
        try place(own, as: digest)
        return (digest, size)
    }

    public func read(_ digest: Digest) throws(SystemError) -> [UInt8] { try Files.read(path(of: digest)) }

    /// Drops a blob, so that what made it runs again.
    public func drop(_ digest: Digest) throws(SystemError) { try Files.remove(path(of: digest)) }

    /// A blob as it lies in the store.
    public struct Blob: Sendable {
        public let digest: Digest
        public let size: Int64
        /// When it came into the store, in nanoseconds since the epoch.
        public let added: Int64
    }

    /// Every blob, in the order of their digests.
    public func blobs() throws(SystemError) -> [Blob] {
        var found: [Blob] = []
        for folder in try Files.list(root + "/cas") {
            for name in try Files.list("\(root)/cas/\(folder)") {
                guard let digest = Digest(hex: folder + name),
                    let status = try Files.status("\(root)/cas/\(folder)/\(name)", followLinks: false)
                else { continue }
                // A rename stamps the change of status, whatever times a stage gave its file.
                found.append(Blob(digest: digest, size: status.size, added: status.changed))
            }
        }
        return found
    }

    /// Reads every blob and gives those whose bytes are not what they are
    /// called by, in the order of their digests.
    ///
    /// - Parameter progress: Called with the blobs done and all of them.
    /// - Complexity: O(bytes in the store).
    public func verify(progress: (Int, Int) -> Void = { _, _ in }) throws(SystemError) -> [Digest] {
        let blobs = try blobs()
        var bad: [Digest] = []
        for (done, blob) in blobs.enumerated() {
            if try Digest.ofFile(path(of: blob.digest)).digest != blob.digest { bad.append(blob.digest) }
            progress(done + 1, blobs.count)
        }
        return bad
    }

    /// A path in `scratch` that nobody else uses.
    public func temporaryPath() -> String {
        "\(scratch)/\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
    }

    private func place(_ file: String, as digest: Digest) throws(SystemError) {
        guard chmod(file, 0o444) == 0 else { throw SystemError("make read-only", file) }
        let target = path(of: digest)
        if Glibc.rename(file, target) == 0 { return }
        guard errno == ENOENT else { throw SystemError("put in place", target) }
        try Files.makeDirectories(String(target[..<target.lastIndex(of: "/")!]))
        try Files.rename(file, to: target)
    }
}
