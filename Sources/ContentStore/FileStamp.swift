import Platform

/// What of a file's status must stay the same for its content to be taken as
/// unchanged without reading it.
public struct FileStamp: Equatable, Sendable {
    public var size: Int64
    /// Nanoseconds, as the file system stamps them.
    public var modified: Int64
    public var changed: Int64
    public var inode: UInt64
    public var device: UInt64

    public init(_ status: FileStatus) {
        size = status.size
        modified = status.modified
        changed = status.changed
        inode = status.inode
        device = status.device
    }

    /// - Precondition: Five words, as `words` gives them.
    public init(words: [UInt64]) {
        var rest = words[...]
        self.init { rest.removeFirst() }
    }

    /// - Parameter next: Gives the five of `words`, one after the other.
    public init(next: () -> UInt64) {
        size = Int64(bitPattern: next())
        modified = Int64(bitPattern: next())
        changed = Int64(bitPattern: next())
        inode = next()
        device = next()
    }

    public var words: [UInt64] {
        [
            UInt64(bitPattern: size), UInt64(bitPattern: modified), UInt64(bitPattern: changed), inode,
            device,
        ]
    }

    /// Whether any later write shows in the stamp: a clock tick is coarser
    /// than a save, so only what is older than `now` is settled.
    public func isSettled(at now: Int64) -> Bool { max(modified, changed) < now }
}
