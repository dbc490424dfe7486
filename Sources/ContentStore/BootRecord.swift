import CPlatform
import Glibc
import Platform

/// When the store's file system was last known to be whole on disk, and under
/// which boot of the machine.
///
/// Blobs are not synced one by one, so a machine that loses power may come up
/// with a blob of the right name and size whose bytes never reached the disk.
/// What came in after the last sync under another boot is therefore read once
/// before it is trusted.
public struct BootRecord: Sendable {
    /// Seconds after which a run that has stored something syncs at its end.
    private static let syncInterval: Int64 = 600

    private let store: BlobStore
    private var path: String { store.root + "/boot" }

    public init(of store: BlobStore) { self.store = store }

    /// Reads what another boot left unsynced, and drops what is damaged.
    ///
    /// - Returns: The digests dropped.
    /// - Complexity: O(1) under the recorded boot, else O(bytes stored since the
    ///   last sync).
    public func settle() throws(SystemError) -> [Digest] {
        let (boot, synced) = read()
        guard boot != Self.current else { return [] }
        var dropped: [Digest] = []
        for blob in try store.blobs() where blob.added >= synced {
            if try Digest.ofFile(store.path(of: blob.digest)).digest != blob.digest {
                try store.drop(blob.digest)
                dropped.append(blob.digest)
            }
        }
        try sync()
        return dropped
    }

    /// Syncs where the last time is long ago.
    public func syncIfDue() throws(SystemError) {
        let now = try StatCache.now(in: store.root)
        if now - read().synced > Self.syncInterval * 1_000_000_000 { try sync() }
    }

    /// Everything stored so far is on disk when this returns.
    private func sync() throws(SystemError) {
        let now = try StatCache.now(in: store.root)
        let descriptor = open(store.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", store.root) }
        defer { close(descriptor) }
        guard sluice_sync_file_system(descriptor) == 0 else { throw SystemError("sync", store.root) }
        try Files.replace(path, with: Array("\(Self.current) \(now)\n".utf8))
    }

    /// A store without a record trusts nothing it holds.
    private func read() -> (boot: String, synced: Int64) {
        guard let bytes = try? Files.read(path) else { return ("", 0) }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let synced = Int64(words[1]) else { return ("", 0) }
        return (String(words[0]), synced)
    }

    /// The kernel's name of this boot.
    public static let current: String = {
        let bytes = (try? Files.read("/proc/sys/kernel/random/boot_id")) ?? []
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }()
}
