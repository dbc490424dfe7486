import CPlatform
import Glibc

/// A file locked by whoever made it, for as long as its descriptor is open:
/// what finds it unlocked knows that its maker is gone, and may clean up.
public enum HeldFile {
    /// Makes and locks a file.
    ///
    /// One who cleans up may come between the making and the lock, and remove
    /// the file as nobody's; then it is made again. So what the file stands for
    /// must not be there before this returns.
    ///
    /// - Returns: Its descriptor; the lock is given back when it is closed.
    public static func make(_ path: String) throws(SystemError) -> Int32 {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw SystemError("lock", path) }
            while flock(descriptor, LOCK_EX) != 0 {
                let reason = errno
                if reason == EINTR { continue }
                close(descriptor)
                throw SystemError("lock", path, errno: reason)
            }
            var (mine, present) = (stat(), stat())
            if fstat(descriptor, &mine) == 0, stat(path, &present) == 0, mine.st_ino == present.st_ino {
                return descriptor
            }
            close(descriptor)
        }
    }
}
