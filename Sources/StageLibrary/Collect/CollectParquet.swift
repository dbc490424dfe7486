import CanonicalJSON
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
            TableFile.schema(
                of: try TypedFile(parquet: path, name: nil, columns: parameters["columns"]?.strings).type)
        },
        check: check, run: run)

    private static func check(_ check: inout StageCheck) {
        FileSource.check(&check, suffix: "parquet")
        FileSource.checkColumns(&check)
    }

    private static func run(_ run: StageRun) throws {
        let file = try FileSource.files(of: run, suffix: "parquet")[0]
        var rows = try TypedFile(
            parquet: file.path, name: file.basename, columns: run.parameters["columns"]?.strings)
        let schema = run.schema ?? TableFile.schema(of: rows.type)
        try run.collect([file.basename], named: [file.name], schema) { batches in
            try rows.eachBatch { try batches.append($0) }
        }
    }
}
