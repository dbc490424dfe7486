import Diagnostics

/// What can be wrong with the files that the store is given or hands out.
public enum StoreFinding: Error, Finding, Hashable {
    case escapingSymlink(path: String, target: String)
    case notStorable(path: String)
    case damagedBlob(digest: String)
    /// The store, or a checkout's own folder.
    case leases(folder: String, LeaseReason)
    case unknownLocks(String)
    case collected
    case watched(file: String)
    case lostLease

    public var severity: Diagnostic.Severity {
        switch self {
        case .leases: .warning
        case .collected, .watched: .note
        case .escapingSymlink, .notStorable, .damagedBlob, .unknownLocks, .lostLease: .error
        }
    }

    public var message: String {
        switch self {
        case .escapingSymlink(let path, let target):
            "the symlink '\(path)' leads out of its folder, to '\(target)'"
        case .notStorable(let path): "'\(path)' is neither a file, a folder nor a symlink"
        case .damagedBlob(let digest): "the blob \(digest) is damaged or missing"
        case .leases(let folder, .network(let name)):
            "'\(folder)' lies on a network file system, \(name): it is locked with lease files"
        case .leases(let folder, .asked):
            "'\(folder)' is locked with lease files, as \(LockChoice.variable) asks"
        case .leases(let folder, .usedBefore):
            "'\(folder)' is locked with lease files, as there are some from where it is a network file system"
        case .unknownLocks(let value): "\(LockChoice.variable) is '\(value)'"
        case .collected: "waiting for 'sluice store gc' to end"
        case .watched(let file):
            "a run on another machine had work in hand here: looking whether it still has, from '\(file)'"
        case .lostLease:
            "the lease of this run was taken away: another machine saw no heartbeat of it and took it for dead"
        }
    }

    public var notes: [Diagnostic.Note] {
        switch self {
        case .leases:
            [
                .init(
                    "means",
                    "stages start and end a little later, and after a run that dies on one machine "
                        + "others wait up to 30 s for what it held")
            ]
        case .unknownLocks:
            [
                .init(
                    "expected",
                    "'lease' (files with a heartbeat) or 'flock' (locks of the kernel); "
                        + "unset, the file system decides")
            ]
        default: []
        }
    }

    public var fix: String? {
        switch self {
        case .escapingSymlink: "put the file itself in its place"
        case .notStorable: "remove it"
        case .damagedBlob: "run again: what gave it makes it anew"
        case .leases(_, .network):
            "keep the store on a local disk with SLUICE_STORE, or say SLUICE_LOCKS=flock where no other machine uses it"
        case .leases(let folder, .usedBefore):
            "where no other machine uses it, remove '\(folder)/leases' while nothing runs"
        case .leases(_, .asked), .collected, .watched: nil
        case .unknownLocks: "correct or unset it"
        case .lostLease: "run again; a machine that sleeps in mid-run comes to this"
        }
    }

    /// The same with a path as it is called inside a folder.
    public func below(_ folder: String) -> StoreFinding {
        func inside(_ path: String) -> String {
            path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
        }
        return switch self {
        case .escapingSymlink(let path, let target): .escapingSymlink(path: inside(path), target: target)
        case .notStorable(let path): .notStorable(path: inside(path))
        default: self
        }
    }
}
