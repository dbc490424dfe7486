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
}
