import Glibc
import Platform
import Synchronization

/// A file that says which process holds something, with a heartbeat that says
/// that it still does: a lock where the kernel's may not reach every machine.
///
/// Its name is a token that nobody uses twice. So whoever removes it, its
/// holder or one who takes the holder for dead, removes it and nothing else.
final class Lease: Hold {
    enum Kind {
        /// Given back when the process ends in order.
        case lock
        /// Stands for what must be cleaned up: only `release` removes it.
        case heldFile
    }

    private let file: LeaseFile

    /// Puts a lease in place whole.
    ///
    /// - Parameters:
    ///   - path: Of its file, whose last part is its token.
    ///   - room: A folder that comes with it: it is there only while it holds
    ///     the lease, and only one process can put it there.
    ///   - aside: The folder in which it is built; nil for the one it comes to.
    /// - Returns: Nil when `room` is another's.
    init?(
        _ path: String, kind: Kind = .lock, room: String? = nil, aside: String? = nil, renewal: Double
    ) throws(SystemError) {
        file = LeaseFile(path, kind: kind, room: room)
        // Before it is in place: the first look at it finds its process at it.
        Heartbeat.begin(file, every: renewal)
        do throws(SystemError) {
            if try file.arrive(from: aside) { return }
        } catch {
            Heartbeat.end(file)
            throw error
        }
        Heartbeat.end(file)
        return nil
    }

    deinit {
        Heartbeat.end(file)
        if file.kind == .lock { file.remove() }
    }

    var isLost: Bool { file.isLost }

    func release() {
        Heartbeat.end(file)
        file.remove()
    }

    static func token() -> String {
        let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// What of a lease lies on the disk, and what its process knows of it.
final class LeaseFile: Sendable {
    private enum State {
        case coming
        case held(beat: Int)
        /// Others have removed it.
        case lost
        case givenBack
    }

    let path: String
    let kind: Lease.Kind
    private let room: String?
    private let state = Mutex(State.coming)

    init(_ path: String, kind: Lease.Kind, room: String?) {
        self.path = path
        self.kind = kind
        self.room = room
    }

    var isLost: Bool { state.withLock { if case .lost = $0 { true } else { false } } }

    /// - Returns: False when the room is another's.
    func arrive(from aside: String?) throws(SystemError) -> Bool {
        let target = room ?? path
        let slash = target.lastIndex(of: "/") ?? target.startIndex
        let folder = aside ?? String(target[..<slash])
        let token = String(path[(path.lastIndex(of: "/") ?? path.startIndex)...].dropFirst())
        // Names with a dot are nobody's yet.
        let new = "\(folder)/.\(token)"
        try Files.makeDirectories(room == nil ? folder : new)
        do throws(SystemError) {
            let bytes = LeaseHolder.current.bytes(beat: 0)
            try Files.write(bytes, to: room == nil ? new : "\(new)/\(token)")
        } catch {
            try? Files.remove(new)
            throw error
        }
        // A room that its holder has left. Rename takes an empty folder's place
        // (POSIX), but not on every server; this fails where it is not empty.
        if room != nil { rmdir(target) }
        let isInPlace = Glibc.rename(new, target) == 0
        let reason = errno
        // Where a reply is lost on the way, the second attempt fails: what
        // counts is what lies there.
        guard isInPlace || Files.exists(path) else {
            try? Files.remove(new)
            if room != nil, reason == EEXIST || reason == ENOTEMPTY || Files.exists(target) { return false }
            throw SystemError("lock", target, errno: reason)
        }
        state.withLock { $0 = .held(beat: 0) }
        return true
    }

    /// Writes the next beat. It opens the file by its name, and so learns when
    /// it was taken away.
    func renew() {
        state.withLock { state in
            guard case .held(let beat) = state else { return }
            let descriptor = open(path, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                // Any other trouble may pass; until then others see no beat.
                if errno == ENOENT || errno == ESTALE { state = .lost }
                return
            }
            try? Files.writeAll(LeaseHolder.current.bytes(beat: beat + 1), to: descriptor, path: path)
            close(descriptor)
            state = .held(beat: beat + 1)
        }
    }

    func remove() {
        state.withLock { state in
            switch state {
            case .held:
                state = .givenBack
                unlink(path)
                if let room { rmdir(room) }
            case .coming, .lost, .givenBack: break
            }
        }
    }
}
