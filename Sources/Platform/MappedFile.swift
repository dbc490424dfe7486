import CPlatform
import Glibc

/// The bytes of a file as memory, without a copy; unmapped with the last
/// reference.
///
/// The file must not shrink while it is mapped: touching a page past the new
/// end raises SIGBUS. Blobs of the store never change; a source that does is
/// "changed while being read".
public final class MappedFile: @unchecked Sendable {
    /// Valid as long as the object lives.
    public let bytes: UnsafeRawBufferPointer

    public init(_ path: String) throws(SystemError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("read", path) }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw SystemError("read", path) }
        guard info.st_mode & S_IFMT != S_IFDIR else { throw SystemError("read", path, errno: EISDIR) }
        guard info.st_mode & S_IFMT == S_IFREG else { throw SystemError("map", path, errno: ENODEV) }
        let size = Int(info.st_size)
        // An empty mapping is an error of the system call, an empty file is not.
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw SystemError("map", path)
        }
        bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    /// Lets go of the whole pages of a part that is done with, so that a large
    /// file read from start to end does not stay in memory; what is touched
    /// again is read from the file again.
    public func forget(_ part: Range<Int>) {
        guard let start = bytes.baseAddress else { return }
        let page = Int(getpagesize())
        let part = part.clamped(to: 0..<bytes.count)
        let first = (part.lowerBound + page - 1) / page * page
        let end = part.upperBound / page * page
        guard first < end else { return }
        madvise(UnsafeMutableRawPointer(mutating: start + first), end - first, MADV_DONTNEED)
    }

    deinit {
        if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
    }
}
