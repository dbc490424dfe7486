import CPlatform
import Crypto
import Glibc
import Platform

/// Digests of source files by path, used while a file's status stays the same.
///
/// A clock tick is coarser than a save: a file edited twice in one tick keeps
/// its times. So an entry is kept only if both times of the file are older
/// than those of a file written just before the file was read (`now`); any
/// later edit then shows.
public struct StatCache: Sendable {
    private struct Entry: Sendable {
        var status: FileStamp
        var digest: Digest
    }

    private var entries: [String: Entry] = [:]
    public private(set) var isChanged = false

    /// Version 1. A file of another version is read as empty, and replaced.
    private static let magic = Array("sluicst1".utf8)

    public init() {}

    /// Reads a cache file; one that is missing or damaged is an empty cache.
    ///
    /// Layout: magic, the first 8 bytes of SHA-256 of the rest, then for each
    /// entry in path order: path length, path, size, mtime, ctime, inode,
    /// device (UInt64 LE each), 32 bytes digest.
    public init(file: String) throws(SystemError) {
        guard Files.exists(file) else { return }
        let bytes = try Files.read(file)
        guard bytes.count >= 16, bytes.starts(with: Self.magic),
            SHA256.hash(data: bytes[16...]).prefix(8).elementsEqual(bytes[8..<16])
        else { return }
        bytes.withUnsafeBytes { bytes in
            var position = 16
            func word() -> UInt64 {
                defer { position += 8 }
                return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            }
            while position < bytes.count {
                // The checksum held, so lengths are as they were written.
                let length = Int(word())
                let path = String(decoding: bytes[position..<(position + length)], as: UTF8.self)
                position += length
                let stamp = FileStamp(next: word)
                let digest = Digest(in: bytes, at: position)
                position += 32
                entries[path] = Entry(status: stamp, digest: digest)
            }
        }
    }

    /// The time the file system would stamp on a file now, in nanoseconds.
    ///
    /// Never later than the tick it is called in: a file that is touched again
    /// and again has finer times on newer kernels than its neighbours.
    ///
    /// - Parameter folder: On the file system of the files to be looked at. One
    ///   file stays in there: to make one anew costs much more than to touch it.
    public static func now(in folder: String) throws(SystemError) -> Int64 {
        let clock = folder + "/clock"
        let descriptor = open(clock, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("write", clock) }
        defer { close(descriptor) }
        var tick = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &tick)
        var status = stat()
        guard futimens(descriptor, nil) == 0, fstat(descriptor, &status) == 0 else {
            throw SystemError("write", clock)
        }
        return min(nanoseconds(tick), nanoseconds(status.st_mtim))
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The digest of a file, from the cache if its status has not changed.
    ///
    /// - Parameters:
    ///   - status: The file's, if the caller has just looked at it.
    ///   - now: From `now(in:)`, taken before this call.
    public mutating func digest(
        of path: String, _ status: FileStatus? = nil, now: Int64
    ) throws(SystemError) -> (digest: Digest, size: Int64) {
        var status = status
        if status == nil { status = try Files.status(path) }
        guard let status else { throw SystemError("read", path, errno: ENOENT) }
        let stamp = FileStamp(status)
        if let entry = entries[path], entry.status == stamp { return (entry.digest, status.size) }
        let (digest, size) = try Digest.ofFile(path)
        if stamp.isSettled(at: now) {
            entries[path] = Entry(status: stamp, digest: digest)
            isChanged = true
        } else if entries.removeValue(forKey: path) != nil {
            isChanged = true
        }
        return (digest, size)
    }

    /// The stamp a file had when its digest was taken; nil when none is kept.
    public func stamp(of path: String) -> FileStamp? { entries[path]?.status }

    /// Writes the cache file, whole or not at all.
    public mutating func save(to file: String) throws(SystemError) {
        var body: [UInt8] = []
        func append(_ word: UInt64) {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                body.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        for (path, entry) in entries.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            append(UInt64(path.utf8.count))
            body += Array(path.utf8)
            for word in entry.status.words { append(word) }
            body += entry.digest.bytes
        }
        try Files.replace(file, with: Self.magic + Array(SHA256.hash(data: body).prefix(8)) + body)
        isChanged = false
    }
}
