import CPlatform
import Glibc

/// A file written piece by piece beside its place and put there by rename, so
/// that a reader sees the old bytes or all the new ones. Dropped before
/// `finish`, it leaves nothing behind.
public struct FileReplacement: ~Copyable {
    private let path: String
    private let temporary: String
    private let descriptor: Int32
    private var isFinished = false
    /// Bytes written so far.
    public private(set) var count = 0

    public init(_ path: String) throws(SystemError) {
        self.path = path
        temporary = "\(path).tmp-\(getpid())"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(0o644))
        guard descriptor >= 0 else { throw SystemError("write", path) }
    }

    public mutating func write(_ bytes: [UInt8]) throws(SystemError) {
        try Files.writeAll(bytes, to: descriptor, path: path)
        count += bytes.count
    }

    public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        try Files.writeAll(bytes, to: descriptor, path: path)
        count += bytes.count
    }

    public mutating func finish() throws(SystemError) {
        try Files.rename(temporary, to: path)
        isFinished = true
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if !isFinished { unlink(temporary) }
    }
}
