import ArrowIPC
import CanonicalJSON
import DataFrames
import Parquet
import PipelineLanguage
import TableTypes

/// `collect.parquet`: a Parquet file as a typed table.
enum CollectParquet {
    static let kind = StageKind(
        "collect.parquet",
        versions: [
            .init(1, "first"), .init(2, "formats, enums of every type and JSON in texts are held to"),
            .init(3, "whole numbers and times are compared to their last digit, texts by their bytes"),
        ],
        summary: "Reads a Parquet file as a typed table.",
        documentation: """
            All encodings and both page versions are read, pages plain or compressed with snappy, gzip or zstd. Integers of every width become
            integers, floats and decimals of up to 18 digits numbers, timestamps of every unit microseconds in UTC. Lists, maps and structures become
            canonical JSON in a column of text. Texts are text, and a category where the file's writer had a dictionary.

            Only the columns asked for are read. Without a schema, types are those of the file, and pinned in the lock. With one, the order of the
            file's columns does not matter, a column too many or too few is an error, and so is one of another type, but that text and category can be
            read as any type their texts fit.

            A row that breaks a constraint (required, unique, enum, minimum, maximum, pattern, primaryKey) does not fit. Up to max_rejects such rows
            go to `rejects`, one line a misfit; one more is an error.
            """,
        example: """
            applications:
              uses: collect.parquet
              with:
                path: data/applications.parquet
                columns: [age, amount, outcome]
            """,
        inputs: FileSource.inputs("A Parquet file", takesSeveral: false), outputs: FileSource.outputs,
        parameters: [
            Parameter("path", .path, .optional, "The file; either this or `in`."), FileSource.schema,
            Parameter(
                "columns", .list(.text), .optional, "The columns to read, in this order; without it all."),
            FileSource.maxRejects,
        ],
        libraries: ["parquet": 1],
        inferSchema: { path, parameters in
            // Who asks says which file it is.
            do throws(ParquetError) {
                let reader = try ParquetReader(path, columns: parameters["columns"]?.strings)
                var type = reader.tableType
                type.columns = inOrder(type.columns, parameters) { $0.name }
                return TableFile.schema(of: type)
            } catch {
                throw StageError(error.message, fix: error.fix)
            }
        },
        check: check, run: run)

    private static func check(_ check: inout StageCheck) {
        FileSource.check(&check, suffix: "parquet")
        FileSource.checkColumns(&check)
    }

    /// As they are asked for, where they are; the file's order is another.
    private static func inOrder<Column>(
        _ columns: [Column], _ parameters: JSONValue, name: (Column) -> String
    ) -> [Column] {
        guard let asked = parameters["columns"]?.strings else { return columns }
        return asked.compactMap { wanted in columns.first { name($0) == wanted } }
    }

    private static func run(_ run: StageRun) throws {
        let files = try FileSource.files(of: run, suffix: "parquet")
        let table: ArrowTable
        do throws(ParquetError) {
            table = try ParquetFile.read(files[0].path, columns: run.parameters["columns"]?.strings)
        } catch {
            throw StageError("'\(files[0].basename)': \(error.message)", fix: error.fix)
        }
        let rows = CollectedRows(
            columns: inOrder(table.frame.columns, run.parameters) { $0.name }.map(TableFile.source),
            place: { (0, $0 + 1) })
        var type = table.tableType
        type.columns = inOrder(type.columns, run.parameters) { $0.name }
        try rows.write(run, files, run.schema ?? TableFile.schema(of: type))
    }
}
