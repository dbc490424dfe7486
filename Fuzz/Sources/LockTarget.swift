import Planner

extension FuzzTarget {
    /// The lock: what could be read of it is written, read back and written to
    /// the same text, as a run after a merge conflict does.
    static let lock = FuzzTarget(name: "lock") { bytes in
        guard let lock = LockFile(bytes: bytes) else { return }
        let again = LockFile(bytes: lock.bytes)
        precondition(again?.bytes == lock.bytes, "a lock read back is written differently")
    }
}
