import CPlatform
import Glibc
import Platform
import Synchronization

/// Locks that the kernel keeps: flock(2), and a lock on one byte for actions.
/// They go with their process, whatever ends it, and cost a system call; but a
/// network file system may keep them on one machine, or not at all.
struct KernelLocks: Locks {
    private let folder: String

    init(_ folder: String) { self.folder = folder }

    var notice: StoreFinding? { nil }

    func hold(_ use: StoreGuard.Use, waits: () -> Void) throws(SystemError) -> (any Hold)? {
        let path = folder + "/guard"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            if errno == EROFS || errno == EACCES { return nil }
            throw SystemError("lock", path)
        }
        let mode = use == .run ? LOCK_SH : LOCK_EX
        if flock(descriptor, mode | LOCK_NB) == 0 { return DescriptorHold(descriptor) }
        waits()
        while flock(descriptor, mode) != 0 {
            guard errno == EINTR else {
                let reason = errno
                close(descriptor)
                throw SystemError("lock", path, errno: reason)
            }
        }
        return DescriptorHold(descriptor)
    }

    /// Every action has a byte of one file, `locks`, chosen by its key; a file an
    /// action, made and removed a thousand times a run, costs ext4 more than all
    /// else a stage does. Two keys share a byte once in 2^62 pairs, and then only
    /// wait for each other.
    func action(_ key: Digest) throws(SystemError) -> (any Hold)? {
        let path = folder + "/locks"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("lock", path) }
        while sluice_lock_byte(descriptor, Int64(key.leadingBits >> 2)) != 0 {
            let reason = errno
            if reason == EINTR { continue }
            close(descriptor)
            if reason == EAGAIN || reason == EACCES { return nil }
            throw SystemError("lock", path, errno: reason)
        }
        return DescriptorHold(descriptor)
    }

    func turn(at path: String) throws(SystemError) -> any Hold { DescriptorHold(try HeldFile.make(path)) }

    func heldFile(_ path: String) throws(SystemError) -> any Hold {
        DescriptorHold(try HeldFile.make(path), file: path)
    }

    func abandonedFile(_ path: String, waits: (() -> Void)?) -> (any Hold)? {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return DescriptorHold(descriptor, file: path)
    }

    func sweep(before time: Int64) {}
}

/// A lock that lasts as long as a descriptor is open.
private final class DescriptorHold: Hold {
    private let descriptor: Atomic<Int32>
    private let file: String?

    /// - Parameter file: Removed by `release`.
    init(_ descriptor: Int32, file: String? = nil) {
        self.descriptor = Atomic(descriptor)
        self.file = file
    }

    deinit { letGo(removes: false) }

    var isLost: Bool { false }

    func release() { letGo(removes: true) }

    private func letGo(removes: Bool) {
        let open = descriptor.exchange(-1, ordering: .sequentiallyConsistent)
        guard open >= 0 else { return }
        // While it is locked: who makes it anew meanwhile sees that it is gone.
        if removes, let file { unlink(file) }
        close(open)
    }
}
