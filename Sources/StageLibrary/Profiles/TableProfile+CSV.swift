import CanonicalJSON
import DataFrames
import PipelineLanguage
import Platform

extension CSVSource {
    /// Records at a time, as `CSVReading` has them.
    private static let records = 2048

    /// All rows, looked at once.
    ///
    /// - Throws: `StageError`.
    /// - Complexity: O(bytes), each column by one thread.
    func profile(threads: Int, progress: TableProfile.Progress) throws -> TableProfile {
        var file: FileStream?
        func opened(_ stream: FileStream) { file = stream }
        return try read(opened: opened) { feed in
            try profile(feed, threads) { rows in
                progress(rows, file.map { Double($0.position) / Double(max(1, $0.size)) })
            }
        }
    }

    private func profile(
        _ feed: CSVFeed, _ threads: Int, _ progress: (Int) -> Void
    ) throws -> TableProfile {
        var made = TableProfile(.texts)
        made.missing = missing
        let chunk = CSVChunk()
        let names = try CSVHeader.read(feed, format, chunk)
        let profiles = UnsafeMutableBufferPointer<ColumnProfile>.allocate(capacity: names.count)
        profiles.initialize(repeating: ColumnProfile(missing: missing.map(Set.init)))
        defer {
            profiles.deinitialize()
            profiles.deallocate()
        }
        let workers = WorkerPool(size: max(1, min(threads, names.count)))
        while !feed.isAtEnd {
            try feed.cut(into: chunk, records: Self.records)
            workers.runEach(names.count) { profiles[$0].take(chunk, column: $0) }
            made.rows += chunk.rows
            made.faultCount += chunk.faults.count
            let free = TableProfile.faultsKept - made.faults.count
            made.faults += chunk.faults.prefix(max(0, free)).map {
                .init(row: $0.row, reason: $0.error.reason)
            }
            progress(made.rows)
        }
        made.columns = zip(names, profiles).map { .init(name: $0, profile: $1) }
        return made
    }
}
