import CanonicalJSON
import ContentStore
import Glibc
import Platform

/// Outputs of `workdir: project`: they are written where they are published,
/// so what lay there is set aside first and comes back on a failure, or at the
/// next run after a kill.
struct ProjectOutputs {
    struct Entry {
        var path: String
        var aside: String?
    }

    private let record: String
    private let hold: any Hold
    private var entries: [Entry] = []

    /// - Parameters:
    ///   - record: The file that will name them; one beside it, `.lock`, is held
    ///     while they are open.
    ///   - locks: Of the checkout.
    init(record: String, locks: any Locks) throws(SystemError) {
        self.record = record
        hold = try locks.heldFile(record + ".lock")
    }

    /// What is set aside waits in the checkout, which its own runs alone sweep.
    private static func folder(of record: String) -> String { record + ".aside" }

    mutating func setAside(_ path: String, as number: Int) throws(SystemError) {
        let folder = Self.folder(of: record)
        let aside = "\(folder)/\(number)"
        try Files.makeDirectories(folder)
        let exists = try Files.status(path, followLinks: false) != nil
        let line = JSONValue.strings(exists ? [path, aside] : [path])
        try note(line.canonicalBytes + [UInt8(ascii: "\n")])
        if exists { try Files.rename(path, to: aside) }
        entries.append(Entry(path: path, aside: exists ? aside : nil))
    }

    /// Closed at once, so that a server knows it before anything is moved.
    private func note(_ line: [UInt8]) throws(SystemError) {
        let descriptor = open(record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("write", record) }
        defer { close(descriptor) }
        try Files.writeAll(line, to: descriptor, path: record)
    }

    /// What was there before is there again.
    func restore() {
        Self.restore(entries)
        finish()
    }

    func finish() {
        try? Files.remove(Self.folder(of: record))
        unlink(record)
        hold.release()
    }

    private static func restore(_ entries: [Entry]) {
        for entry in entries {
            if let aside = entry.aside {
                // Not yet moved when the kill came: it is still in place.
                guard Files.exists(aside) else { continue }
                try? Files.remove(entry.path)
                try? Files.rename(aside, to: entry.path)
            } else {
                try? Files.remove(entry.path)
            }
        }
    }

    /// Puts back what runs that were killed had set aside.
    ///
    /// - Parameter waits: Called with a file whose maker may live on another
    ///   machine, before it is watched for a while: what is put back later
    ///   would be put over what this run makes.
    static func recover(in folder: String, locks: any Locks, waits: @escaping (String) -> Void) {
        for name in (try? Files.list(folder)) ?? [] where name.hasSuffix(".lock") {
            let lock = folder + "/" + name
            guard let hold = locks.abandonedFile(lock, waits: { waits(lock) }) else { continue }
            defer { hold.release() }
            let path = String(lock.dropLast(5))
            let bytes = (try? Files.read(path)) ?? []
            let entries = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line -> Entry? in
                guard let parts = (try? JSONValue(parsing: line))?.strings, let path = parts.first else {
                    return nil
                }
                return Entry(path: path, aside: parts.count > 1 ? parts[1] : nil)
            }
            restore(entries)
            try? Files.remove(Self.folder(of: path))
            unlink(path)
        }
    }
}
