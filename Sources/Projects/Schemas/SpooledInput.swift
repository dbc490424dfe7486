import Glibc
import Platform

/// Standard input as a file, for what must be looked at twice. Its name is gone as soon as it is open, so nothing stays
/// behind, however the program ends.
final class SpooledInput {
    /// By way of this process: it leads to the file as long as the object lives.
    let path: String
    private let descriptor: Int32

    /// - Parameters:
    ///   - source: Read to its end.
    ///   - folder: Nil is `TMPDIR`, else /tmp.
    /// - Throws: `SystemError`.
    init(_ source: Int32 = STDIN_FILENO, in folder: String? = nil) throws {
        let folder = folder ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var name = Array("\(folder)/sluice-input-XXXXXX".utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else {
            throw SystemError(
                "write", String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        unlink(name)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        path = "/proc/self/fd/\(descriptor)"
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = Glibc.read(source, &buffer, buffer.count)
            if count == 0 { return }
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("read", "standard input")
            }
            try buffer.withUnsafeBytes {
                try Files.writeAll(
                    UnsafeRawBufferPointer(rebasing: $0[..<count]), to: descriptor,
                    path: "a file in \(folder)")
            }
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
