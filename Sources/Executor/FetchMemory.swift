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

    /// - Parameter looked: When the fetch began: what the source holds since then it may not have seen.
    func note(_ snapshot: LockFile.Snapshot, looked: Double) throws(SystemError) {
        let json: JSONValue = [
            "looked": .number(looked), "snapshot": .string(snapshot.digest.hex),
            "validator": snapshot.validator,
        ]
        try Files.makeDirectories(folder)
        try Files.replace(folder + "/" + snapshot.source.hex, with: json.canonicalBytes)
    }

    /// Of all snapshots looked at within the last month, for what keeps blobs from collection: a query that was edited
    /// leaves one behind each time.
    public var digests: [Digest] {
        let month = 30 * 86_400.0
        return ((try? Files.list(folder)) ?? []).compactMap { name in
            guard let entry = Digest(hex: name).flatMap({ self[$0] }), entry.looked > Self.now - month else {
                return nil
            }
            return entry.snapshot.digest
        }
    }

    /// When to look again hangs on the clock, and no output does.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
