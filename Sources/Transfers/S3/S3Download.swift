import CanonicalJSON
import Platform

/// Objects on their way into a folder that outlives a failure. A journal there gives each a number, which its file is
/// called by, and says which are complete; so that no key of one time can stand in the way of another's.
final class S3Download {
    private let bucket: S3Bucket
    private let partial: String
    private var entries: [[UInt8]: Entry] = [:]
    private var count = 0

    private struct Entry {
        var object: S3Object
        var number: Int
        var isComplete: Bool
    }

    init(_ bucket: S3Bucket, partial: String) throws(TransferError) {
        self.bucket = bucket
        self.partial = partial
        for folder in ["objects", "notes"] { try FilePlacement.makeFolder("\(partial)/\(folder)") }
        for (object, notes) in ObjectIndex.read((try? Files.read(journal)) ?? []) {
            guard let number = notes["number"]?.integer.flatMap({ Int(exactly: $0) }), number >= 0 else {
                continue
            }
            count = max(count, number + 1)
            entries[object.keyBytes] = Entry(
                object: object, number: number, isComplete: notes["complete"]?.bool ?? false)
        }
    }

    private var journal: String { partial + "/journal.jsonl" }
    private func path(_ number: Int) -> String { "\(partial)/objects/\(number)" }

    /// Where a complete object lies; nil where there is none.
    func path(of object: S3Object) -> String? {
        guard let entry = entries[object.keyBytes], entry.isComplete, entry.object == object else {
            return nil
        }
        let path = path(entry.number)
        let status = try? Files.status(path, followLinks: false)
        return status?.kind == .file && status?.size == object.size ? path : nil
    }

    /// - Returns: Keys of objects that are other ones now than the list said.
    func fetch(
        _ objects: [S3Object], _ loop: TransferLoop, tell: (S3Folder.Progress) -> Void
    ) throws -> [String] {
        var rest = objects[...]
        var running: [ObjectIdentifier: (entry: Entry, file: PartialFile)] = [:]
        var changed: [String] = []
        var (count, bytes) = (0, Int64(0))
        let total = objects.reduce(0) { $0 + $1.size }
        try loop.run(
            next: {
                guard let object = rest.popFirst() else { return nil }
                let entry = try self.entry(for: object)
                let file = try PartialFile(path(entry.number), notePath: "\(partial)/notes/\(entry.number)")
                let task = try self.task(for: object, file)
                running[ObjectIdentifier(task)] = (entry, file)
                return task
            },
            done: { task in
                guard let (begun, file) = running.removeValue(forKey: ObjectIdentifier(task)) else { return }
                var entry = begun
                guard case .complete = (task as? FileDownload)?.outcome else {
                    file.discard()
                    changed.append(entry.object.key)
                    return
                }
                try file.finish()
                entry.isComplete = true
                try self.note(entry)
                count += 1
                bytes += entry.object.size
            },
            tick: {
                let underWay = running.values.reduce(0) { $0 + $1.file.count }
                tell(.fetching(objects: count, of: objects.count, bytes: bytes + underWay, ofBytes: total))
            })
        return changed
    }

    /// The one of an earlier attempt, if it is of the same state.
    private func entry(for object: S3Object) throws -> Entry {
        if let known = entries[object.keyBytes], known.object == object, !known.isComplete { return known }
        let entry = Entry(object: object, number: count, isComplete: false)
        count += 1
        if object.size >= PartialFile.worthNoting { try note(entry) }
        return entry
    }

    private func note(_ entry: Entry) throws(TransferError) {
        entries[entry.object.keyBytes] = entry
        let notes: [String: JSONValue] = [
            "number": .integer(Int64(entry.number)), "complete": .boolean(entry.isComplete),
        ]
        do {
            try Files.append(ObjectIndex.line(entry.object, notes), to: journal)
        } catch {
            throw .file("\(error)")
        }
    }

    private func task(for object: S3Object, _ file: PartialFile) throws -> FileDownload {
        let (bucket, key) = (bucket, object.key)
        return FileDownload(
            try bucket.request(key: key), name: bucket.shown(key), to: file, expected: object.state,
            followsRedirects: false, refusal: { S3Error.refused(S3Refusal($0, bucket, key: key)) },
            passing: { S3Refusal($0, bucket, key: key).passingReason })
    }
}
