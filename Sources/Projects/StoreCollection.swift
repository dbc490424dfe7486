import ContentStore
import Executor
import Glibc
import Planner
import Platform

/// Removes from a store what nobody needs any more.
///
/// Kept is what is reachable from the locks of each registered checkout (its
/// work tree, its branches and tags), what its last ten runs gave, and
/// anything younger than a day. A checkout that is not there keeps what it had
/// when it was last seen.
public struct StoreCollection {
    public struct Outcome: Sendable {
        public var keptBlobs = 0
        public var keptBytes: Int64 = 0
        public var removedBlobs = 0
        public var removedBytes: Int64 = 0
        public var removedRecords = 0
        /// Roots of checkouts that could not be reached.
        public var unreachable: [String] = []
    }

    let store: BlobStore
    let checkouts: Checkouts

    public init(_ store: BlobStore) {
        self.store = store
        checkouts = Checkouts(of: store)
    }

    /// - Parameters:
    ///   - isDry: Counts only.
    ///   - here: The root of the checkout it is called from, registered or not.
    ///   - now: Nanoseconds since the epoch, of the file system's clock.
    /// - Precondition: The caller holds the store's guard for a collection.
    public func run(isDry: Bool, from here: String, now: Int64) throws -> Outcome {
        var outcome = Outcome()
        var needed = locked(in: here)
        for checkout in try checkouts.all() {
            if checkout.isReachable {
                let digests = locked(in: checkout.root)
                if !isDry { try checkouts.noteLocks(digests, of: checkout) }
                needed.formUnion(digests)
            } else {
                outcome.unreachable.append(checkout.root)
            }
            needed.formUnion(try checkouts.digests(of: checkout))
        }
        let blobs = try store.blobs()
        let day: Int64 = 86_400 * 1_000_000_000
        for blob in blobs where blob.added > now - day { needed.insert(blob.digest) }
        reachFiles(&needed)
        for blob in blobs {
            if needed.contains(blob.digest) {
                outcome.keptBlobs += 1
                outcome.keptBytes += blob.size
            } else {
                outcome.removedBlobs += 1
                outcome.removedBytes += blob.size
                if !isDry { try store.drop(blob.digest) }
            }
        }
        if !isDry {
            var index = try ActionIndex(root: store.root)
            outcome.removedRecords = try index.compact { record in
                try record.outputs.allSatisfy { try store.contains($0.digest, size: nil) }
            }
            sweepTemporary(now - day)
            store.locks.sweep(before: now - day)
        }
        return outcome
    }

    /// Forgets checkouts that are not there; nil forgets all of those.
    ///
    /// - Returns: The roots forgotten.
    public func forget(_ root: String?) throws -> [String] {
        var forgotten: [String] = []
        for checkout in try checkouts.all() {
            guard root == checkout.root || root == nil && !checkout.isReachable else { continue }
            try checkouts.forget(checkout)
            forgotten.append(checkout.root)
        }
        return forgotten
    }

    /// A folder's manifest needs the files it names.
    private func reachFiles(_ needed: inout Set<Digest>) {
        for digest in needed {
            let path = store.path(of: digest)
            guard let file = try? MappedFile(path), file.bytes.first == UInt8(ascii: "["),
                let manifest = FolderManifest(bytes: Array(file.bytes))
            else { continue }
            for case .file(let digest, _, _) in manifest.entries.map(\.content) { needed.insert(digest) }
        }
    }

    // MARK: Locks

    /// What the locks of a checkout name: in its work tree, branches and tags.
    private func locked(in root: String) -> Set<Digest> {
        var digests: Set<Digest> = []
        func take(_ bytes: [UInt8]) {
            guard let lock = LockFile(bytes: bytes) else { return }
            for block in lock.blocks.values {
                digests.formUnion(block.outputs.entries.map(\.output.digest))
                if let snapshot = block.snapshot { digests.insert(snapshot.digest) }
            }
        }
        digests.formUnion(FetchMemory(Workspace(root: root)).digests)
        for path in lockFiles(below: root) { if let bytes = try? Files.read(path) { take(bytes) } }
        for object in lockObjects(in: root) {
            if let bytes = try? Subprocess.output(of: ["git", "-C", root, "cat-file", "blob", object]) {
                take(bytes)
            }
        }
        return digests
    }

    private func lockFiles(below folder: String, depth: Int = 0) -> [String] {
        guard depth < 32 else { return [] }
        return ((try? Files.list(folder)) ?? []).flatMap { name -> [String] in
            if name.hasPrefix(".") { return [] }
            let path = folder + "/" + name
            guard let status = try? Files.status(path, followLinks: false) else { return [] }
            if status.kind == .directory { return lockFiles(below: path, depth: depth + 1) }
            return status.kind == .file && name.hasSuffix(".lock") ? [path] : []
        }
    }

    /// Git's names of every lock file on a branch or tag, each once.
    private func lockObjects(in root: String) -> [String] {
        func lines(_ arguments: [String]) -> [Substring] {
            guard let bytes = try? Subprocess.output(of: ["git", "-C", root] + arguments) else { return [] }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        }
        var objects: Set<String> = []
        for reference in lines([
            "for-each-ref", "--format=%(objectname)", "refs/heads", "refs/tags", "refs/remotes",
        ]) {
            for line in lines(["ls-tree", "-r", "--full-tree", String(reference)])
            where line.hasSuffix(".lock") {
                let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
                if words.count >= 4 { objects.insert(String(words[2])) }
            }
        }
        return objects.sorted()
    }

    /// What runs that were killed left behind long ago.
    private func sweepTemporary(_ before: Int64) {
        for name in (try? Files.list(store.root + "/tmp")) ?? [] {
            let path = store.root + "/tmp/" + name
            if let status = try? Files.status(path, followLinks: false), status.changed < before {
                try? Files.remove(path)
            }
        }
    }
}
