import Platform

/// ZIP and tar files, tar packed with gzip or zstd or not, told by their first bytes.
public enum Archive {
    /// What came out.
    public struct Unpacked: Hashable, Sendable {
        public var files = 0
        public var bytes = 0
        /// Links and the like, which were passed over.
        public var skipped = 0
    }

    /// - Parameters:
    ///   - archive: Its path.
    ///   - folder: A folder that is there; nil reads all and keeps nothing.
    ///   - takes: Of a path below the folder whether that file is wanted.
    ///   - skips: Whether what is neither a file nor a folder is passed over; else it is an error.
    ///   - progress: Is told now and then how many of the archive's bytes have been read.
    /// - Throws: The first thing that is wrong; what was written until then stays.
    /// - Complexity: O(bytes) in time; in memory a piece of a file, and of a ZIP file where all of them lie.
    public static func unpack(
        _ archive: String, into folder: String?, takes: @escaping (String) -> Bool = { _ in true },
        skips: Bool = false, progress: (_ bytes: Int, _ of: Int) -> Void = { _, _ in }
    ) throws(ArchiveError) -> Unpacked {
        do {
            let file = try FileStream(archive)
            let unpacked = UnpackedFolder(folder, takes: takes, skips: skips, size: file.size)
            let peeked = try PeekingStream(file, bytes: 8)
            if ZipArchive.begins(peeked.head) {
                let mapped = try MappedFile(archive)
                try withExtendedLifetime(mapped) {
                    try ZipArchive(mapped.bytes).unpack(into: unpacked) { progress($0, mapped.bytes.count) }
                }
            } else {
                var tar = TarArchive(try UnpackedStream.plain(peeked, size: file.size))
                try tar.unpack(into: unpacked, foreign: form(of: peeked.head)) {
                    progress(file.position, file.size)
                }
            }
            return Unpacked(files: unpacked.files, bytes: unpacked.bytes, skipped: unpacked.skipped)
        } catch {
            throw ArchiveError(error)
        }
    }

    /// What other archives begin with.
    private static func form(of head: [UInt8]) -> String? {
        let forms: [([UInt8], String)] = [
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "packed with xz"),
            (Array("BZh".utf8), "packed with bzip2"),
            ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive"), (Array("Rar!".utf8), "a RAR archive"),
            ([0x04, 0x22, 0x4D, 0x18], "packed with LZ4"),
        ]
        return forms.first { head.starts(with: $0.0) }?.1
    }
}
