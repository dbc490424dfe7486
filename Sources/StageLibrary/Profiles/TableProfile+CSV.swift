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
        do {
            return try text.withBytes { try profile($0, threads, progress) }
        } catch {
            throw Self.error(error, name)
        }
    }

    private func profile(
        _ bytes: UnsafeRawBufferPointer, _ threads: Int, _ progress: TableProfile.Progress
    ) throws(CSVError) -> TableProfile {
        var made = TableProfile(.texts)
        made.missing = parameters["missing"]?.strings
        let chunk = CSVChunk()
        var (names, cutter) = try CSVHeader.read(bytes, format, chunk)
        let told = made.missing.map(Set.init)
        let profiles = UnsafeMutableBufferPointer<ColumnProfile>.allocate(capacity: names.count)
        profiles.initialize(repeating: ColumnProfile(missing: told))
        defer {
            profiles.deinitialize()
            profiles.deallocate()
        }
        let workers = WorkerPool(size: max(1, min(threads, names.count)))
        while !cutter.isAtEnd {
            try cutter.cutUTF8(into: chunk, records: Self.records)
            workers.runEach(names.count) { profiles[$0].take(chunk, column: $0) }
            made.rows += chunk.rows
            made.faultCount += chunk.faults.count
            let free = TableProfile.faultsKept - made.faults.count
            made.faults += chunk.faults.prefix(max(0, free)).map {
                .init(row: $0.row, reason: $0.error.reason)
            }
            progress(made.rows, Double(cutter.position) / Double(max(1, bytes.count)))
        }
        made.columns = zip(names, profiles).map { .init(name: $0, profile: $1) }
        return made
    }
}
