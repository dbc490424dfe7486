import Glibc
import Platform
import Testing

/// Compares with a file in Goldens, which `RECORD_GOLDENS=1` writes anew.
func expectGolden(_ text: String, _ name: String, file: String = #filePath) throws {
    let path = file[..<file.lastIndex(of: "/")!] + "/Goldens/" + name
    if getenv("RECORD_GOLDENS") != nil { try Files.write(Array(text.utf8), to: String(path)) }
    #expect(text == String(decoding: try Files.read(String(path)), as: UTF8.self))
}

/// A folder that is gone with the value.
final class Scratch {
    let path: String

    init() throws {
        var template = Array("/tmp/sluice-projects-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw SystemError("make", "/tmp") }
        path = String(cString: made)
    }

    func write(_ text: String, to name: String) throws {
        let target = path + "/" + name
        try Files.makeDirectories(String(target[..<target.lastIndex(of: "/")!]))
        try Files.write(Array(text.utf8), to: target)
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Files.read(path + "/" + name), as: UTF8.self)
    }

    func names() throws -> [String] { try Files.list(path) }

    deinit { try? Files.remove(path) }
}
