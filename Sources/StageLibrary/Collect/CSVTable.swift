import ArrowIPC
import CanonicalJSON
import PipelineLanguage
import TableTypes

extension StageLibrary {
    /// A CSV file as `collect.csv` reads it without parameters, in memory as a whole.
    ///
    /// - Parameter threads: Never change the result.
    /// - Throws: `StageError`, also for a row that does not fit the schema.
    /// - Complexity: O(bytes).
    public static func table(
        ofCSV path: String, _ schema: TableSchema, threads: Int
    ) throws -> ArrowTable {
        let reading = try CSVSource(path: path, name: path, .object([:])).reading(schema, threads: threads)
        try reading.rejects.hold(to: 0, files: [path])
        return reading.table
    }
}
