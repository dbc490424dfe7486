import CPlatform
import Glibc
import Platform

/// What the system can do where a store lies, each found out by trying.
struct SystemProbe {
    /// An existing folder that may be written to; probes leave nothing in it.
    let folder: String

    /// Nil when the folder can be written to, else why not.
    func writeProblem() -> String? {
        let path = temporary("write")
        defer { unlink(path) }
        do {
            try Files.write([1, 2, 3], to: path)
            return try Files.read(path) == [1, 2, 3] ? nil : "what was written there reads differently"
        } catch {
            return error.description
        }
    }

    /// Whether files can share blocks until one is written to (FICLONE).
    func canShareBlocks() -> Bool {
        let (from, to) = (temporary("from"), temporary("to"))
        defer {
            unlink(from)
            unlink(to)
        }
        guard (try? Files.write([UInt8](repeating: 7, count: 65_536), to: from)) != nil else { return false }
        let source = open(from, O_RDONLY | O_CLOEXEC)
        let target = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, mode_t(0o600))
        defer {
            close(source)
            close(target)
        }
        return sluice_clone_file(target, source) == 0
    }

    /// Whether a lock taken through one descriptor keeps out another.
    func canLock() -> Bool {
        let path = temporary("lock")
        defer { unlink(path) }
        let first = open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode_t(0o600))
        let second = open(path, O_RDWR | O_CLOEXEC)
        defer {
            close(first)
            close(second)
        }
        guard flock(first, LOCK_EX | LOCK_NB) == 0 else { return false }
        return flock(second, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// Nil where the kernel has none.
    static var landlock: Int? {
        let version = sluice_landlock_version()
        return version > 0 ? Int(version) : nil
    }

    /// Bytes of memory of the machine.
    static var memory: Int64 { Int64(sysconf(Int32(_SC_PHYS_PAGES))) * Int64(sysconf(Int32(_SC_PAGESIZE))) }

    private func temporary(_ name: String) -> String { "\(folder)/.sluice-probe-\(getpid())-\(name)" }
}
