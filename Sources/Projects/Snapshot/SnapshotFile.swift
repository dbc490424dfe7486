import CanonicalJSON
import ContentStore
import Glibc
import Platform

/// The file of a snapshot, read where it lies mapped.
///
/// Layout: magic, the first 8 bytes of SHA-256 of the rest, length of the
/// header (UInt64 LE), header (canonical JSON); files the pipeline as a whole
/// depends on, sources that are files, folders in which globs were looked for,
/// sources that are folders, stages, each list behind its count (UInt32 LE); the
/// pipeline file as it was read. A file is five words of stamp and its path,
/// NUL-terminated; a folder is what `SnapshotFolder` says, a stage what
/// `SnapshotStage` says.
struct SnapshotFile {
    static let magic = Array("sluicps3".utf8)

    let header: JSONValue
    /// The lock, pipeline files, schemas.
    private(set) var files: [SnapshotStamp] = []
    private(set) var sources: [SnapshotStamp] = []
    private(set) var searched: [SnapshotStamp] = []
    private(set) var folders: [SnapshotFolder] = []
    private(set) var stages: [SnapshotStage] = []
    private let textStart: Int
    private let mapped: MappedFile

    /// - Parameter isOurs: Asked of the header before anything behind it is read,
    ///   whose layout another program might have written.
    /// - Returns: Nil for a file that is not there, torn, of another version or not ours.
    init?(_ path: String, where isOurs: (JSONValue) -> Bool) {
        guard Files.exists(path), let mapped = try? MappedFile(path) else { return nil }
        let bytes = mapped.bytes
        guard bytes.count > 24, bytes.starts(with: Self.magic),
            Digest.prefix(of: UnsafeRawBufferPointer(rebasing: bytes[16...])).elementsEqual(bytes[8..<16])
        else { return nil }
        // The checksum held, so the layout is as it was written.
        var cursor = SnapshotCursor(bytes: bytes, position: 16)
        let headerBytes = Int(cursor.word())
        guard let header = try? JSONValue(parsing: bytes[24..<(24 + headerBytes)]), isOurs(header) else {
            return nil
        }
        cursor.position += headerBytes
        self.mapped = mapped
        self.header = header
        files = cursor.list { SnapshotStamp(&$0) }
        sources = cursor.list { SnapshotStamp(&$0) }
        searched = cursor.list { SnapshotStamp(&$0) }
        folders = cursor.list { SnapshotFolder(&$0) }
        stages = cursor.list { SnapshotStage(&$0) }
        textStart = cursor.position
    }

    /// Whether it knows how the stages' texts stand in the pipeline file.
    var isInParts: Bool { header["end"]?.integer ?? 0 > 0 && stages.count >= PipelinePart.fewest }

    /// The pipeline file; empty where it is not in parts.
    var text: [UInt8] { Array(mapped.bytes[textStart...]) }

    func bytes(of stage: SnapshotStage) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: mapped.bytes[stage.record])
    }
}

/// Goes through the parts of a mapped snapshot.
struct SnapshotCursor {
    let bytes: UnsafeRawBufferPointer
    var position: Int

    mutating func word() -> UInt64 {
        defer { position += 8 }
        return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    mutating func count() -> Int {
        defer { position += 4 }
        return Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
    }

    mutating func path() -> UnsafePointer<CChar> {
        let pointer = bytes.baseAddress!.advanced(by: position).assumingMemoryBound(to: CChar.self)
        position += strlen(pointer) + 1
        return pointer
    }

    mutating func list<Element>(_ element: (inout SnapshotCursor) -> Element) -> [Element] {
        let count = count()
        var list: [Element] = []
        list.reserveCapacity(count)
        for _ in 0..<count { list.append(element(&self)) }
        return list
    }
}

/// What a snapshot knows of a stage: bytes of its record, where its text
/// begins, flags, counts of what follows (UInt32 LE each), numbers of the stages
/// it comes behind, numbers of its sources, its name; published files, stamped;
/// blobs, each with its size.
struct SnapshotStage {
    struct Flags: OptionSet {
        let rawValue: Int
        /// It was a hit, so that what is known of it was read back.
        static let wasHit = Flags(rawValue: 1)
        /// It has metrics, which are shown below every run.
        static let hasMetrics = Flags(rawValue: 2)
    }

    let record: Range<Int>
    let start: Int
    let flags: Flags
    let dependencies: [Int]
    let sources: [Int]
    private let namePointer: UnsafePointer<CChar>
    let published: [SnapshotStamp]
    private let blobs: SnapshotCursor

    init(_ cursor: inout SnapshotCursor) {
        let begin = cursor.position
        record = begin..<(begin + cursor.count())
        start = cursor.count()
        flags = Flags(rawValue: cursor.count())
        dependencies = cursor.list { $0.count() }
        sources = cursor.list { $0.count() }
        namePointer = cursor.path()
        published = cursor.list { SnapshotStamp(&$0) }
        blobs = cursor
        cursor.position = record.upperBound
    }

    /// Whether all blobs are there.
    var blobsHold: Bool {
        var cursor = blobs
        return (0..<cursor.count()).allSatisfy { _ in
            let size = Int64(bitPattern: cursor.word())
            let status = Files.status(cursor.path())
            return status?.kind == .file && status?.size == size
        }
    }

    var name: String { String(cString: namePointer) }
}
