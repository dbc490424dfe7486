import CanonicalJSON
import Platform

/// Objects of a bucket as a folder: `objects/` with a file for each, and `index.jsonl` with what the server said of each,
/// by which a later fetch takes what has not changed from here.
public struct S3Folder: Sendable {
    public var bucket: S3Bucket
    public var selection: S3Selection

    public init(_ bucket: S3Bucket, _ selection: S3Selection) {
        self.bucket = bucket
        self.selection = selection
    }

    public static let objects = "objects"
    public static let index = "index.jsonl"

    public enum Outcome: Hashable, Sendable {
        case unchanged
        case fetched(Summary)
    }

    public struct Summary: Hashable, Sendable {
        public let objects: Int
        /// Of them, those that the previous snapshot did not have as they are.
        public let new: Int
        /// Of all.
        public let bytes: Int64
        /// What the file of the index holds.
        public let index: [UInt8]
    }

    public enum Progress: Sendable {
        case listing(objects: Int)
        /// Of what is not here yet.
        case fetching(objects: Int, of: Int, bytes: Int64, ofBytes: Int64)
    }

    /// Times that the bucket is looked at when objects of it change while they are fetched.
    private static let rounds = 3

    /// Objects that are here are not fetched: those of the previous snapshot, and those that an earlier call brought before
    /// it failed. What changes while it is fetched is looked at again.
    ///
    /// - Parameters:
    ///   - output: The folder to make.
    ///   - partial: A folder that outlives a failure.
    ///   - previous: What an earlier call made of the same objects.
    ///   - width: Objects at a time.
    /// - Throws: A `TransferFault`.
    public func fetch(
        to output: String, partial: String, previous: String?, width: Int, _ settings: TransferSettings,
        tell: (Progress) -> Void = { _ in }
    ) throws -> Outcome {
        let loop = try TransferLoop(settings, width: width)
        let had = previous.map { Self.had(in: $0) } ?? []
        let download = try S3Download(bucket, partial: partial)
        var changed: [String] = []
        for _ in 0..<Self.rounds {
            let wanted = try S3Lookup(bucket: bucket, loop: loop).objects(selection) {
                tell(.listing(objects: $0))
            }
            if had == Set(wanted) { return .unchanged }
            let missing = wanted.filter { !had.contains($0) && download.path(of: $0) == nil }
            changed = try download.fetch(missing, loop, tell: tell)
            guard changed.isEmpty else { continue }
            try assemble(wanted, output) { object, target in
                if let previous, had.contains(object) {
                    try FilePlacement.place(Self.path(of: object, in: previous), at: target)
                } else if let path = download.path(of: object) {
                    try FilePlacement.move(path, to: target)
                } else {
                    throw TransferError.file("'\(target)' was taken away meanwhile")
                }
            }
            let index = wanted.flatMap { ObjectIndex.line($0) }
            do {
                try Files.write(index, to: "\(output)/\(Self.index)")
            } catch {
                throw TransferError.file("\(error)")
            }
            return .fetched(
                Summary(
                    objects: wanted.count, new: wanted.count { !had.contains($0) },
                    bytes: wanted.reduce(0) { $0 + $1.size }, index: index))
        }
        throw S3Error.changing(
            bucket: bucket.name, key: changed[0], others: changed.count - 1, rounds: Self.rounds)
    }

    private static func path(of object: S3Object, in snapshot: String) -> String {
        "\(snapshot)/\(objects)/\(object.path)"
    }

    /// What the index of a snapshot tells, as far as the files are there.
    private static func had(in snapshot: String) -> Set<S3Object> {
        guard let bytes = try? Files.read("\(snapshot)/\(index)") else { return [] }
        return Set(
            ObjectIndex.read(bytes).map(\.object).filter { object in
                let status = try? Files.status(path(of: object, in: snapshot), followLinks: false)
                return status?.kind == .file && status?.size == object.size
            })
    }

    private func assemble(
        _ wanted: [S3Object], _ output: String, put: (S3Object, _ target: String) throws -> Void
    ) throws {
        var made: Set<[UInt8]> = []
        for object in wanted {
            let target = Self.path(of: object, in: output)
            let folder = Array(target.utf8.prefix(upTo: target.utf8.lastIndex(of: UInt8(ascii: "/"))!))
            if made.insert(folder).inserted {
                try FilePlacement.makeFolder(String(decoding: folder, as: UTF8.self))
            }
            try put(object, target)
        }
    }
}
