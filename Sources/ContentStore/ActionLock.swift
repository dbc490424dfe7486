import Glibc
import Platform

/// Held by the one run that executes an action; a second run asks again until
/// it is free and then looks the result up. Given back when the value goes, or
/// its process, so that no kill leaves a stale one.
public final class ActionLock: Sendable {
    private let descriptor: Int32
    private let path: String

    /// - Returns: Nil when another run holds the action's lock.
    public init?(_ key: Digest, in store: BlobStore) throws(SystemError) {
        let folder = store.root + "/locks"
        path = folder + "/" + key.hex
        while true {
            var opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            if opened < 0, errno == ENOENT {
                try Files.makeDirectories(folder)
                opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            }
            guard opened >= 0 else { throw SystemError("lock", path) }
            guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
                let reason = errno
                close(opened)
                if reason == EINTR { continue }
                if reason == EWOULDBLOCK { return nil }
                throw SystemError("lock", path, errno: reason)
            }
            // Its last holder may have removed the file since it was opened.
            var (mine, present) = (stat(), stat())
            if fstat(opened, &mine) == 0, stat(path, &present) == 0, mine.st_ino == present.st_ino {
                descriptor = opened
                return
            }
            close(opened)
        }
    }

    deinit {
        unlink(path)
        close(descriptor)
    }
}
