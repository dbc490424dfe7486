import CanonicalJSON
import ContentStore
import Glibc
import Planner
import Platform

/// What this checkout knows of external sources: the snapshot of each, and when
/// it was last looked at. The lock, which is committed, knows no times; losing
/// this loses a fetch only.
public struct FetchMemory: Sendable {
    public struct Entry: Hashable, Sendable {
        public var snapshot: LockFile.Snapshot
        /// Seconds since the epoch.
        public var looked: Double
    }

    private let folder: String

    public init(_ workspace: Workspace) { folder = workspace.local + "/fetches" }

    /// - Returns: Nil where nothing is known, or nothing that can be read.
    subscript(source: Digest) -> Entry? {
        guard let bytes = try? Files.read(folder + "/" + source.hex),
            let json = try? JSONValue(parsing: bytes),
            let digest = json["snapshot"]?.string.flatMap({ Digest(hex: $0) }),
            let looked = json["looked"]?.number, let validator = json["validator"]
        else { return nil }
        return Entry(
            snapshot: LockFile.Snapshot(source: source, digest: digest, validator: validator), looked: looked)
    }

    func note(_ snapshot: LockFile.Snapshot) throws(SystemError) {
        let json: JSONValue = [
            "looked": .number(Self.now), "snapshot": .string(snapshot.digest.hex),
            "validator": snapshot.validator,
        ]
        try Files.makeDirectories(folder)
        try Files.replace(folder + "/" + snapshot.source.hex, with: json.canonicalBytes)
    }

    /// Of all snapshots, for what keeps blobs from collection.
    public var digests: [Digest] {
        ((try? Files.list(folder)) ?? []).compactMap { name in
            Digest(hex: name).flatMap { self[$0]?.snapshot.digest }
        }
    }

    /// When to look again hangs on the clock, and no output does.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
