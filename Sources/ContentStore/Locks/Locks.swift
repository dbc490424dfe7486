import Glibc
import Platform

/// Something that is held against other processes.
///
/// It is given back by `release`, when the value goes, and when the process
/// ends in order. What a process that is killed held is found to be nobody's.
public protocol Hold: AnyObject, Sendable {
    /// Whether others have taken this process for dead, and what it held with it.
    var isLost: Bool { get }
    /// Once is enough; again does nothing.
    func release()
}

/// How the processes that use one folder keep out of each other's way.
///
/// There are two ways, `KernelLocks` and `LeaseLocks`, which `LockChoice`
/// chooses between; nothing else asks which it is.
public protocol Locks: Sendable {
    /// What the user of a run should know of them.
    var notice: StoreFinding? { get }

    /// What runs hold together and a collection alone; waits for it.
    ///
    /// - Parameter waits: Called once when there is something to wait for.
    /// - Returns: Nil where the store cannot be written, and so neither collected.
    func hold(_ use: StoreGuard.Use, waits: () -> Void) throws(SystemError) -> (any Hold)?

    /// What the one run that executes an action holds.
    ///
    /// - Returns: Nil when another has it; ask again.
    func action(_ key: Digest) throws(SystemError) -> (any Hold)?

    /// One process after the other does something to the file at `path`; waits.
    func turn(at path: String) throws(SystemError) -> any Hold

    /// Makes a file that says its maker lives. `release` alone removes it: one
    /// that its maker has left behind is there for `abandonedFile`.
    ///
    /// What it stands for must not be there before this returns.
    ///
    /// - Parameter path: That no other process makes.
    func heldFile(_ path: String) throws(SystemError) -> any Hold

    /// Takes a file that was made by `heldFile` when its maker is gone, so that
    /// one process alone cleans up what it stands for; `release` removes it.
    ///
    /// - Parameter waits: Called when finding out takes its time. Nil: what is
    ///   not known to be abandoned at once is taken to be held.
    /// - Returns: Nil when it is held, or not there.
    func abandonedFile(_ path: String, waits: (() -> Void)?) -> (any Hold)?

    /// Removes what killed processes have left of the locks themselves.
    ///
    /// - Parameter time: What changed later stays; nanoseconds since the epoch,
    ///   of the file system's clock.
    /// - Precondition: The caller holds the store for a collection.
    func sweep(before time: Int64)
}

/// Which locks a folder is used with.
public enum LockChoice: String, Sendable, CaseIterable {
    case flock, lease

    /// The environment variable that decides for the file system.
    public static let variable = "SLUICE_LOCKS"

    /// What the environment asks for; nil leaves it to the file system.
    ///
    /// - Throws: `StoreFinding.unknownLocks`.
    public static func asked() throws(StoreFinding) -> LockChoice? {
        guard let value = getenv(variable).map({ String(cString: $0) }), !value.isEmpty else { return nil }
        guard let choice = LockChoice(rawValue: value) else { throw .unknownLocks(value) }
        return choice
    }

    /// The locks of a folder, which is there.
    ///
    /// A folder that has leases keeps them: on the file server itself it lies
    /// on a local disk.
    ///
    /// - Complexity: Two system calls.
    public static func locks(of folder: String) -> any Locks {
        let reason: LeaseReason
        switch try? asked() {
        case .flock: return KernelLocks(folder)
        case .lease: reason = .asked
        case nil:
            if let system = FileSystem(of: folder), system.isNetwork {
                reason = .network(system.name)
            } else if Files.exists(LeaseLocks.folder(in: folder)) {
                reason = .usedBefore
            } else {
                return KernelLocks(folder)
            }
        }
        return LeaseLocks(in: folder, notice: .leases(folder: folder, reason))
    }
}

/// Why leases are used.
public enum LeaseReason: Hashable, Sendable {
    case asked
    /// The name of the file system.
    case network(String)
    case usedBefore
}
