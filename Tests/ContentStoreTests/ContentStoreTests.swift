import CanonicalJSON
import ContentStore
import Dispatch
import Glibc
import Platform
import Testing

/// A folder of its own for each test, removed at its end.
private final class Folder {
    let path = "/tmp/sluice-store-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    init() throws { try Files.makeDirectories(path) }
    deinit { try? Files.remove(path) }
}

private func record(_ name: String, facts: Int64 = 1) -> ActionRecord {
    let digest = Digest.of(Array(name.utf8))
    return ActionRecord(
        key: digest, outputs: [.init(port: "table", type: "table", digest: digest, size: 3)],
        facts: ["rows": .integer(facts)])
}

@Suite struct DigestTests {
    /// FIPS 180-4's example "abc".
    @Test func theDigestIsSHA256() throws {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(Digest.of(Array("abc".utf8)).hex == expected)
        #expect(Digest(hex: expected) == Digest.of(Array("abc".utf8)))
        #expect(Digest(hex: expected.uppercased()) == nil && Digest(hex: expected + "0") == nil)
        #expect(Digest(hex: String(expected.dropLast())) == nil)
        // Every other byte in every place, the neighbours of the digits among them.
        for place in 0..<64 {
            for byte in UInt8.min ... .max where !"0123456789abcdef".utf8.contains(byte) {
                var text = Array(expected.utf8)
                text[place] = byte
                let isRead = text.withUnsafeBufferPointer { Digest(hexDigits: $0) != nil }
                #expect(!isRead, "byte \(byte) at \(place)")
            }
        }
    }

    /// The last two by two threads.
    @Test(arguments: [0, 1, 4095, 4096, 1 << 20, 3_000_001, 1 << 23, 9_000_001])
    func aFileHasTheDigestOfItsBytes(count: Int) throws {
        let folder = try Folder()
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 13) }
        try Files.write(bytes, to: folder.path + "/f")
        let (digest, size) = try Digest.ofFile(folder.path + "/f")
        #expect(digest == Digest.of(bytes) && size == Int64(count))
    }

    @Test func whatCannotBeReadHasNoDigest() throws {
        let folder = try Folder()
        #expect(throws: SystemError("read", folder.path, errno: EISDIR)) { try Digest.ofFile(folder.path) }
    }
}

@Suite struct BlobStoreTests {
    @Test func bytesComeBackAndAreReadOnly() throws {
        let folder = try Folder()
        let store = try BlobStore(root: folder.path)
        let digest = try store.put([1, 2, 3])
        #expect(try store.read(digest) == [1, 2, 3])
        #expect(try store.contains(digest, size: 3) && !store.contains(digest, size: 4))
        #expect(try #require(try Files.status(store.path(of: digest))).mode & 0o777 == 0o444)
        #expect(try Files.list(folder.path + "/tmp") == [])
    }

    @Test func anAdoptedFileMovesIntoTheStore() throws {
        let folder = try Folder()
        let store = try BlobStore(root: folder.path)
        for _ in 0..<2 {
            let file = store.temporaryPath()
            try Files.write(Array("x".utf8), to: file)
            let (digest, size) = try store.adopt(file)
            #expect(!Files.exists(file) && size == 1)
            #expect(try store.read(digest) == Array("x".utf8))
        }
    }

    @Test func everyFlippedBitIsFound() throws {
        let folder = try Folder()
        let store = try BlobStore(root: folder.path)
        let digests = try (0..<20).map { try store.put([UInt8($0), 7, 9]) }
        #expect(try store.verify() == [])
        for digest in [digests[3], digests[11]] {
            var bytes = try store.read(digest)
            bytes[1] ^= 4
            try Files.remove(store.path(of: digest))
            try Files.write(bytes, to: store.path(of: digest))
        }
        #expect(try store.verify() == [digests[3], digests[11]].sorted())
        try store.drop(digests[3])
        #expect(try store.verify() == [digests[11]])
    }
}

@Suite struct BootRecordTests {
    @Test func whatAnotherBootLeftUnsyncedIsReadOnceBeforeItIsTrusted() throws {
        let folder = try Folder()
        let store = try BlobStore(root: folder.path)
        let digests = try (0..<4).map { try store.put([UInt8($0), 1, 2]) }
        let record = BootRecord(of: store)
        func damage(_ digest: Digest) throws {
            try Files.remove(store.path(of: digest))
            try Files.write([0, 0, 0], to: store.path(of: digest))
        }
        // A store without a record trusts nothing.
        try damage(digests[0])
        #expect(try record.settle() == [digests[0]])
        // Under the recorded boot nothing is read.
        try damage(digests[1])
        #expect(try record.settle() == [])
        // Another boot: only what came in after the sync is read.
        // A clock tick later: what comes in during the tick of a sync is read again.
        usleep(20_000)
        let synced = try StatCache.now(in: folder.path)
        try Files.write(Array("another-boot \(synced)\n".utf8), to: folder.path + "/boot")
        #expect(try record.settle() == [])
        try Files.write(Array("another-boot 0\n".utf8), to: folder.path + "/boot")
        #expect(try record.settle() == [digests[1]])
        #expect(try store.verify() == [])
    }
}

@Suite struct ActionIndexTests {
    @Test func recordsComeBackAndTheLastOneOfAKeyCounts() throws {
        let folder = try Folder()
        var index = try ActionIndex(root: folder.path)
        try index.append(record("a"))
        try index.append(record("b"))
        try index.append(record("a", facts: 2))
        let again = try ActionIndex(root: folder.path)
        #expect(again.count == 2)
        #expect(again[record("a").key] == record("a", facts: 2))
        #expect(again[Digest.of([0])] == nil)
    }

    @Test func aTornTailIsPassedOverAndWrittenOver() throws {
        let folder = try Folder()
        var index = try ActionIndex(root: folder.path)
        try index.append(record("a"))
        let whole = try Files.read(folder.path + "/actions")
        try index.append(record("b"))
        let both = try Files.read(folder.path + "/actions")
        for length in whole.count..<both.count {
            try Files.write(Array(both[..<length]), to: folder.path + "/actions")
            var torn = try ActionIndex(root: folder.path)
            #expect(torn.count == 1 && torn[record("a").key] != nil)
            try torn.append(record("c"))
            let mended = try ActionIndex(root: folder.path)
            #expect(mended.count == 2 && mended[record("c").key] == record("c"))
        }
    }

    /// In the body, the length, the checksum or the magic: the records on
    /// both sides stay, and so they do when something is appended behind.
    @Test func aFlippedBitLosesOnlyItsRecord() throws {
        let folder = try Folder()
        var index = try ActionIndex(root: folder.path)
        try index.append(record("a"))
        let start = try Files.read(folder.path + "/actions").count
        try index.append(record("b"))
        let end = try Files.read(folder.path + "/actions").count
        try index.append(record("c"))
        let whole = try Files.read(folder.path + "/actions")
        for position in start..<end {
            var bytes = whole
            bytes[position] ^= 1 << (position % 8)
            try Files.write(bytes, to: folder.path + "/actions")
            var damaged = try ActionIndex(root: folder.path)
            try damaged.append(record("d"))
            let again = try ActionIndex(root: folder.path)
            #expect(again.count == 3)
            #expect(["a", "c", "d"].allSatisfy { again[record($0).key] == record($0) })
        }
    }

    @Test func appendsOfManyWritersAreAllKept() throws {
        let folder = try Folder()
        let path = folder.path
        DispatchQueue.concurrentPerform(iterations: 8) { writer in
            for number in 0..<25 {
                do {
                    var index = try ActionIndex(root: path)
                    try index.append(record("\(writer)-\(number)"))
                } catch {
                    Issue.record(error)
                }
            }
        }
        #expect(try ActionIndex(root: path).count == 200)
    }
}
