import CPlatform
import Glibc
import Platform

/// Held by the one run that executes an action; a second run asks again until
/// it is free and then looks the result up. Given back when the value goes, or
/// its process, so that no kill leaves a stale one.
///
/// Every action has a byte of one file, `locks`, chosen by its key; a file an
/// action, made and removed a thousand times a run, costs ext4 more than all
/// else a stage does. Two keys share a byte once in 2^62 pairs, and then only
/// wait for each other.
public final class ActionLock: Sendable {
    private let descriptor: Int32

    /// - Returns: Nil when another run, or another stage of this one, holds
    ///   the action's lock.
    public init?(_ key: Digest, in store: BlobStore) throws(SystemError) {
        let path = store.root + "/locks"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("lock", path) }
        while sluice_lock_byte(descriptor, Int64(key.leadingBits >> 2)) != 0 {
            let reason = errno
            if reason == EINTR { continue }
            close(descriptor)
            if reason == EAGAIN || reason == EACCES { return nil }
            throw SystemError("lock", path, errno: reason)
        }
    }

    deinit { close(descriptor) }
}
