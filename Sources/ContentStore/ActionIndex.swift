import CanonicalJSON
import Crypto
import Glibc
import Platform

/// What an action gave: recorded once its blobs are in the store, and the only
/// thing a hit needs to know.
public struct ActionRecord: Hashable, Sendable {
    public struct Output: Hashable, Sendable {
        public var port: String
        public var type: String
        public var digest: Digest
        public var size: Int64

        public init(port: String, type: String, digest: Digest, size: Int64) {
            self.port = port
            self.type = type
            self.digest = digest
            self.size = size
        }
    }

    public var key: Digest
    public var outputs: [Output]
    /// What people review, such as rows and metrics.
    public var facts: JSONValue

    public init(key: Digest, outputs: [Output], facts: JSONValue = .object([:])) {
        self.key = key
        self.outputs = outputs
        self.facts = facts
    }
}

/// All action records in one append-only file, `actions` below the store's root.
///
/// Layout: records one behind the other, each `magic: 4 bytes`, `length: UInt32
/// LE`, `checksum: 8 bytes` (the first of SHA-256 of length and body), `body:
/// canonical JSON`. A reader that meets anything else looks for the next magic,
/// so a flipped bit, wherever it is, loses its record alone; a torn tail, left
/// by a kill or a full disk, is written over by the next append. Of several
/// records of one key the last counts.
public struct ActionIndex: Sendable {
    private let path: String
    private var records: [Digest: ActionRecord] = [:]
    /// Bytes up to which the file holds whole records.
    private var wholeBytes = 0

    private static let magic = Array("SAR1".utf8)
    private static let headerBytes = 16

    /// Reads the index; a file that is not there is an empty one.
    ///
    /// - Complexity: O(size of the file).
    public init(root: String) throws(SystemError) {
        path = root + "/actions"
        guard Files.exists(path) else { return }
        load(try Files.read(path))
    }

    public subscript(key: Digest) -> ActionRecord? { records[key] }
    public var count: Int { records.count }

    /// Adds a record under a lock, behind whatever other processes have added.
    public mutating func append(_ record: ActionRecord) throws(SystemError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX) == 0 else { throw SystemError("lock", path) }
        load(try Files.read(path))
        let framed = Self.frame(record)
        guard ftruncate(descriptor, off_t(wholeBytes)) == 0,
            lseek(descriptor, off_t(wholeBytes), SEEK_SET) >= 0
        else { throw SystemError("write", path) }
        try Files.writeAll(framed, to: descriptor, path: path)
        wholeBytes += framed.count
        records[record.key] = record
    }

    /// - Complexity: O(bytes beyond those already read).
    private mutating func load(_ bytes: [UInt8]) {
        var position = wholeBytes
        while position + Self.headerBytes <= bytes.count {
            if let (record, end) = Self.record(in: bytes, at: position) {
                records[record.key] = record
                position = end
                wholeBytes = end
            } else {
                position += 1
            }
        }
    }

    /// The record that begins at a position, and where it ends.
    private static func record(in bytes: [UInt8], at position: Int) -> (ActionRecord, end: Int)? {
        guard bytes[position] == magic[0], bytes[position...].starts(with: magic) else { return nil }
        let lengthBytes = bytes[(position + 4)..<(position + 8)]
        let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        let start = position + headerBytes
        guard length <= bytes.count - start else { return nil }
        let body = bytes[start..<(start + length)]
        guard checksum(lengthBytes, body).elementsEqual(bytes[(position + 8)..<start]) else { return nil }
        return ActionRecord(bytes: body).map { ($0, start + length) }
    }

    private static func frame(_ record: ActionRecord) -> [UInt8] {
        let body = record.json.canonicalBytes
        let length = (0..<4).map { UInt8(truncatingIfNeeded: body.count >> (8 * $0)) }
        return magic + length + checksum(length[...], body[...]) + body
    }

    private static func checksum(_ length: ArraySlice<UInt8>, _ body: ArraySlice<UInt8>) -> [UInt8] {
        var hasher = SHA256()
        hasher.update(data: length)
        hasher.update(data: body)
        return Array(hasher.finalize().prefix(8))
    }
}

extension ActionRecord {
    var json: JSONValue {
        [
            "facts": facts, "key": .string(key.hex),
            "outputs": .array(
                outputs.map {
                    [
                        "digest": .string($0.digest.hex), "port": .string($0.port), "size": .integer($0.size),
                        "type": .string($0.type),
                    ]
                }),
        ]
    }

    /// - Returns: Nil for anything but a record this version writes.
    init?(bytes: some Sequence<UInt8>) {
        guard let json = try? JSONValue(parsing: bytes),
            let key = json["key"]?.string.flatMap({ Digest(hex: $0) }),
            let outputs = json["outputs"]?.array, let facts = json["facts"]
        else { return nil }
        let read = outputs.compactMap { output -> Output? in
            guard let port = output["port"]?.string, let type = output["type"]?.string,
                let digest = output["digest"]?.string.flatMap({ Digest(hex: $0) }),
                let size = output["size"]?.integer
            else { return nil }
            return Output(port: port, type: type, digest: digest, size: size)
        }
        guard read.count == outputs.count else { return nil }
        self.init(key: key, outputs: read, facts: facts)
    }
}
