import CanonicalJSON
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
    private let descriptor: Int32
    private var entries: [Entry] = []

    /// - Parameters:
    ///   - record: The file that names them, held locked while they are open.
    init(record: String) throws(SystemError) {
        self.record = record
        descriptor = try HeldFile.make(record)
    }

    /// What is set aside waits in the checkout, which its own runs alone sweep.
    private static func folder(of record: String) -> String { record + ".aside" }

    mutating func setAside(_ path: String, as number: Int) throws(SystemError) {
        let folder = Self.folder(of: record)
        let aside = "\(folder)/\(number)"
        try Files.makeDirectories(folder)
        let exists = try Files.status(path, followLinks: false) != nil
        let line = JSONValue.strings(exists ? [path, aside] : [path])
        try Files.writeAll(line.canonicalBytes + [UInt8(ascii: "\n")], to: descriptor, path: record)
        if exists { try Files.rename(path, to: aside) }
        entries.append(Entry(path: path, aside: exists ? aside : nil))
    }

    /// What was there before is there again.
    func restore() {
        Self.restore(entries)
        finish()
    }

    func finish() {
        try? Files.remove(Self.folder(of: record))
        unlink(record)
        close(descriptor)
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
    static func recover(in folder: String) {
        for name in (try? Files.list(folder)) ?? [] where !name.hasSuffix(".aside") {
            let path = folder + "/" + name
            let descriptor = open(path, O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, let bytes = try? Files.read(path) else {
                continue
            }
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
