/// Where something of an archive lies below the folder it is unpacked into. A name is any text, and must not lead
/// elsewhere.
enum EntryPath {
    /// As Linux's file systems have it.
    private static let longestPart = 255
    /// With room for the folder's own path, of 4096 that a system call takes.
    private static let longest = 3072

    /// - Parameter name: With `/` between its parts; one at the end says it is a folder. Parts `.` and empty ones, as
    ///   `./a` and `a//b` have, mean nothing.
    /// - Returns: Nil for the folder itself.
    static func path(of name: [UInt8]) throws(ArchiveError) -> String? {
        func bad(_ why: String) -> ArchiveError {
            .badName(name: String(decoding: name, as: UTF8.self), why: why)
        }
        if name.contains(0) { throw bad("it has a NUL character") }
        if name.first == UInt8(ascii: "/") { throw bad("it begins at the root") }
        guard let text = String(validating: name, as: UTF8.self) else {
            throw bad("it is not UTF-8; pack it again with such names")
        }
        var parts: [Substring.UTF8View] = []
        for part in text.utf8.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            if part.elementsEqual("..".utf8) { throw bad("'..' leads out of it") }
            if part.count > longestPart { throw bad("a part has more than \(longestPart) bytes") }
            parts.append(part)
        }
        if text.utf8.count > longest { throw bad("it has more than \(longest) bytes") }
        return parts.isEmpty ? nil : parts.map { String(Substring($0)) }.joined(separator: "/")
    }
}
