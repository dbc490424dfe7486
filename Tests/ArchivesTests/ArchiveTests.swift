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

    /// A folder of its own beside which another one would show.
    private func unpacked(
        _ name: String, takes: @escaping (String) -> Bool = { _ in true }, skips: Bool = false
    ) throws -> (result: Result<Archive.Unpacked, ArchiveError>, files: [String: [UInt8]]) {
        let place = try Place()
        let result = Result { () throws(ArchiveError) in
            try Archive.unpack("\(Self.fixtures)/\(name)", into: place.folder, takes: takes, skips: skips)
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
