/// Where something of an archive lies below the folder it is unpacked into. A name is any text, and must not lead
/// elsewhere.
struct EntryPath {
    /// As Linux's file systems have it.
    private static let longestPart = 255
    /// With room for the folder's own path, of 4096 that a system call takes.
    private static let longest = 3072
    /// Folders on the way, each of which costs the disk a block.
    private static let deepest = 64

    /// None for the folder itself.
    let parts: [String]

    var text: String { parts.joined(separator: "/") }

    /// - Parameter name: With `/` between its parts. Parts `.` and empty ones, as `./a` and `a//b` have, mean nothing.
    /// - Throws: `badName`.
    init(_ name: [UInt8]) throws(ArchiveError) {
        func bad(_ why: String) -> ArchiveError {
            .badName(name: String(decoding: name, as: UTF8.self), why: why)
        }
        if name.contains(0) { throw bad("it has a NUL character") }
        if name.first == UInt8(ascii: "/") { throw bad("it begins at the root") }
        if name.count > Self.longest { throw bad("it has more than \(Self.longest) bytes") }
        guard String(validating: name, as: UTF8.self) != nil else {
            throw bad("it is not UTF-8; pack it again with such names")
        }
        var parts: [String] = []
        // By bytes: a character that joins the one before it would hide the separator in a String.
        for part in name.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            if part.elementsEqual("..".utf8) { throw bad("'..' leads out of it") }
            if part.count > Self.longestPart { throw bad("a part has more than \(Self.longestPart) bytes") }
            parts.append(String(decoding: part, as: UTF8.self))
        }
        if parts.count > Self.deepest + 1 { throw bad("it lies in more than \(Self.deepest) folders") }
        self.parts = parts
    }
}
