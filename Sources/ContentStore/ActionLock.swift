import Glibc
import Platform

/// Held by the one run that executes an action; a second run waits here and
/// then looks the result up. Given back when the value goes, or its process.
public final class ActionLock: Sendable {
    private let descriptor: Int32

    /// Waits until no other run holds the action's lock.
    public init(_ key: Digest, in store: BlobStore) throws(SystemError) {
        let folder = store.root + "/locks"
        try Files.makeDirectories(folder)
        let path = folder + "/" + key.hex
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("lock", path) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let reason = errno
                close(descriptor)
                throw SystemError("lock", path, errno: reason)
            }
        }
    }

    deinit { close(descriptor) }
}
