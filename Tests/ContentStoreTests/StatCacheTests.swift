import ContentStore
import Glibc
import Platform
import Testing

@Suite struct StatCacheTests {
    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = "/tmp/sluice-stat-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try Files.makeDirectories(folder)
        defer { try? Files.remove(folder) }
        try body(folder)
    }

    @Test func editsWithinOneTickAreAllSeen() throws {
        try Self.withFolder { folder in
            var cache = StatCache()
            for number in 0..<200 {
                let bytes = Array("\(1000 + number)".utf8)
                try Files.write(bytes, to: folder + "/f")
                let found = try cache.digest(of: folder + "/f", now: StatCache.now(in: folder))
                #expect(found.digest == Digest.of(bytes) && found.size == 4)
            }
        }
    }

    @Test func anOldFileIsCachedAndARacyOneIsNot() throws {
        try Self.withFolder { folder in
            try Files.write([1, 2, 3], to: folder + "/f")
            let status = try #require(try Files.status(folder + "/f"))
            var cache = StatCache()
            _ = try cache.digest(of: folder + "/f", now: status.changed)
            #expect(!cache.isChanged)
            _ = try cache.digest(of: folder + "/f", now: status.changed + 1)
            #expect(cache.isChanged)
            try cache.save(to: folder + "/cache")
            var again = try StatCache(file: folder + "/cache")
            // Whether it was hashed again shows in whether an entry was made.
            #expect(try again.digest(of: folder + "/f", now: .max).digest == Digest.of([1, 2, 3]))
            #expect(!again.isChanged)
        }
    }

    @Test func aDamagedCacheIsAnEmptyOne() throws {
        try Self.withFolder { folder in
            try Files.write([1, 2, 3], to: folder + "/f")
            var cache = StatCache()
            _ = try cache.digest(of: folder + "/f", now: .max)
            try cache.save(to: folder + "/cache")
            let whole = try Files.read(folder + "/cache")
            for position in whole.indices {
                for damaged in [
                    Array(whole[..<position]),
                    Array(whole[..<position]) + [whole[position] ^ 1] + whole[(position + 1)...],
                ] {
                    try Files.write(damaged, to: folder + "/cache")
                    var read = try StatCache(file: folder + "/cache")
                    _ = try read.digest(of: folder + "/f", now: .max)
                    #expect(read.isChanged, "damage at \(position) went unseen")
                }
            }
        }
    }

    /// Files of a folder asked for together, and one by one.
    @Test func aFoldersDigestsAreThoseOfItsFiles() throws {
        try Self.withFolder { folder in
            try Files.makeDirectories(folder + "/s/d")
            for number in 0..<700 {
                let name = number % 3 == 0 ? "d/\(number)" : "d-\(number)"
                try Files.write(Array("\(number)".utf8), to: "\(folder)/s/\(name)")
            }
            try Files.write([UInt8](repeating: 7, count: 3 << 20), to: folder + "/s/large")
            try Files.write([9], to: folder + "/s-beside")
            let listing = try FolderListing(folder + "/s")
            let expected = try listing.entries.map { entry in
                entry.status.kind == .file ? try Digest.ofFile(listing.place(of: entry)) : nil
            }
            func digests(_ cache: inout StatCache, now: Int64 = .max) throws -> [Digest?] {
                try cache.digests(of: listing, now: now).map { $0?.digest }
            }
            // Files as new as the clock are read, and not kept.
            var racy = StatCache()
            #expect(try digests(&racy, now: 0) == expected.map { $0?.digest } && !racy.isChanged)

            var cache = StatCache()
            _ = try cache.digest(of: folder + "/s-beside", now: .max)
            #expect(try digests(&cache) == expected.map { $0?.digest })
            #expect(try cache.digests(of: listing, now: .max).map { $0?.size } == expected.map { $0?.size })
            try cache.save(to: folder + "/cache")
            var again = try StatCache(file: folder + "/cache")
            #expect(try digests(&again) == expected.map { $0?.digest } && !again.isChanged)
            #expect(try again.digest(of: folder + "/s/d/33", now: .max).digest == Digest.of(Array("33".utf8)))
            #expect(try again.digest(of: folder + "/s-beside", now: .max).digest == Digest.of([9]))
            #expect(!again.isChanged)
            // One that changed since is read again, and only its entry is another one.
            try Files.write(Array("other".utf8), to: folder + "/s/d/33")
            let changed = try FolderListing(folder + "/s")
            let found = try again.digests(of: changed, now: .max)
            let place = try #require(changed.entries.firstIndex { changed.path(of: $0) == "d/33" })
            #expect(found[place]?.digest == Digest.of(Array("other".utf8)) && again.isChanged)
            #expect(found.indices.allSatisfy { $0 == place || found[$0]?.digest == expected[$0]?.digest })
            try Files.remove(folder + "/s/large")
            #expect(throws: SystemError("read", folder + "/s/large", errno: ENOENT)) {
                var empty = StatCache()
                return try empty.digests(of: changed, now: .max)
            }
        }
    }

    /// What is kept of many changes, saved and read in between, is what a
    /// dictionary would keep.
    @Test func savedChangesAddUp() throws {
        try Self.withFolder { folder in
            var cache = StatCache()
            var kept: [String: Int64] = [:]
            var random = SystemRandomNumberGenerator()
            for round in 0..<60 {
                for _ in 0..<Int.random(in: 0...8, using: &random) {
                    let path =
                        folder + "/" + String(repeating: "x", count: .random(in: 1...6, using: &random))
                    try Files.write([UInt8](repeating: 1, count: 10 * round + kept.count), to: path)
                    let status = try #require(try Files.status(path))
                    // Half of them are racy: what was known of them is dropped.
                    let isSettled = Bool.random(using: &random)
                    _ = try cache.digest(of: path, status, now: isSettled ? .max : status.changed)
                    if cache.stamp(of: path) != nil { kept[path] = status.changed } else { kept[path] = nil }
                    #expect(isSettled == (kept[path] != nil))
                }
                if round % 3 == 0 {
                    try cache.save(to: folder + "/cache")
                    cache = try StatCache(file: folder + "/cache")
                }
                for length in 1...6 {
                    let path = folder + "/" + String(repeating: "x", count: length)
                    #expect(cache.stamp(of: path)?.changed == kept[path])
                }
            }
        }
    }
}
