import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform
import TableTypes

/// Files on their way to a table that holds them.
struct MediaRows {
    private let source: MediaSource
    private let run: StageRun
    private let files: [StageRun.Artifact]
    private let manifest: ArrowTable?

    /// The rows that fit: each one's file, and its place among all that were asked for.
    private var taken: [(file: Int, place: Int)] = []
    private var facts: [[Int64]]
    private var bytes = BinaryStorage()
    private var misfits: [RejectedRows.Row] = []

    /// - Throws: `StageError` for a manifest that cannot be taken, and where there is no file.
    init(_ run: StageRun, _ source: MediaSource) throws {
        self.run = run
        self.source = source
        files = try FileSource.files(of: run, suffix: source.suffix)
        manifest = run.input("manifest") == nil ? nil : try run.table("manifest")
        facts = Array(repeating: [], count: source.facts.count)
        if let manifest, let fault = source.fault(of: manifest.tableType, run.parameters) {
            throw StageError(fault)
        }
    }

    /// Reads the files and writes both outputs.
    ///
    /// - Throws: `StageError` where more do not fit than `max_rejects` says,
    ///   where a file cannot be read at all, and where the library is missing.
    mutating func collect() throws {
        try read(try asked())
        // Rows of a manifest that name no file are the manifest's.
        let names = files.map(\.name) + ["manifest"]
        let rejects = RejectedRows(misfits)
        try rejects.hold(to: run.maxRejects, files: files.map(\.basename) + ["manifest"])
        try run.write(try table(), to: "table")
        try run.write(rejects.table(names), to: "rejects")
    }

    /// The files in the order of their rows.
    private mutating func asked() throws -> [(file: Int, place: Int)] {
        guard let manifest else { return files.indices.map { ($0, $0) } }
        let key = MediaSource.key(run.parameters)
        guard let column = manifest.frame[key] else { return [] }
        var places: [TextKey: Int] = [:]
        for (index, file) in files.enumerated() {
            if let other = places.updateValue(index, forKey: TextKey(file.name)) {
                throw StageError(
                    "'\(files[other].basename)' and '\(file.basename)' both have the path '\(file.name)', by which the manifest would name either",
                    fix: "take files of one folder, with a glob above both")
            }
        }
        var asked: [(file: Int, place: Int)] = []
        for row in 0..<column.count {
            let name = column.string(row)
            if let file = name.flatMap({ places[TextKey($0)] }) {
                asked.append((file, row))
            } else {
                misfits.append(
                    .init(
                        file: files.count, row: row + 1, column: key,
                        reason: name.map { "there is no file '\(shortened($0))'" } ?? "it names no file"))
            }
        }
        let passed = files.count - Set(asked.map(\.file)).count
        if passed > 0 {
            run.tell(.log("\(passed) of \(files.count) files are named by no row of the manifest"))
        }
        return asked
    }

    /// So many files at a time, so that threads have work.
    private static let block = 512
    /// And so many bytes, unless a single file has more: while they are taken, memory holds them twice.
    private static let blockBytes: Int64 = 64 << 20

    private mutating func read(_ asked: [(file: Int, place: Int)]) throws {
        let pool = WorkerPool(size: max(1, run.threads))
        let budget = MemoryBudget(run, "all files are held in memory", advice: "take fewer files")
        let most = run.memory.map { min(Self.blockBytes, $0 / 8) } ?? Self.blockBytes
        var done = 0
        while done < asked.count {
            let paths = asked[done...].lazy.map { [files] in files[$0.file].path }
            let block = asked[done..<(done + Self.length(ofBlock: paths, files: Self.block, bytes: most))]
            let read = Self.read(block.map { files[$0.file].path }, pool) { [source, run] bytes in
                source.read(bytes, run.parameters)
            }
            for (row, read) in zip(block, read) { try take(row, read) }
            try budget.check(rows: taken.count)
            done += block.count
            run.tell(.progress(Double(done) / Double(asked.count), "\(done) of \(asked.count) files"))
        }
    }

    /// How many of the next files are read at a time; one at least.
    static func length(ofBlock paths: some Sequence<String>, files: Int, bytes: Int64) -> Int {
        var (count, sum) = (0, Int64(0))
        for path in paths.prefix(files) {
            // What cannot be looked at is said when it is read.
            sum += (try? Files.status(path)?.size) ?? 0
            if sum > bytes, count > 0 { break }
            count += 1
        }
        return count
    }

    private typealias Reading = Result<(bytes: [UInt8], outcome: MediaSource.Outcome), SystemError>

    private static func read(
        _ paths: [String], _ pool: WorkerPool, _ read: (UnsafeRawBufferPointer) -> MediaSource.Outcome
    ) -> [Reading] {
        [Reading](unsafeUninitializedCapacity: paths.count) { readings, count in
            let start = readings.baseAddress
            pool.runEach(paths.count) { index in
                let reading = Reading { () throws(SystemError) in
                    let bytes = try Files.read(paths[index])
                    return (bytes, bytes.withUnsafeBytes(read))
                }
                start.map { ($0 + index).initialize(to: reading) }
            }
            count = paths.count
        }
    }

    private mutating func take(_ row: (file: Int, place: Int), _ reading: Reading) throws {
        func reject(_ column: String, _ reason: String) {
            misfits.append(.init(file: row.file, row: 1, column: column, reason: reason))
        }
        switch reading {
        case .failure(let error): throw StageError("\(error)")
        case .success((_, .failure(let reason))): throw StageError("'\(files[row.file].basename)': \(reason)")
        case .success((_, .misfit(let reason))): reject(source.type.rawValue, reason)
        case .success((let file, .facts(let values))):
            if MediaSource.takesLabels(run.parameters), label(row.file) == nil {
                return reject("label", "it stands in no folder that would be its class")
            }
            for (index, value) in values.enumerated() { facts[index].append(value) }
            bytes.append(file)
            taken.append(row)
        }
    }

    private func label(_ file: Int) -> String? {
        let name = files[file].name
        // A slash is a byte: with an accent behind it, it is no character of its own.
        return name.utf8.firstIndex(of: 0x2F).map { String(name[..<$0]) }
    }

    // MARK: The table

    private func table() throws -> ArrowTable {
        var columns = manifest?.frame.gather(taken.map(\.place)).columns ?? []
        var roles = manifest?.roles ?? [:]
        for column in source.columns(hasManifest: manifest != nil, run.parameters) {
            roles[column.name] = column.role
            columns.append(DataColumn(column.name, column.type, storage(column)))
        }
        return ArrowTable(frame: try DataFrame(columns), roles: roles)
    }

    private func storage(_ column: Column) -> ColumnStorage {
        switch column.name {
        case "path": .utf8(StringStorage(taken.lazy.map { files[$0.file].name }))
        case "label": labels()
        case source.type.rawValue: .binary(bytes)
        default: .int64(facts[source.facts.firstIndex(of: column.name) ?? 0])
        }
    }

    /// Levels ascend by their bytes, whichever rows a manifest takes first.
    private func labels() -> ColumnStorage {
        let order = SortedLevels(taken.map { label($0.file) ?? "" })
        return .dictionary(indices: order.places, levels: order.levels)
    }
}
