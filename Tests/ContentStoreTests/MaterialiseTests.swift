import ContentStore
import Dispatch
import Glibc
import Platform
import Testing

@Suite struct MaterialiseTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let path = "/tmp/sluice-publish-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try Files.makeDirectories(path)
        defer { try? Files.remove(path) }
        try body(path)
    }

    @Test func aDamagedBlobIsNotHandedOut() throws {
        try withFolder { folder in
            let store = try BlobStore(root: folder)
            let digest = try store.put([1, 2, 3])
            try Files.remove(store.path(of: digest))
            try Files.write([1, 2, 2], to: store.path(of: digest))
            #expect(throws: StoreFinding.damagedBlob(digest: digest.hex)) {
                try store.materialise(digest, at: folder + "/x")
            }
            #expect(!Files.exists(folder + "/x"))
        }
    }

    @Test func aFoldersManifestHoldsKindsAndDigestsOnly() throws {
        try withFolder { folder in
            try Files.makeDirectories(folder + "/a/empty")
            try Files.write(Array("abc".utf8), to: folder + "/a/run", mode: 0o755)
            try Files.write([], to: folder + "/a.b")
            #expect(symlink("../a.b", folder + "/a/link") == 0)
            let manifest = try FolderManifest(ofFolder: folder)
            let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            let none = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            #expect(
                String(decoding: manifest.bytes, as: UTF8.self)
                    == "[{\"digest\":\"\(none)\",\"kind\":\"file\",\"path\":\"a.b\",\"size\":0},"
                    + "{\"kind\":\"folder\",\"path\":\"a/empty\"},"
                    + "{\"kind\":\"symlink\",\"path\":\"a/link\",\"target\":\"../a.b\"},"
                    + "{\"digest\":\"\(abc)\",\"kind\":\"executable\",\"path\":\"a/run\",\"size\":3}]")
            // `up` is a link to the root, so `up/..` lies above it.
            #expect(symlink(".", folder + "/up") == 0 && symlink("up/..", folder + "/chain") == 0)
            #expect(throws: StoreFinding.escapingSymlink(path: folder + "/chain", target: "up/..")) {
                try FolderManifest(ofFolder: folder)
            }
            try Files.remove(folder + "/chain")
            #expect(symlink("../../b", folder + "/a/out") == 0)
            #expect(throws: StoreFinding.escapingSymlink(path: folder + "/a/out", target: "../../b")) {
                try FolderManifest(ofFolder: folder)
            }
            try Files.remove(folder + "/a/out")
            #expect(mkfifo(folder + "/pipe", 0o600) == 0)
            #expect(throws: StoreFinding.notStorable(path: folder + "/pipe")) {
                try FolderManifest(ofFolder: folder)
            }
        }
    }

    @Test func onlyOneRunAtATimeHasTheLockOfAnAction() throws {
        try withFolder { folder in
            let store = try BlobStore(root: folder)
            let key = Digest.of([7])
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                do {
                    var lock = try ActionLock(key, in: store)
                    while lock == nil {
                        usleep(500)
                        lock = try ActionLock(key, in: store)
                    }
                    try withExtendedLifetime(lock) {
                        let runs = (try? Files.read(folder + "/result")) ?? []
                        usleep(2000)
                        try Files.write(runs + [1], to: folder + "/result")
                    }
                } catch {
                    Issue.record(error)
                }
            }
            #expect(try Files.read(folder + "/result") == [1, 1, 1, 1])
        }
    }
}
