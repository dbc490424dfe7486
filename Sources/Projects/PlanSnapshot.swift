import CanonicalJSON
import ContentStore
import Executor
import Glibc
import PipelineLanguage
import Planner
import Platform

/// What a run found when everything was a hit, kept so that the next one need
/// not read the pipeline: it holds as long as every file that was looked at
/// has the stamp it had, and every blob is there.
///
/// A snapshot is only taken of a run that executed and published nothing, from
/// stamps taken before contents were read, so it never knows more than was
/// checked. Pipelines that read folders, run version commands of tools or have
/// stages that are never cached get none.
///
/// Layout of the file: magic, the first 8 bytes of SHA-256 of the rest, length
/// of the header (UInt64 LE), header (canonical JSON), then for each file five
/// words of stamp and its path, NUL-terminated; a word of all ones; for each
/// blob its size and path.
public struct PlanSnapshot {
    /// A line for each stage, as a run prints it; empty for many stages.
    public let listing: [String]
    /// Metrics and published files.
    public let closing: [String]
    public let stages: Int

    private static let magic = Array("sluicps1".utf8)
    private static let end = UInt64.max

    /// The snapshot of a pipeline, if it still holds.
    ///
    /// - Complexity: O(stages): one status call a source, published file and blob.
    public static func fresh(for file: String) -> PlanSnapshot? {
        let absolute = Project.absolute(file)
        guard let slash = absolute.lastIndex(of: "/") else { return nil }
        let project = Project(containing: String(absolute[..<slash]))
        let place = path(of: absolute, in: project)
        guard Files.exists(place), let mapped = try? MappedFile(place) else { return nil }
        let bytes = mapped.bytes
        guard bytes.count > 24, bytes.starts(with: magic),
            Digest.prefix(of: UnsafeRawBufferPointer(rebasing: bytes[16...])).elementsEqual(bytes[8..<16])
        else { return nil }
        let headerEnd = 24 + Int(word(bytes, 16))
        guard let header = try? JSONValue(parsing: bytes[24..<headerEnd]), isSame(header, absolute, project),
            hold(bytes, from: headerEnd)
        else { return nil }
        return PlanSnapshot(
            listing: header["listing"]?.strings ?? [], closing: header["closing"]?.strings ?? [],
            stages: Int(header["stages"]?.integer ?? 0))
    }

    /// Whether program, place and environment are what they were.
    private static func isSame(_ header: JSONValue, _ file: String, _ project: Project) -> Bool {
        guard header["file"]?.string == file, header["root"]?.string == project.root,
            header["store"]?.string == project.workspace.store, header["program"] == program,
            header["boot"]?.string == BootRecord.current
        else { return false }
        return (header["environment"]?.object ?? [:]).allSatisfy { name, value in
            value == environment(getenv(name).map { String(cString: $0) })
        }
    }

    /// Whether every file and blob is as it was. The checksum held, so the
    /// layout is as it was written.
    private static func hold(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Bool {
        var position = start
        func path() -> UnsafePointer<CChar> {
            let pointer = bytes.baseAddress!.advanced(by: position).assumingMemoryBound(to: CChar.self)
            position += strlen(pointer) + 1
            return pointer
        }
        while word(bytes, position) != end {
            let at = position
            position += 40
            guard let status = Files.status(path()), status.kind == .file else { return false }
            let stamp = FileStamp(status)
            guard word(bytes, at) == UInt64(bitPattern: stamp.size),
                word(bytes, at + 8) == UInt64(bitPattern: stamp.modified),
                word(bytes, at + 16) == UInt64(bitPattern: stamp.changed),
                word(bytes, at + 24) == stamp.inode, word(bytes, at + 32) == stamp.device
            else { return false }
        }
        position += 8
        while position < bytes.count {
            let size = Int64(bitPattern: word(bytes, position))
            position += 8
            guard let status = Files.status(path()), status.kind == .file, status.size == size else {
                return false
            }
        }
        return true
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    fileprivate static func environment(_ value: String?) -> JSONValue {
        value.map { .string(Digest.of(Array($0.utf8)).hex) } ?? .null
    }

    /// Another build of the program plans anew.
    fileprivate static let program: JSONValue = {
        guard let status = try? Files.status("/proc/self/exe") else { return .null }
        return .array(FileStamp(status).words.map { .string(String($0)) })
    }()

    fileprivate static func path(of file: String, in project: Project) -> String {
        "\(project.workspace.local)/snapshots/\(Digest.of(Array(file.utf8)).hex.prefix(32))"
    }

    fileprivate static func save(
        header: JSONValue, files: [(path: String, stamp: FileStamp)], blobs: [(path: String, size: Int64)],
        to path: String
    ) throws {
        var body: [UInt8] = []
        func append(_ word: UInt64) { withUnsafeBytes(of: word.littleEndian) { body += $0 } }
        let header = header.canonicalBytes
        append(UInt64(header.count))
        body += header
        for file in files {
            for word in file.stamp.words { append(word) }
            body += Array(file.path.utf8) + [0]
        }
        append(end)
        for blob in blobs {
            append(UInt64(bitPattern: blob.size))
            body += Array(blob.path.utf8) + [0]
        }
        let sum = body.withUnsafeBytes { Digest.prefix(of: $0) }
        try Files.makeDirectories(String(path[..<path.lastIndex(of: "/")!]))
        try Files.replace(path, with: magic + sum + body)
    }
}

extension LoadedPipeline {
    /// Keeps a snapshot of a run that found everything up to date; where one
    /// would not be sound, none is kept.
    ///
    /// - Parameters: Lines that the next run prints again.
    public func saveSnapshot(
        of run: PipelineRun, _ summary: RunSummary, listing: [String], closing: [String]
    ) {
        guard summary.hits == plan.stages.count, summary.published == 0, !plan.readsFolders, let readAt,
            plan.stages.allSatisfy({ $0.tools.isEmpty && $0.stage.isCached })
        else { return }
        var files: [(path: String, stamp: FileStamp)] = []
        let read =
            self.files.map { $0.absolute(in: project.root) }
            + plan.schemaFiles.map { $0.absolute(in: project.root) } + [lockPath]
        for path in read {
            guard let status = try? Files.status(path) else { return }
            let stamp = FileStamp(status)
            guard stamp.isSettled(at: readAt) else { return }
            files.append((path, stamp))
        }
        var hashed = plan.sources.map { $0.path.absolute(in: project.root) }
        var blobs: [(path: String, size: Int64)] = []
        for (number, record) in summary.records.sorted(by: { $0.key < $1.key }) {
            guard let holdings = run.holdings(of: number, record) else { return }
            hashed += holdings.published
            blobs += holdings.blobs
        }
        for path in hashed {
            guard let stamp = run.stamp(of: path) else { return }
            files.append((path, stamp))
        }
        let variables = environment.map { ($0.name, PlanSnapshot.environment($0.value)) }
        let absolute = Project.absolute(file)
        let header: JSONValue = [
            "boot": .string(BootRecord.current), "closing": .strings(closing),
            "environment": .object(Dictionary(variables) { $1 }),
            "file": .string(absolute), "listing": .strings(listing), "program": PlanSnapshot.program,
            "root": .string(project.root), "stages": .integer(Int64(plan.stages.count)),
            "store": .string(project.workspace.store),
        ]
        // Without a snapshot the next run only takes longer.
        try? PlanSnapshot.save(
            header: header, files: files, blobs: blobs, to: PlanSnapshot.path(of: absolute, in: project))
    }
}
