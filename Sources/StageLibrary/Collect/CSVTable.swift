import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

extension StageLibrary {
    /// A CSV file as `collect.csv` reads it without parameters, in memory as a whole: what the benchmark measures beside
    /// others that read so, by the code of the stage, which has no use for it.
    ///
    /// - Parameter threads: Never change the result.
    /// - Throws: `StageError`, also for a row that does not fit the schema.
    /// - Complexity: O(bytes).
    public static func table(
        ofCSV path: String, _ schema: TableSchema, threads: Int
    ) throws -> ArrowTable {
        var columns: [DataColumn] = []
        let rejects = RejectLog(limit: 0) { _ in }
        let reading = try CSVReading(
            schema, missing: nil, threads: threads, rejects: rejects, batchRows: .max
        ) { columns = $0.columns }
        try CSVSource(path: path, name: path, .object([:])).read(into: reading, memory: nil)
        try reading.finish()
        try rejects.finish(files: [path])
        for index in columns.indices where schema.openCategories.contains(columns[index].name) {
            columns[index] = columns[index].sortedLevels
        }
        return ArrowTable(frame: try DataFrame(columns), roles: schema.roles)
    }
}
