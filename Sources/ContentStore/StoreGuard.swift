import CPlatform
import Glibc
import Platform

/// Keeps blobs from being collected while a run needs them: runs hold the
/// guard together, a collection holds it alone. Given back when the value
/// goes, or its process.
public final class StoreGuard: Sendable {
    private let descriptor: Int32

    public enum Use: Sendable { case run, collection }

    /// Waits for its turn: a run while a collection works, a collection while
    /// anything runs.
    ///
    /// - Parameter waits: Called once when there is something to wait for.
    /// - Returns: Nil where the store cannot be written, and so neither collected.
    public init?(_ use: Use, of store: BlobStore, waits: () -> Void = {}) throws(SystemError) {
        let path = store.root + "/guard"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            if errno == EROFS || errno == EACCES { return nil }
            throw SystemError("lock", path)
        }
        let mode = use == .run ? LOCK_SH : LOCK_EX
        if flock(descriptor, mode | LOCK_NB) == 0 { return }
        waits()
        while flock(descriptor, mode) != 0 {
            guard errno == EINTR else {
                let reason = errno
                close(descriptor)
                throw SystemError("lock", path, errno: reason)
            }
        }
    }

    deinit { close(descriptor) }
}
