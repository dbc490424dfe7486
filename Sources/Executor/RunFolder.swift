import ContentStore
import Glibc
import Platform

/// The folder of one run in the store's `tmp`, held by a file beside
/// it, `.lock`: what a killed run left is removed by the next.
struct RunFolder {
    let path: String
    private let hold: any Hold
    private var isKept = false
    /// Folders of stages that have ended, and the bytes of their inputs.
    private var waiting: [String] = []
    private var waitingBytes: Int64 = 0

    init(in store: BlobStore) throws(SystemError) {
        path = store.root + "/tmp/run-\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 16))"
        hold = try store.locks.heldFile(path + ".lock")
        try Files.makeDirectories(path)
    }

    mutating func keep() { isKept = true }

    /// Removes the folder of a stage that has ended; small ones later, with
    /// others: ext4 gives out no inode again within a minute of its removal,
    /// and searches past all such for every new one.
    mutating func discard(_ stage: String, bytes: Int64) {
        waiting.append(stage)
        waitingBytes += bytes
        guard waitingBytes > Self.mostBytes || waiting.count >= Self.mostFolders else { return }
        for folder in waiting { try? Files.remove(folder) }
        waiting = []
        waitingBytes = 0
    }

    private static let mostBytes: Int64 = 64 << 20
    private static let mostFolders = 4096

    func remove() {
        for folder in isKept ? waiting : [path] { try? Files.remove(folder) }
        hold.release()
    }

    /// Removes the folders that killed runs have left. One without a lock file
    /// was kept on purpose (`--keep-failed`), until gc.
    static func sweep(_ store: BlobStore) {
        let folder = store.root + "/tmp"
        for name in (try? Files.list(folder)) ?? [] where name.hasSuffix(".lock") {
            let lock = folder + "/" + name
            guard let hold = store.locks.abandonedFile(lock, waits: nil) else { continue }
            try? Files.remove(String(lock.dropLast(5)))
            hold.release()
        }
    }
}
