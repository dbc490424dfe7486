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
        try Files.makeDirectories(folder)
        var aside: String?
        if let status = try Files.status(path, followLinks: false) {
            // A rename does not leave its file system.
            let isNear = try Files.status(folder)?.device == status.device
            let name = record[record.index(after: record.lastIndex(of: "/") ?? record.startIndex)...]
            aside = isNear ? "\(folder)/\(number)" : "\(path).aside-\(name)"
        }
        let line = JSONValue.strings([path] + [aside].compactMap { $0 })
        // Closed at once, so that a server knows it before anything is moved.
        try Files.append(line.canonicalBytes + [UInt8(ascii: "\n")], to: record)
        if let aside { try Files.rename(path, to: aside) }
        entries.append(Entry(path: path, aside: aside))
    }

    /// What was there before is there again.
    ///
    /// - Returns: What could not be put back. It waits where it is, and the next
    ///   run tries again.
    func restore() -> [Kept] {
        let kept = Self.restore(entries)
        if kept.isEmpty { finish() }
        return kept
    }

    func finish() {
        Self.forget(record, entries)
        hold.release()
    }

    /// Something that lies aside and not in its place.
    struct Kept {
        var path: String
        var aside: String
        var reason: SystemError
    }

    private static func restore(_ entries: [Entry]) -> [Kept] {
        var kept: [Kept] = []
        for entry in entries {
            guard let aside = entry.aside else {
                try? Files.remove(entry.path)
                continue
            }
            do throws(SystemError) {
                // Not yet moved when the kill came: it is still in place.
                guard try Files.status(aside, followLinks: false) != nil else { continue }
                try Files.remove(entry.path)
                // What failed may have taken the folders above away too.
                if let slash = entry.path.lastIndex(of: "/"), slash != entry.path.startIndex {
                    try Files.makeDirectories(String(entry.path[..<slash]))
                }
                try Files.rename(aside, to: entry.path)
            } catch {
                kept.append(Kept(path: entry.path, aside: aside, reason: error))
            }
        }
        return kept
    }

    /// The record goes first: a kill in between leaves too much, and puts
    /// nothing back over what was made.
    private static func forget(_ record: String, _ entries: [Entry]) {
        unlink(record)
        for entry in entries { if let aside = entry.aside { try? Files.remove(aside) } }
        try? Files.remove(folder(of: record))
    }

    /// Puts back what runs that were killed had set aside.
    ///
    /// - Parameter waits: Called with a file whose maker may live on another
    ///   machine, before it is watched for a while: what is put back later
    ///   would be put over what this run makes.
    /// - Returns: What could not be put back.
    static func recover(in folder: String, locks: any Locks, waits: @escaping (String) -> Void) -> [Kept] {
        var kept: [Kept] = []
        for name in (try? Files.list(folder)) ?? [] where name.hasSuffix(".lock") {
            let lock = folder + "/" + name
            guard let hold = locks.abandonedFile(lock, waits: { waits(lock) }) else { continue }
            let path = String(lock.dropLast(5))
            let bytes = (try? Files.read(path)) ?? []
            let entries = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line -> Entry? in
                guard let parts = (try? JSONValue(parsing: line))?.strings, let path = parts.first else {
                    return nil
                }
                return Entry(path: path, aside: parts.count > 1 ? parts[1] : nil)
            }
            let left = restore(entries)
            kept += left
            guard left.isEmpty else { continue }
            forget(path, entries)
            hold.release()
        }
        return kept
    }
}

extension ExecutionFinding {
    static func notPutBack(_ kept: ProjectOutputs.Kept) -> ExecutionFinding {
        .notPutBack(path: kept.path, aside: kept.aside, reason: "\(kept.reason)")
    }
}
