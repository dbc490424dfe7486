import CPlatform
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
/// Layout: records one behind the other, each `magic: 4 bytes`, `record bytes`
/// and `document bytes: UInt32 LE each`, `checksum: 8 bytes` (the first of
/// SHA-256 of all that follows and the lengths), `key: 32 bytes`, the record as
/// canonical JSON, the action's document. A reader that meets anything else
/// looks for the next magic, so a flipped bit, wherever it is, loses its record
/// alone; a torn tail, left by a kill or a full disk, is written over by the
/// next append. Of several records of one key the last counts.
///
/// The file is mapped and its frames are checked when it is opened; a record is
/// read from its JSON only when it is asked for.
public struct ActionIndex: Sendable {
    private let root: String
    private var path: String { root + "/actions" }
    private let locks: (any Locks)?
    private var mapped: MappedFile?
    /// Records of the mapped file, by where they begin there.
    private var places: [Digest: Frame] = [:]
    /// Those added since it was mapped, here or by other processes.
    private var added: [Digest: (record: ActionRecord, document: [UInt8])] = [:]
    /// Bytes up to which the file holds whole records.
    private var wholeBytes = 0

    /// Opens the index; a file that is not there is an empty one.
    ///
    /// - Parameter locks: Those of the root; nil for what `LockChoice` finds right.
    /// - Complexity: O(size of the file), some 1.5 GB/s.
    public init(root: String, locks: (any Locks)? = nil) throws(SystemError) {
        self.root = root
        self.locks = locks
        guard Files.exists(path) else { return }
        let file = try MappedFile(path)
        mapped = file
        Frame.each(in: file.bytes) { frame in
            places[frame.key(in: file.bytes)] = frame
            wholeBytes = frame.end
        }
    }

    public subscript(key: Digest) -> ActionRecord? {
        if let record = added[key]?.record { return record }
        guard let mapped, let frame = places[key] else { return nil }
        return ActionRecord(key: key, bytes: frame.recordBytes(in: mapped.bytes))
    }

    /// Whether just this record is in the index; cheaper than reading it.
    public func holds(_ record: ActionRecord) -> Bool {
        if let added = added[record.key]?.record { return added == record }
        guard let mapped, let frame = places[record.key] else { return false }
        return record.canonicalBytes.withUnsafeBytes { bytes in
            let held = mapped.bytes[frame.record]
            return held.count == bytes.count
                && memcmp(held.base.baseAddress! + held.startIndex, bytes.baseAddress!, bytes.count) == 0
        }
    }

    /// The canonical JSON that a key was taken of.
    public func document(of key: Digest) -> [UInt8]? {
        if let document = added[key]?.document { return document }
        guard let mapped, let frame = places[key] else { return nil }
        return Array(mapped.bytes[frame.document])
    }

    public var count: Int { places.count + added.keys.count { places[$0] == nil } }

    /// Takes in what other processes have added.
    public mutating func refresh() throws(SystemError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw SystemError("open", path)
        }
        defer { close(descriptor) }
        load(try Files.read(from: descriptor, at: wholeBytes, path: path))
    }

    /// Adds a record under a lock, behind whatever other processes have added.
    ///
    /// - Complexity: O(what others have added).
    public mutating func append(_ record: ActionRecord, document: [UInt8] = []) throws(SystemError) {
        let turn = try (locks ?? LockChoice.locks(of: root)).turn(at: path)
        defer { turn.release() }
        // Opened and closed within the turn: a network file system makes sure
        // of what others have written, and that others see this, just then.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        defer { close(descriptor) }
        load(try Files.read(from: descriptor, at: wholeBytes, path: path))
        let framed = Frame.bytes(record, document: document)
        guard ftruncate(descriptor, off_t(wholeBytes)) == 0,
            lseek(descriptor, off_t(wholeBytes), SEEK_SET) >= 0
        else { throw SystemError("write", path) }
        try Files.writeAll(framed, to: descriptor, path: path)
        wholeBytes += framed.count
        added[record.key] = (record, document)
    }

    /// Writes the index anew with those records that `keeps` wants.
    ///
    /// - Precondition: No run uses the store (see `StoreGuard`).
    /// - Returns: How many were left out.
    public mutating func compact(keeps: (ActionRecord) throws -> Bool) throws -> Int {
        let keys = Set(places.keys).union(added.keys).sorted()
        var bytes: [UInt8] = []
        var dropped = 0
        for key in keys {
            guard let record = self[key], try keeps(record) else {
                dropped += 1
                continue
            }
            bytes += Frame.bytes(record, document: document(of: key) ?? [])
        }
        guard dropped > 0 else { return 0 }
        try Files.replace(path, with: bytes)
        self = try ActionIndex(root: root, locks: locks)
        return dropped
    }

    /// - Parameter bytes: Of the file, behind `wholeBytes`.
    private mutating func load(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        bytes.withUnsafeBytes { buffer in
            let start = wholeBytes
            Frame.each(in: buffer) { frame in
                wholeBytes = start + frame.end
                let key = frame.key(in: buffer)
                guard let record = ActionRecord(key: key, bytes: frame.recordBytes(in: buffer)) else {
                    return
                }
                added[key] = (record, Array(buffer[frame.document]))
            }
        }
    }
}

/// Where one record lies in the index.
private struct Frame: Sendable {
    private static let magic = Array("SAR2".utf8)
    private static let headerBytes = 52

    private let start: Int
    private let recordBytes: Int
    private let documentBytes: Int

    var record: Range<Int> { (start + Self.headerBytes)..<(start + Self.headerBytes + recordBytes) }
    var document: Range<Int> { record.upperBound..<end }
    var end: Int { start + Self.headerBytes + recordBytes + documentBytes }

    func recordBytes(in bytes: UnsafeRawBufferPointer) -> [UInt8] {
        Array(UnsafeRawBufferPointer(rebasing: bytes[record]))
    }

    func key(in bytes: UnsafeRawBufferPointer) -> Digest { Digest(in: bytes, at: start + 20) }

    /// Calls `body` with every whole record, in order.
    static func each(in bytes: UnsafeRawBufferPointer, _ body: (Frame) -> Void) {
        var position = 0
        while position + headerBytes <= bytes.count {
            if let frame = Frame(in: bytes, at: position) {
                body(frame)
                position = frame.end
            } else {
                position += 1
            }
        }
    }

    private init?(in bytes: UnsafeRawBufferPointer, at position: Int) {
        guard bytes[position] == Self.magic[0], bytes[position...].starts(with: Self.magic) else {
            return nil
        }
        func length(_ offset: Int) -> Int {
            Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position + offset, as: UInt32.self)))
        }
        start = position
        recordBytes = length(4)
        documentBytes = length(8)
        guard recordBytes + documentBytes <= bytes.count - position - Self.headerBytes else { return nil }
        let lengths = UnsafeRawBufferPointer(rebasing: bytes[(position + 4)..<(position + 12)])
        let rest = UnsafeRawBufferPointer(rebasing: bytes[(position + 20)..<end])
        let sum = UnsafeRawBufferPointer(rebasing: bytes[(position + 12)..<(position + 20)])
        guard Self.checksum(lengths, rest) == sum.loadUnaligned(as: UInt64.self) else { return nil }
    }

    static func bytes(_ record: ActionRecord, document: [UInt8]) -> [UInt8] {
        let body = record.canonicalBytes
        let lengths = [body.count, document.count].flatMap { count in
            (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
        }
        let rest = record.key.bytes + body + document
        let sum = lengths.withUnsafeBytes { first in rest.withUnsafeBytes { Self.checksum(first, $0) } }
        return magic + lengths + withUnsafeBytes(of: sum, Array.init) + rest
    }

    /// Its 8 bytes as they lie in memory.
    private static func checksum(
        _ lengths: UnsafeRawBufferPointer, _ rest: UnsafeRawBufferPointer
    ) -> UInt64 {
        var hasher = SHA256()
        hasher.update(bufferPointer: lengths)
        hasher.update(bufferPointer: rest)
        return hasher.finalize().withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    }
}

extension ActionRecord {
    var canonicalBytes: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key(literal: "facts")
        json.value(facts)
        json.key(literal: "outputs")
        json.beginArray()
        for output in outputs {
            json.beginObject()
            json.key(literal: "digest")
            json.string(unescaped: { output.digest.appendHex(to: &$0) })
            json.key(literal: "port")
            json.string(output.port)
            json.key(literal: "size")
            json.integer(output.size)
            json.key(literal: "type")
            json.string(output.type)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return json.bytes
    }

    /// - Returns: Nil for anything but a record this version writes.
    init?(key: Digest, bytes: [UInt8]) {
        guard let json = try? JSONValue(parsing: bytes),
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
