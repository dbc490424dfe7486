import Planner

extension FuzzTarget {
    /// The lock: what could be read of it is written, read back and written to
    /// the same text, as a run after a merge conflict does.
    static let lock = FuzzTarget(name: "lock") { bytes in
        guard let lock = LockFile(text: String(decoding: bytes, as: UTF8.self)) else { return }
        let again = LockFile(text: lock.text)
        precondition(again?.text == lock.text, "a lock read back is written differently")
    }
}
