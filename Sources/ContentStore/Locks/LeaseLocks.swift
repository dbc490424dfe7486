import Glibc
import Platform
import Synchronization

/// Locks made of files, for folders that several machines use: decision 0010.
///
/// In `leases/` of the folder what one process holds alone is a folder with its
/// lease in it. It is built aside and renamed into place, which fails while the
/// folder there holds a lease. What many hold are leases side by side in one
/// folder, `guard`: each puts its own there first, then looks at the others.
public final class LeaseLocks: Locks {
    private let folder: String
    private let timing: LeaseTiming
    private let watch: LeaseWatch
    /// When actions were last found to be another's.
    private let busy = Mutex<[Digest: Double]>([:])
    public let notice: StoreFinding?

    public init(in folder: String, notice: StoreFinding? = nil, timing: LeaseTiming = LeaseTiming()) {
        self.folder = Self.folder(in: folder)
        self.timing = timing
        self.notice = notice
        watch = LeaseWatch(timing)
    }

    static func folder(in folder: String) -> String { folder + "/leases" }

    // MARK: Held alone

    /// - Returns: Nil while a live process has it.
    private func take(_ room: String) throws(SystemError) -> Lease? {
        guard try live(in: room).isEmpty else { return nil }
        return try Lease("\(room)/\(Lease.token())", room: room, renewal: timing.renewal)
    }

    public func action(_ key: Digest) throws(SystemError) -> (any Hold)? {
        // A run asks 20 times a second, which is more than a server should hear.
        let now = monotonicSeconds()
        if let last = busy.withLock({ $0[key] }), now - last < timing.look { return nil }
        let lease = try take("\(folder)/action-\(key.hex.prefix(16))")
        busy.withLock { $0[key] = lease == nil ? now : nil }
        return lease
    }

    public func turn(at path: String) throws(SystemError) -> any Hold {
        let room = "\(folder)/turn-\(Self.name(path))"
        var pause = timing.look / 64
        while true {
            if let lease = try take(room) { return lease }
            // Turns are short. Not all who wait ask at once again.
            Self.sleep(pause * Double.random(in: 0.5...1))
            pause = min(2 * pause, timing.look)
        }
    }

    // MARK: Runs and collections

    public func hold(_ use: StoreGuard.Use, waits: () -> Void) throws(SystemError) -> (any Hold)? {
        do throws(SystemError) {
            let lease = use == .run ? try holdWithOthers(waits) : try holdAlone(waits)
            tidy()
            return lease
        } catch  where error.errno == EROFS || error.errno == EACCES {
            return nil
        }
    }

    private var room: String { folder + "/guard" }
    private static let collection = "collection"

    /// A run's lease is there before it looks for a collection's, and a
    /// collection's before it looks for runs': one of the two sees the other,
    /// and it is the run that gives way. Both stand in one folder because a
    /// change that a machine has made there itself makes it read the names anew.
    private func holdWithOthers(_ waits: () -> Void) throws(SystemError) -> Lease {
        var hasTold = false
        while true {
            let path = "\(room)/run-\(Lease.token())"
            if let lease = try Lease(path, renewal: timing.renewal) {
                guard try isCollected() else { return lease }
                lease.release()
            }
            if !hasTold { waits() }
            hasTold = true
            repeat { Self.sleep(timing.look) } while try isCollected()
        }
    }

    private func holdAlone(_ waits: () -> Void) throws(SystemError) -> Lease {
        var hasTold = false
        func pause() {
            if !hasTold { waits() }
            hasTold = true
            Self.sleep(timing.look)
        }
        while true {
            guard let lease = try take("\(room)/\(Self.collection)") else {
                pause()
                continue
            }
            while try !live(in: room).allSatisfy({ $0 == Self.collection }) { pause() }
            return lease
        }
    }

    private func isCollected() throws(SystemError) -> Bool {
        guard try names(in: room).contains(Self.collection) else { return false }
        return try !live(in: "\(room)/\(Self.collection)").isEmpty
    }

    // MARK: Files that say their maker lives

    public func heldFile(_ path: String) throws(SystemError) -> any Hold {
        // Built among the leases: beside it whoever cleans up would find half of one.
        guard let lease = try Lease(path, kind: .heldFile, aside: folder, renewal: timing.renewal) else {
            preconditionFailure("a lease without a room is nobody else's")
        }
        return lease
    }

    public func abandonedFile(_ path: String, waits: (() -> Void)?) -> (any Hold)? {
        var hasTold = false
        while true {
            switch watch.verdict(path) {
            case .gone, .alive: return nil
            case .unknown:
                guard let waits else { return nil }
                if !hasTold { waits() }
                hasTold = true
                Self.sleep(timing.look)
            case .stale:
                // Another may have been at it since.
                guard let turn = try? take("\(folder)/claim-\(Self.name(path))"),
                    (try? Files.read(path)) != nil
                else { return nil }
                return Claim(file: path, turn)
            }
        }
    }

    /// An abandoned file in the hands of one who cleans up.
    private final class Claim: Hold {
        private let file: String
        private let turn: Lease

        init(file: String, _ turn: Lease) {
            self.file = file
            self.turn = turn
        }

        var isLost: Bool { turn.isLost }

        func release() {
            unlink(file)
            turn.release()
        }
    }

    // MARK: Tidying

    /// Removes what killed processes of this machine have left and nobody may
    /// ask for again; those of others cannot be told without watching them.
    private func tidy() {
        for folder in [folder, room] {
            for name in (try? Files.list(folder)) ?? [] where name != "guard" {
                let path = "\(folder)/\(name)"
                if !name.hasPrefix(".") {
                    // Nothing but an empty folder is removed by this.
                    if (try? live(in: path))?.isEmpty == true { rmdir(path) }
                } else if isLeftBehind(path) || isLeftBehind(path + "/" + name.dropFirst()) {
                    try? Files.remove(path)
                }
            }
        }
    }

    /// Whether what is not in place yet will not come to be.
    private func isLeftBehind(_ path: String) -> Bool {
        guard let bytes = try? Files.read(path), let holder = LeaseHolder(bytes: bytes) else { return false }
        return holder.isHere && holder.isGone
    }

    /// Runs that wait put leases into `guard` meanwhile, and nothing elsewhere.
    public func sweep(before time: Int64) {
        for name in (try? Files.list(folder)) ?? [] where name != "guard" {
            let path = "\(folder)/\(name)"
            if let status = try? Files.status(path, followLinks: false), status.changed < time {
                try? Files.remove(path)
            }
        }
    }

    // MARK: Looking

    /// Names of the leases in a folder whose holders live, or may; those of the
    /// dead are removed.
    private func live(in room: String) throws(SystemError) -> [String] {
        try names(in: room).filter { name in
            if name == Self.collection { return true }
            let path = "\(room)/\(name)"
            switch watch.verdict(path) {
            case .gone: return false
            case .alive, .unknown: return true
            case .stale:
                unlink(path)
                return false
            }
        }
    }

    /// - Returns: Empty where there is no such folder.
    private func names(in room: String) throws(SystemError) -> [String] {
        do throws(SystemError) {
            // Those with a dot are not in place yet, or NFS's own.
            return try Files.list(room).filter { !$0.hasPrefix(".") }
        } catch {
            guard error.isNotFound || error.errno == ESTALE else { throw error }
            return []
        }
    }

    private static func name(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    private static func sleep(_ seconds: Double) { usleep(UInt32(seconds * 1e6)) }
}
