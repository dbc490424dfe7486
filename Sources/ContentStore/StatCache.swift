import CPlatform
import Glibc
import Platform

/// Digests of source files by path, used while a file's status stays the same.
///
/// A clock tick is coarser than a save: a file edited twice in one tick keeps
/// its times. So an entry is kept only if both times of the file are older
/// than those of a file written just before the file was read (`now`); any
/// later edit then shows.
public struct StatCache: Sendable {
    struct Entry: Sendable {
        var status: FileStamp
        var digest: Digest
    }

    /// As it was read.
    private let file: StatCacheFile?
    /// What differs from that, by path; nil for what was dropped.
    private var changes: [String: Entry?] = [:]
    public private(set) var isChanged = false

    public init() { file = nil }

    /// Reads a cache file; one that is missing or damaged is an empty cache.
    public init(file: String) throws(SystemError) { self.file = try StatCacheFile(file) }

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
    ) throws(SystemError) -> FileDigest {
        var status = status
        if status == nil { status = try Files.status(path) }
        guard let status else { throw SystemError("read", path, errno: ENOENT) }
        let stamp = FileStamp(status)
        if let entry = entry(path), entry.status == stamp { return (entry.digest, status.size) }
        let (digest, size) = try Digest.ofFile(path)
        note(digest, of: path, stamp, now: now)
        return (digest, size)
    }

    /// The digests of a folder's files, in the order of its entries; nil for
    /// what is no file. Those that are not known are read by as many threads
    /// as there are cores.
    ///
    /// - Parameter now: From `now(in:)`, taken before the folder was listed.
    /// - Complexity: O(files); linear in the cache too.
    public mutating func digests(
        of listing: FolderListing, now: Int64
    ) throws(SystemError) -> [FileDigest?] {
        var digests = [FileDigest?](repeating: nil, count: listing.entries.count)
        var unknown: [Int] = []
        var cursor = file?.cursor(below: listing.folder)
        for (number, entry) in listing.entries.enumerated() where entry.status.kind == .file {
            let stamp = FileStamp(entry.status)
            var known = listing.withPath(of: entry) { cursor?.entry($0) }
            if !changes.isEmpty, let change = changes[listing.place(of: entry)] { known = change }
            if let known, known.status == stamp {
                digests[number] = (known.digest, entry.status.size)
            } else {
                unknown.append(number)
            }
        }
        for (number, found) in zip(unknown, try Digest.ofFiles(unknown, of: listing)) {
            let entry = listing.entries[number]
            digests[number] = found
            note(found.digest, of: listing.place(of: entry), FileStamp(entry.status), now: now)
        }
        return digests
    }

    private mutating func note(_ digest: Digest, of path: String, _ stamp: FileStamp, now: Int64) {
        if stamp.isSettled(at: now) {
            changes[path] = .some(Entry(status: stamp, digest: digest))
            isChanged = true
        } else if entry(path) != nil {
            changes[path] = .some(nil)
            isChanged = true
        }
    }

    private func entry(_ path: String) -> Entry? {
        if let change = changes[path] { return change }
        return file?.entry(path)
    }

    /// The stamp a file had when its digest was taken; nil when none is kept.
    public func stamp(of path: String) -> FileStamp? { entry(path)?.status }

    /// Writes the cache file, whole or not at all.
    public mutating func save(to path: String) throws(SystemError) {
        try StatCacheFile.write(to: path, file, changes)
        isChanged = false
    }
}
