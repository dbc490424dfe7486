import Archives
import Glibc
import Platform

extension FuzzTarget {
    /// ZIP and tar files, as they are and with the checksums of tar's headers made right: an error that says something,
    /// or files, the same ones every time.
    static let archive = FuzzTarget(name: "archive") { bytes in
        read(bytes)
        var mended = bytes
        for start in stride(from: 0, through: bytes.count - 512, by: 512)
        where bytes[start + 257..<start + 262].elementsEqual(Array("ustar".utf8)) {
            let sum = bytes[start..<start + 512].enumerated().reduce(0) {
                $0 + (148..<156 ~= $1.offset ? 0x20 : Int($1.element))
            }
            let digits = String(sum, radix: 8)
            let field = String(repeating: "0", count: 6 - digits.count) + digits + "\0 "
            mended.replaceSubrange(start + 148..<start + 156, with: field.utf8)
        }
        if mended != bytes { read(mended) }
    }

    private static func read(_ bytes: [UInt8]) {
        do {
            try Files.write(bytes, to: path)
        } catch {
            preconditionFailure("\(error)")
        }
        do throws(ArchiveError) {
            let first = try Archive.unpack(path, into: nil)
            let second = try Archive.unpack(path, into: nil)
            precondition(second == first, "the second time is another")
            let all = try Archive.unpack(path, into: nil, skips: true)
            precondition(all == first, "there was nothing to pass over")
        } catch {
            precondition(!error.description.isEmpty, "an error says nothing")
            _ = try? Archive.unpack(path, into: nil, skips: true)
        }
    }

    private static let path =
        (getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp") + "/fuzz-\(getpid()).archive"
}
