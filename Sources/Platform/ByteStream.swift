import CPlatform
import Glibc

/// Bytes that come one after another: those of a file, or what a file unpacks to.
public protocol ByteStream: AnyObject {
    /// Puts the next bytes at the start of a buffer that has room for one at least.
    ///
    /// - Returns: How many they are; 0 only behind the last.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

extension ByteStream {
    /// Reads until the buffer is full or there is no more.
    ///
    /// - Returns: How many bytes came.
    public func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}

/// The bytes of a file from its start. They are copied out, not mapped: a file that is cut short meanwhile just ends
/// there, and what was read is no memory of this process.
public final class FileStream: ByteStream {
    private let descriptor: Int32
    private let path: String
    /// What the file's size was when it was opened; 0 where it has none to tell.
    public let size: Int
    /// How many have been read.
    public private(set) var position = 0

    public init(_ path: String) throws(SystemError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("read", path) }
        var info = stat()
        let isKnown = fstat(descriptor, &info) == 0
        size = isKnown && info.st_mode & S_IFMT == S_IFREG ? Int(info.st_size) : 0
        if !isKnown || info.st_mode & S_IFMT == S_IFDIR {
            let error = SystemError("read", path, errno: isKnown ? EISDIR : errno)
            close(descriptor)
            throw error
        }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 {
                position += count
                return count
            }
            if errno != EINTR { throw SystemError("read", path) }
        }
    }
}

/// Bytes that are in memory already.
public final class MemoryStream: ByteStream {
    private let bytes: [UInt8]
    private var position = 0

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - position)
        buffer.copyBytes(from: bytes[position..<(position + count)])
        position += count
        return count
    }
}

/// A stream of which the first bytes are known before any is taken.
public final class PeekingStream: ByteStream {
    /// Fewer than were asked for where there are no more.
    public let head: [UInt8]
    private let source: any ByteStream
    private var given = 0

    public init(_ source: any ByteStream, bytes: Int) throws {
        var head = [UInt8](repeating: 0, count: bytes)
        let count = try head.withUnsafeMutableBytes { try source.fill($0) }
        self.head = Array(head[..<count])
        self.source = source
    }

    public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard given < head.count else { return try source.read(into: buffer) }
        let part = head[given...].prefix(buffer.count)
        buffer.copyBytes(from: part)
        given += part.count
        return part.count
    }
}
