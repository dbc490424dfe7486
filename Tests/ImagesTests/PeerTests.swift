import Glibc
import Images
import Platform
import Testing

/// Python with Pillow and NumPy, if there is one.
private let peersPython: String? = {
    guard let value = getenv("SLUICE_PEERS_PYTHON"), access(value, X_OK) == 0 else {
        print("Images: not compared with Pillow: SLUICE_PEERS_PYTHON names no program")
        return nil
    }
    return String(cString: value)
}()

@Suite struct PeerTests {
    @Test(.enabled(if: peersPython != nil, "SLUICE_PEERS_PYTHON is not set"), arguments: 0..<4)
    func `Pillow's pictures give the pixels that Pillow reads from them`(seed: Int) throws {
        let folder = "/tmp/sluice-images-\(getpid())-\(seed)"
        try Files.makeDirectories(folder)
        defer { try? Files.remove(folder) }
        let script = #filePath.replacing("PeerTests.swift", with: "peers/pictures.py")
        let command = "\(try #require(peersPython)) \(script) \(folder) \(seed) > \(folder)/out 2>&1"
        let status = try #require(popen(command, "r").map { pclose($0) })
        let said = String(decoding: try Files.read(folder + "/out"), as: UTF8.self)
        try #require(status == 0, "\(said)")
        let names = try Files.list(folder).filter { $0.hasSuffix("g") }
        #expect(names.count == 60)
        for name in names {
            let told = try Files.read(folder + "/" + name.prefix { $0 != "." } + ".pixels")
            let head = told.prefix { $0 != 0x0A }
            let image = try Files.read(folder + "/" + name).withUnsafeBytes { bytes in
                Result { () throws(ImageError) in try Image(bytes) }
            }.get()
            #expect(
                "\(image.width) \(image.height) \(image.channels)" == String(decoding: head, as: UTF8.self),
                "seed \(seed), \(name)")
            #expect(image.pixels == Array(told[(head.count + 1)...]), "seed \(seed), \(name)")
        }
    }
}
