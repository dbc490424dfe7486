import CPlatform
import Glibc

/// A system call that failed: what was tried, on which path, and why.
public struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    public var operation: String
    public var path: String
    public var errno: Int32

    /// - Parameter errno: Read it before any other call can change it.
    public init(_ operation: String, _ path: String, errno: Int32 = Glibc.errno) {
        self.operation = operation
        self.path = path
        self.errno = errno
    }

    public var description: String { "cannot \(operation) '\(path)': \(String(cString: strerror(errno)))" }
    public var isNotFound: Bool { errno == ENOENT || errno == ENOTDIR }
}

/// What a file is, as far as caching cares.
public struct FileStatus: Sendable, Hashable {
    public enum Kind: UInt8, Sendable { case file, directory, symlink, other }

    public var kind: Kind
    public var size: Int64
    /// Modification and status-change times in nanoseconds since the epoch.
    public var modified: Int64
    public var changed: Int64
    public var inode: UInt64
    public var device: UInt64
    public var mode: UInt32
    public var links: UInt64

    init(_ info: stat) {
        kind =
            switch info.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .symlink
            default: .other
            }
        size = Int64(info.st_size)
        modified = Int64(info.st_mtim.tv_sec) * 1_000_000_000 + Int64(info.st_mtim.tv_nsec)
        changed = Int64(info.st_ctim.tv_sec) * 1_000_000_000 + Int64(info.st_ctim.tv_nsec)
        inode = UInt64(info.st_ino)
        device = UInt64(info.st_dev)
        mode = UInt32(info.st_mode)
        links = UInt64(info.st_nlink)
    }

    public var isExecutable: Bool { mode & 0o111 != 0 }
}

/// Files and folders by plain path. Every call goes straight to the system;
/// none needs Foundation, which would cost start-up time in every worker.
public enum Files {
    /// - Parameter followLinks: Whether a symlink's target is described.
    /// - Returns: Nil when nothing has that path.
    public static func status(_ path: String, followLinks: Bool = true) throws(SystemError) -> FileStatus? {
        var info = stat()
        let result = followLinks ? stat(path, &info) : lstat(path, &info)
        guard result == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw SystemError("look at", path)
        }
        return FileStatus(info)
    }

    /// The same for a path that lies in memory already; nil also when it
    /// cannot be looked at.
    public static func status(_ path: UnsafePointer<CChar>) -> FileStatus? {
        var info = stat()
        return stat(path, &info) == 0 ? FileStatus(info) : nil
    }

    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// All bytes of a file.
    public static func read(_ path: String) throws(SystemError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("read", path) }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw SystemError("read", path) }
        guard info.st_mode & S_IFMT != S_IFDIR else { throw SystemError("read", path, errno: EISDIR) }
        // One byte more than the size, so that a file that does not grow ends
        // with a read of zero and no second allocation.
        var bytes = [UInt8](repeating: 0, count: Int(info.st_size) + 1)
        var filled = 0
        while true {
            if filled == bytes.count { bytes += [UInt8](repeating: 0, count: bytes.count) }
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress! + filled, buffer.count - filled)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("read", path)
            }
            if count == 0 { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    /// All bytes of an open file from a position to its end, where that is now:
    /// another machine may have moved it.
    public static func read(
        from descriptor: Int32, at position: Int, path: String
    ) throws(SystemError) -> [UInt8] {
        let size = sluice_current_size(descriptor)
        guard size >= 0 else { throw SystemError("read", path) }
        var bytes = [UInt8](repeating: 0, count: max(0, size - position))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    descriptor, buffer.baseAddress! + filled, buffer.count - filled, off_t(position + filled))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("read", path)
            }
            if count == 0 { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    /// Writes all bytes to an open descriptor; `path` is for the error.
    public static func writeAll(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
    ) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("write", path)
            }
            written += count
        }
    }

    public static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(SystemError) {
        do {
            try bytes.withUnsafeBytes { try writeAll($0, to: descriptor, path: path) }
        } catch let error as SystemError {
            throw error
        } catch {
            preconditionFailure("writeAll throws SystemError only")
        }
    }

    /// Creates or replaces a file in place. For what others may read meanwhile
    /// use `replace`.
    public static func write(
        _ bytes: some Collection<UInt8>, to path: String, mode: UInt32 = 0o644
    ) throws(SystemError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw SystemError("write", path) }
        defer { close(descriptor) }
        try writeAll(Array(bytes), to: descriptor, path: path)
    }

    /// Copies a file's bytes; where the file system can, they are shared
    /// until one side is written to.
    public static func copy(_ from: String, to path: String, mode: UInt32 = 0o644) throws(SystemError) {
        let source = open(from, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw SystemError("read", from) }
        defer { close(source) }
        let target = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
        guard target >= 0 else { throw SystemError("write", path) }
        defer { close(target) }
        // The kernel copies; between file systems that cannot, bytes pass through here.
        var isFirst = true
        while true {
            let count = sluice_copy_range(source, target, 1 << 30)
            if count == 0, !isFirst { return }
            if count <= 0 {
                if count < 0, errno == EINTR { continue }
                break
            }
            isFirst = false
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = Glibc.read(source, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("read", from)
            }
            if count == 0 { return }
            do {
                try buffer.withUnsafeBytes {
                    try writeAll(UnsafeRawBufferPointer(rebasing: $0[..<count]), to: target, path: path)
                }
            } catch let error as SystemError {
                throw error
            } catch {
                preconditionFailure("writeAll throws SystemError only")
            }
        }
    }

    /// Adds to a file's end, in one piece.
    public static func append(_ bytes: [UInt8], to path: String) throws(SystemError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("write", path) }
        defer { close(descriptor) }
        try writeAll(bytes, to: descriptor, path: path)
    }

    /// Puts a file in place by rename, so that a reader sees the old bytes or
    /// the new ones, never a part.
    public static func replace(_ path: String, with bytes: some Collection<UInt8>) throws(SystemError) {
        let temporary = "\(path).tmp-\(getpid())-\(mark)"
        do {
            try write(bytes, to: temporary)
            try rename(temporary, to: path)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Two machines may have a process of one number.
    private static let mark = String(UInt64.random(in: 0 ... .max), radix: 36)

    public static func rename(_ from: String, to path: String) throws(SystemError) {
        guard Glibc.rename(from, path) == 0 else { throw SystemError("put in place", path) }
    }

    /// Bytes that can still be written to the file system of a path; nil when
    /// it cannot be told.
    public static func freeBytes(_ path: String) -> Int64? {
        var info = statvfs()
        guard statvfs(path, &info) == 0 else { return nil }
        return Int64(
            clamping: UInt64(info.f_bavail).multipliedReportingOverflow(by: UInt64(info.f_frsize))
                .partialValue)
    }

    /// Puts a file or folder in the place of whatever lies there, in one step
    /// where the file system can: a reader sees the old one or the new one.
    /// What lay there is gone afterwards, and so is `from`.
    ///
    /// - Throws: `SystemError` with `EXDEV` when the two are not on one file system.
    public static func supplant(_ path: String, with from: String) throws(SystemError) {
        while true {
            if sluice_exchange(from, path) == 0 { return try remove(from) }
            if errno == ENOENT {
                if sluice_rename_new(from, path) == 0 { return }
                // Another process was first: exchange with what it put there.
                if errno == EEXIST { continue }
            }
            guard errno == EINVAL || errno == ENOSYS else { throw SystemError("put in place", path) }
            // The file system cannot exchange.
            try remove(path)
            return try rename(from, to: path)
        }
    }

    /// Makes a folder and those above it that are missing.
    public static func makeDirectories(_ path: String) throws(SystemError) {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw SystemError("make the folder", path)
        }
        try makeDirectories(String(path[..<slash]))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw SystemError("make the folder", path) }
    }

    /// The names in a folder, sorted by their bytes, without `.` and `..`.
    public static func list(_ path: String) throws(SystemError) -> [String] {
        guard let directory = opendir(path) else { throw SystemError("list", path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Removes a file, a symlink or a whole folder; nothing there is no error.
    public static func remove(_ path: String) throws(SystemError) {
        guard let status = try status(path, followLinks: false) else { return }
        if status.kind == .directory {
            for name in try list(path) { try remove(path + "/" + name) }
            guard rmdir(path) == 0 || errno == ENOENT else { throw SystemError("remove", path) }
        } else {
            guard unlink(path) == 0 || errno == ENOENT else { throw SystemError("remove", path) }
        }
    }
}
