import Platform
import Testing

@testable import Archives

/// Archives that Python, GNU tar and zstd wrote (make.py).
@Suite struct ArchiveTests {
    private static let fixtures =
        #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/Fixtures"

    private static let long =
        Array(repeating: "a-folder-with-a-name-of-forty-characters", count: 4).joined(separator: "/")
        + "/ü.txt"
    private static let files: [String: [UInt8]] = [
        "a.txt": Array("one\n".utf8), "b/c.txt": [], long: Array("long\n".utf8),
        "b/d.bin": Array(repeating: Array(UInt8.min...UInt8.max), count: 40).flatMap { $0 },
    ]

    private typealias Outcome = (result: Result<Archive.Unpacked, ArchiveError>, files: [String: [UInt8]])

    private func unpacked(
        _ name: String, takes: @escaping (String) -> Bool = { _ in true }, skips: Bool = false
    ) throws -> Outcome {
        try unpacked(path: "\(Self.fixtures)/\(name)", takes: takes, skips: skips)
    }

    private func unpacked(_ bytes: [UInt8]) throws -> Outcome {
        let path = "/tmp/sluice-archive-\(UInt64.random(in: 0 ... .max))"
        try Files.write(bytes, to: path)
        defer { try? Files.remove(path) }
        return try unpacked(path: path)
    }

    /// Into a folder of its own beside which another one would show.
    private func unpacked(
        path: String, takes: @escaping (String) -> Bool = { _ in true }, skips: Bool = false
    ) throws -> Outcome {
        let place = try Place()
        let result = Result { () throws(ArchiveError) in
            try Archive.unpack(path, into: place.folder, takes: takes, skips: skips)
        }
        return (result, try place.files())
    }

    private struct Place: ~Copyable {
        let outer: String
        var folder: String { outer + "/in" }

        init() throws {
            outer = "/tmp/sluice-archives-\(UInt64.random(in: 0 ... .max))"
            try Files.makeDirectories(outer + "/in")
        }

        deinit { try? Files.remove(outer) }

        /// All that was written, below the outer folder where it does not lie in the inner one.
        func files() throws -> [String: [UInt8]] {
            var found: [String: [UInt8]] = [:]
            func look(_ path: String, _ name: String) throws {
                for entry in try Files.list(path) {
                    let (path, name) = ("\(path)/\(entry)", name.isEmpty ? entry : "\(name)/\(entry)")
                    let status = try #require(try Files.status(path, followLinks: false))
                    switch status.kind {
                    case .directory: try look(path, name)
                    case .file: found[name] = try Files.read(path)
                    case .symlink, .other: Issue.record("\(name) is no file")
                    }
                }
            }
            try look(outer, "")
            return Dictionary(
                uniqueKeysWithValues: found.map {
                    ($0.key.hasPrefix("in/") ? String($0.key.dropFirst(3)) : "OUTSIDE \($0.key)", $0.value)
                })
        }
    }

    @Test(arguments: [
        "stored.zip", "deflated.zip", "piped.zip", "ustar.tar.gz", "gnu.tar", "pax.tar", "pax.tar.zst",
    ])
    func `all files come out as they went in`(name: String) throws {
        let (result, files) = try unpacked(name)
        #expect(try result.get() == .init(files: 4, bytes: 10_249))
        #expect(files == Self.files)
    }

    @Test func `of files that are not wanted nothing is written`() throws {
        for name in ["deflated.zip", "pax.tar"] {
            let (result, files) = try unpacked(name, takes: { $0.hasPrefix("b/") && $0.hasSuffix(".bin") })
            #expect(try result.get() == .init(files: 1, bytes: 10_240))
            #expect(files.keys.sorted() == ["b/d.bin"])
        }
    }

    @Test func `an archive without files is one`() throws {
        #expect(try unpacked("empty.zip").result.get() == .init())
    }

    @Test func `a name that leads out of the folder is an error, and nothing is written there`() throws {
        for (name, path, why) in [
            ("outside.zip", "../out.txt", "'..' leads out of it"),
            ("root.zip", "/tmp/out.txt", "it begins at the root"),
            ("outside.tar.gz", "b/../../out.txt", "'..' leads out of it"),
        ] {
            let (result, files) = try unpacked(name)
            #expect(result == .failure(.badName(name: path, why: why)), "\(name)")
            #expect(!files.keys.contains { $0.hasPrefix("OUTSIDE") })
        }
    }

    @Test func `folders that Windows separates are folders`() throws {
        let (result, files) = try unpacked("windows.zip")
        #expect(try result.get().files == 2)
        #expect(files == ["b/c.txt": Array("1".utf8), "a.txt": Array("2".utf8)])
    }

    @Test func `links and pipes are an error or passed over, and never made`() throws {
        #expect(try unpacked("link.zip").result == .failure(.notAFile(name: "passwd", kind: "a link")))
        #expect(try unpacked("links.tar.gz").result == .failure(.notAFile(name: "link", kind: "a link")))
        #expect(try unpacked("link.zip", skips: true).result.get() == .init(skipped: 1))
        let (result, files) = try unpacked("links.tar.gz", skips: true)
        #expect(try result.get() == .init(files: 4, bytes: 10_249, skipped: 3))
        #expect(files == Self.files)
        // What nobody wants may be what it likes.
        #expect(try unpacked("links.tar.gz", takes: { $0.hasSuffix(".txt") }).result.get().files == 3)
    }

    @Test func `what cannot be unpacked says why`() throws {
        let cases: [(String, String)] = [
            ("bzip2.zip", "'a.txt' is packed by method 12, which is not read"),
            ("encrypted.zip", "'a.txt' is encrypted, which is not read"),
            ("twice.zip", "'a.txt/b.txt' is there twice, or is a file and a folder at once"),
            ("overlap.zip", "'b' is damaged: its bytes are also those of 'a'"),
            ("../make.py", "it is no ZIP file and no tar file, packed with gzip or zstd or not"),
        ]
        for (name, message) in cases {
            guard case .failure(let error) = try unpacked(name).result else {
                Issue.record("\(name) was unpacked")
                continue
            }
            #expect("\(error)" == message)
        }
    }

    @Test func `other archives are named`() throws {
        for (head, name) in [
            ([UInt8](hex: "FD377A585A00"), "packed with xz"), (Array("BZh9".utf8), "packed with bzip2"),
            ([UInt8](hex: "377ABCAF271C"), "a 7z archive"), (Array("Rar!".utf8), "a RAR archive"), ([], nil),
        ] {
            let path = "/tmp/sluice-archive-\(UInt64.random(in: 0 ... .max))"
            try Files.write(head, to: path)
            defer { try? Files.remove(path) }
            #expect(throws: ArchiveError.noArchive(form: name)) { try Archive.unpack(path, into: nil) }
        }
    }

    @Test func `names that a String would not tell apart, or not cut, are folders of their own`() throws {
        let names = ["caf\u{E9}/a", "cafe\u{301}/b", "x/\u{301}y/z"]
        let bytes = names.flatMap { Self.tarHeader($0) } + [UInt8](repeating: 0, count: 1024)
        let (result, files) = try unpacked(bytes)
        #expect(try result.get().files == 3)
        #expect(Set(files.keys.map { Array($0.utf8) }) == Set(names.map { Array($0.utf8) }))
    }

    @Test func `very deep folders and very many of them are refused`() throws {
        let deep = Self.tarHeader(String(repeating: "a/", count: 49) + "b")
        #expect(try unpacked(deep + [UInt8](repeating: 0, count: 1024)).result.get().files == 1)
        #expect(
            throws: ArchiveError.badName(
                name: String(repeating: "a/", count: 65) + "b", why: "it lies in more than 64 folders")
        ) {
            try EntryPath(Array((String(repeating: "a/", count: 65) + "b").utf8))
        }
        // 512 MiB are 131,072 blocks.
        let folder = UnpackedFolder(nil, takes: { _ in true }, skips: false, size: 0)
        #expect(throws: ArchiveError.tooLarge(limit: 512 << 20)) {
            for number in 0...131_072 { try folder.begin(EntryPath(Array("\(number)".utf8))) }
        }
        #expect(folder.files == 131_073)
    }

    @Test func `what follows the end mark is not lost without a word`() throws {
        let (one, end) = (Self.tarHeader("a"), [UInt8](repeating: 0, count: 1024))
        #expect(try unpacked(one + end + end).result.get().files == 1)
        #expect(
            try unpacked(one + end + one + end).result
                == .failure(.damaged("header 2", "it is empty, and more follows")))
        #expect(try unpacked(end + one).result == .failure(.noArchive(form: nil)))
    }

    /// Of a file without bytes, as POSIX has it.
    private static func tarHeader(_ name: String) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ place: Int) {
            block.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
        }
        put(name, 0)
        put("00000000000", 124)
        put("0", 156)
        put("ustar", 257)
        put("        ", 148)
        let digits = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - digits.count) + digits + "\0 ", 148)
        return block
    }

    @Test func `a list that says it is of fewer files is read to its end, or is damaged`() throws {
        var bytes = try Files.read("\(Self.fixtures)/stored.zip")
        // The count stands 10 and 8 bytes behind the start of the last record, of 22.
        bytes[bytes.count - 12] = 1
        #expect(try unpacked(bytes).result.get().files == 4)
        let second = try #require(bytes.indices.last { bytes[$0...].starts(with: [0x50, 0x4B, 1, 2]) })
        bytes[second] = 0
        #expect(
            try unpacked(bytes).result
                == .failure(.damaged("the list of files", "it says there are 1, and more follows")))
    }

    // MARK: Damage

    private static let damaged = [
        "stored.zip", "deflated.zip", "piped.zip", "ustar.tar.gz", "pax.tar", "pax.tar.zst",
    ]

    @Test(arguments: damaged) func `an archive that is cut anywhere is an error`(name: String) throws {
        let whole = try Files.read("\(Self.fixtures)/\(name)")
        // A tar file goes on behind its end mark, of two blocks, the first of which is enough.
        let count = name == "pax.tar" ? try Self.end(ofTar: whole) : whole.count
        for length in stride(from: 0, to: count, by: name == "pax.tar" || name == "stored.zip" ? 97 : 1) {
            #expect(throws: ArchiveError.self, "\(length) bytes") { try Self.read(Array(whole[..<length])) }
        }
    }

    private static func end(ofTar bytes: [UInt8]) throws -> Int {
        try #require(
            stride(from: 0, to: bytes.count, by: 512).first { start in
                bytes[start..<start + 1024].allSatisfy { $0 == 0 } && start > 11_000
            }) + 512
    }

    /// No bit of what is read goes unnoticed where a checksum holds it; all else is an error or an archive.
    @Test(arguments: damaged) func `a flipped bit is an error or an archive`(name: String) throws {
        let whole = try Files.read("\(Self.fixtures)/\(name)")
        var errors = 0
        for place in stride(from: 0, to: whole.count, by: max(1, whole.count / 1500)) {
            var bytes = whole
            bytes[place] ^= 1 << UInt8(place % 8)
            do {
                _ = try Self.read(bytes)
            } catch {
                errors += 1
                #expect(!"\(error)".isEmpty)
            }
        }
        #expect(errors > 0)
    }

    private static func read(_ bytes: [UInt8]) throws -> Archive.Unpacked {
        let path = "/tmp/sluice-archive-\(UInt64.random(in: 0 ... .max))"
        try Files.write(bytes, to: path)
        defer { try? Files.remove(path) }
        return try Archive.unpack(path, into: nil)
    }
}

extension [UInt8] {
    fileprivate init(hex: String) {
        let digits = hex.compactMap(\.hexDigitValue)
        self = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
}
