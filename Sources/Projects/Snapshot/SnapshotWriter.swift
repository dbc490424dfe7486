import CanonicalJSON
import ContentStore
import Platform

/// Puts the file of a snapshot together.
struct SnapshotWriter {
    private var body: [UInt8] = []

    init(header: JSONValue) {
        let header = header.canonicalBytes
        append(UInt64(header.count))
        body += header
    }

    mutating func append(count: Int) { Self.append(UInt32(count), to: &body) }

    mutating func append(_ words: [UInt64], _ path: String) { Self.append(words, path, to: &body) }

    mutating func append(_ bytes: some Sequence<UInt8>) { body += bytes }

    private mutating func append(_ word: UInt64) { Self.append(word, to: &body) }

    func save(to path: String) throws {
        let sum = body.withUnsafeBytes { Digest.prefix(of: $0) }
        try Files.makeDirectories(String(path[..<path.lastIndex(of: "/")!]))
        try Files.replace(path, with: SnapshotFile.magic + sum + body)
    }

    /// A stage to be written: see `SnapshotStage`.
    struct Stage {
        var start: Int
        var flags: SnapshotStage.Flags
        var dependencies: [Int]
        var sources: [Int]
        var name: String
        var published: [(path: String, stamp: [UInt64])]
        var blobs: [(path: String, size: Int64)]
    }

    mutating func append(_ stage: Stage) {
        var record: [UInt8] = []
        record.reserveCapacity(512)
        for number in [stage.start, stage.flags.rawValue] { Self.append(UInt32(number), to: &record) }
        for numbers in [stage.dependencies, stage.sources] {
            Self.append(UInt32(numbers.count), to: &record)
            for number in numbers { Self.append(UInt32(number), to: &record) }
        }
        Self.append([], stage.name, to: &record)
        Self.append(UInt32(stage.published.count), to: &record)
        for file in stage.published { Self.append(file.stamp, file.path, to: &record) }
        Self.append(UInt32(stage.blobs.count), to: &record)
        for blob in stage.blobs { Self.append([UInt64(bitPattern: blob.size)], blob.path, to: &record) }
        append(count: record.count + 4)
        body += record
    }

    /// A stage as an older snapshot has it, whose text begins somewhere else now.
    mutating func append(record: UnsafeRawBufferPointer, start: Int) {
        body += record[..<4]
        append(count: start)
        body += record[8...]
    }

    private static func append(_ words: [UInt64], _ path: String, to bytes: inout [UInt8]) {
        for word in words { append(word, to: &bytes) }
        bytes += path.utf8
        bytes.append(0)
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }
}
