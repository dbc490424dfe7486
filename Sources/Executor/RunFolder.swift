import ContentStore
import Glibc
import Platform

/// The folder of one run in the store's `tmp`, held by a lock: what a killed
/// run left is removed by the next.
struct RunFolder {
    let path: String
    private let descriptor: Int32
    private var isKept = false

    init(in store: BlobStore) throws(SystemError) {
        Self.sweep(store.root + "/tmp")
        path = store.root + "/tmp/run-\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        try Files.makeDirectories(path)
        let lock = path + ".lock"
        descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw SystemError("lock", lock)
        }
    }

    mutating func keep() { isKept = true }

    func remove() {
        if !isKept { try? Files.remove(path) }
        unlink(path + ".lock")
        close(descriptor)
    }

    /// Folders whose run is gone. One without a lock file was kept on purpose
    /// (`--keep-failed`), until gc.
    private static func sweep(_ folder: String) {
        for name in (try? Files.list(folder)) ?? [] where name.hasSuffix(".lock") {
            let lock = folder + "/" + name
            let descriptor = open(lock, O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
            try? Files.remove(String(lock.dropLast(5)))
            unlink(lock)
        }
    }
}
