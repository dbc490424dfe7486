import Glibc
import Platform

/// Standard input as a file, for what must be looked at twice; gone with its owner.
final class SpooledInput {
    let path: String

    /// - Throws: `SystemError`.
    init() throws {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var name = Array("\(folder)/sluice-input-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard descriptor >= 0 else { throw SystemError("write", path) }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count == 0 { return }
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("read", "standard input")
            }
            try buffer.withUnsafeBytes {
                try Files.writeAll(UnsafeRawBufferPointer(rebasing: $0[..<count]), to: descriptor, path: path)
            }
        }
    }

    deinit { unlink(path) }
}
