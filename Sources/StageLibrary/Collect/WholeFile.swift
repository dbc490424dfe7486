import Glibc
import Platform

/// All bytes of a file: mapped, or unpacked in memory where its first bytes say that it is packed.
final class WholeFile {
    /// Valid as long as the object lives.
    let bytes: UnsafeRawBufferPointer
    private let mapped: MappedFile?

    /// - Parameter most: After about so many unpacked bytes no more are.
    /// - Throws: `SystemError`; `PackingError`.
    init(_ path: String, atMost most: Int = .max) throws {
        let file = try MappedFile(path)
        guard let packing = Packing(head: file.bytes.prefix(4)) else {
            (mapped, bytes) = (file, file.bytes)
            return
        }
        let stream = try UnpackedStream(FileStream(path), packing, size: file.bytes.count)
        var size = max(1 << 16, file.bytes.count * 4)
        guard var start = malloc(size) else { throw SystemError("unpack", path, errno: ENOMEM) }
        var count = 0
        do {
            while true {
                let room = UnsafeMutableRawBufferPointer(start: start + count, count: size - count)
                count += try stream.fill(room)
                if count < size || count >= most { break }
                guard let larger = realloc(start, size * 2) else {
                    throw SystemError("unpack", path, errno: ENOMEM)
                }
                (start, size) = (larger, size * 2)
            }
        } catch {
            free(start)
            throw error
        }
        mapped = nil
        bytes = UnsafeRawBufferPointer(start: realloc(start, max(count, 1)) ?? start, count: count)
    }

    deinit { if mapped == nil { free(UnsafeMutableRawPointer(mutating: bytes.baseAddress)) } }
}
