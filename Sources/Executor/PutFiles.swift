import CPlatform
import ContentStore
import Glibc
import Platform

/// Which bytes were put last at each path of a checkout, so that an edit by
/// hand shows.
///
/// One file, a line each, between empty ones: the digest, a sign, the path. It
/// grows until most of it says nothing any more, and is then written anew by
/// the next run that reads it. A space says it was put there; `?` that it is
/// about to be, which whoever was killed in between may have done or not: both
/// are ours, until something has been put there since. A line that a full disk
/// cut short has no empty one behind it, and counts for nothing.
struct PutFiles {
    private struct Entry {
        /// Where in `bytes` the digest begins.
        var put: Int?
        var intended: [Int] = []
    }

    private let file: String
    private let locks: any Locks
    /// As far as it was read: whole lines. Digests stay texts, since most are never looked at.
    private var bytes: [UInt8] = []
    /// The file they are of: another one has taken its place when it was written anew.
    private var inode: ino_t = 0
    private var entries: [String: Entry] = [:]
    private var lines = 0
    private var isRead = false

    /// - Parameter locks: Of the checkout: who appends and who writes it anew take turns.
    init(file: String, locks: any Locks) {
        self.file = file
        self.locks = locks
    }

    private static let (space, asked, newline) = (UInt8(ascii: " "), UInt8(ascii: "?"), UInt8(ascii: "\n"))

    /// Takes in what was noted since, by other runs too.
    ///
    /// - Complexity: O(what is new).
    mutating func refresh() throws(SystemError) {
        try readOn()
        if !isRead, lines > 2 * entries.count + 1000 { try? writeAnew() }
        isRead = true
    }

    private mutating func readOn() throws(SystemError) {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw SystemError("open", file)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemError("look at", file) }
        if status.st_ino != inode || status.st_size < bytes.count {
            (bytes, entries, lines, inode) = ([], [:], 0, status.st_ino)
        }
        let new = try Files.read(from: descriptor, at: bytes.count, path: file)
        guard let last = new.lastIndex(of: Self.newline) else { return }
        var start = bytes.count
        bytes += new[...last]
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: Self.newline)!
            let isWhole = end + 1 == bytes.count || bytes[end + 1] == Self.newline
            if isWhole, end - start > 65 {
                take(start, String(decoding: bytes[(start + 65)..<end], as: UTF8.self))
                lines += 1
            }
            start = end + 1
        }
    }

    private mutating func writeAnew() throws(SystemError) {
        let turn = try turn()
        defer { turn.release() }
        try readOn()
        var kept: [UInt8] = []
        for (path, entry) in entries.sorted(by: { $0.key < $1.key }) {
            for start in [entry.put].compactMap({ $0 }) + entry.intended {
                kept.append(Self.newline)
                kept += bytes[start..<(start + 65)] + path.utf8
                kept.append(Self.newline)
            }
        }
        try Files.replace(file, with: kept)
        try readOn()
    }

    private func turn() throws(SystemError) -> any Hold { try locks.turn(at: file + "-turn") }

    private mutating func take(_ start: Int, _ path: String) {
        switch bytes[start + 64] {
        case Self.space: entries[path] = Entry(put: start)
        case Self.asked: entries[path, default: Entry()].intended.append(start)
        default: break
        }
    }

    private func holds(_ digest: Digest, at start: Int) -> Bool {
        bytes.withUnsafeBufferPointer {
            Digest(hexDigits: UnsafeBufferPointer(rebasing: $0[start..<(start + 64)])) == digest
        }
    }

    /// Whether these bytes were the last that were put there.
    mutating func isLast(_ digest: Digest, at path: String) throws(SystemError) -> Bool {
        if !isRead { try refresh() }
        guard let entry = entries[path], let put = entry.put else { return false }
        return entry.intended.isEmpty && holds(digest, at: put)
    }

    /// Whether a run may have put these bytes there last, and so may replace them.
    mutating func isOurs(_ digest: Digest, at path: String) throws(SystemError) -> Bool {
        try refresh()
        guard let entry = entries[path] else { return false }
        return (entry.intended + [entry.put].compactMap { $0 }).contains { holds(digest, at: $0) }
    }

    /// To be noted before anything lies there.
    func noteIntended(_ digest: Digest, at path: String) throws(SystemError) {
        try append(digest, Self.asked, path)
    }

    func notePut(_ digest: Digest, at path: String) throws(SystemError) {
        try append(digest, Self.space, path)
    }

    /// In one piece at the file's end, and on a line of its own even behind one
    /// that was cut short.
    private func append(_ digest: Digest, _ sign: UInt8, _ path: String) throws(SystemError) {
        let turn = try turn()
        defer { turn.release() }
        let line = [Self.newline] + Array(digest.hex.utf8) + [sign] + Array(path.utf8) + [Self.newline]
        try Files.append(line, to: file)
    }
}
