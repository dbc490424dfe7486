import Glibc
import Platform
import Testing

@Suite struct FolderListingTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let path = "/tmp/sluice-listing-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try Files.makeDirectories(path)
        defer { try? Files.remove(path) }
        try body(path)
    }

    private func make(_ paths: [String], in folder: String) throws {
        for path in paths {
            let place = folder + "/" + path
            try Files.makeDirectories(String(place[..<place.lastIndex(of: "/")!]))
            if !path.hasSuffix("/") { try Files.write(Array(path.utf8), to: place) }
        }
    }

    @Test func entriesStandInTheOrderOfTheirPathsBytes() throws {
        try withFolder { folder in
            try make(["a/c", "a-b", "a.b/", "a0", "a/é/z", "ä", "B"], in: folder)
            #expect(symlink("a", folder + "/to-a") == 0)
            let listing = try FolderListing(folder)
            #expect(
                listing.entries.map(listing.path(of:))
                    == ["B", "a", "a-b", "a.b", "a/c", "a/é", "a/é/z", "a0", "to-a", "ä"])
            #expect(
                listing.entries.map(\.status.kind)
                    == [
                        .file, .directory, .file, .directory, .file, .directory, .file, .file, .symlink,
                        .file,
                    ])
            #expect(listing.entries.map(\.isEmptyFolder).firstIndex(of: true) == 3)
            #expect(listing.entries[6].status.size == 6 && listing.isWhole)
            #expect(try listing.status == Files.status(folder))
        }
    }

    @Test func whatIsSkippedIsNotLookedAtNorWhatLiesBelow() throws {
        try withFolder { folder in
            try make(["keep/x", "drop/deep/y", "keep/drop", "z"], in: folder)
            let listing = try FolderListing(folder) { $0.hasSuffix("drop") }
            #expect(listing.entries.map(listing.path(of:)) == ["keep", "keep/x", "z"])
            #expect(!listing.isWhole)
            // A folder of which all is skipped is not an empty one.
            let none = try FolderListing(folder + "/keep") { _ in true }
            #expect(none.entries.isEmpty)
            let outer = try FolderListing(folder) { $0.contains("/") }
            #expect(outer.entries.map(\.isEmptyFolder) == [false, false, false])
        }
    }

    /// Enough for several threads, and for more folders than are open at once.
    @Test func manyAreTheSameAsOneByOne() throws {
        try withFolder { folder in
            let paths = (0..<5000).map { "d\($0 % 150)/\($0 % 7 == 0 ? "e/" : "")f\($0)" }
            try make(paths, in: folder)
            let listing = try FolderListing(folder)
            let files = listing.entries.filter { $0.status.kind == .file }.map(listing.path(of:))
            #expect(files == paths.sorted { $0.precedes($1) })
            for entry in listing.entries where entry.status.size % 3 == 0 {
                #expect(try entry.status == Files.status(listing.place(of: entry), followLinks: false))
            }
        }
    }

    @Test func whatCannotBeListedIsNamed() throws {
        try withFolder { folder in
            #expect(throws: SystemError("list", folder + "/none", errno: ENOENT)) {
                try FolderListing(folder + "/none")
            }
            try make(["file"], in: folder)
            #expect(throws: SystemError("list", folder + "/file", errno: ENOTDIR)) {
                try FolderListing(folder + "/file")
            }
            let bytes = folder.utf8.map { CChar(bitPattern: $0) } + [47, CChar(bitPattern: 0xff), 0]
            close(open(bytes, O_CREAT | O_WRONLY, 0o600))
            #expect(throws: SystemError("read", folder + "/\u{FFFD}", errno: EILSEQ)) {
                try FolderListing(folder)
            }
            // Where it does not count, its name does not matter.
            #expect(try FolderListing(folder) { $0 != "file" }.entries.count == 1)
        }
    }

    @Test func namesWithTheirKindsAreThoseOfTheFolder() throws {
        try withFolder { folder in
            try make(["b", "a-b", "a/c", "ä"], in: folder)
            #expect(symlink("b", folder + "/l") == 0 && mkfifo(folder + "/pipe", 0o600) == 0)
            let found = try FolderNames(folder)
            #expect(found.names.map(\.name) == ["a", "a-b", "b", "l", "pipe", "ä"])
            #expect(found.names.map(\.kind) == [.directory, .file, .file, .symlink, .other, .file])
            #expect(try found.status == Files.status(folder))
        }
    }
}
