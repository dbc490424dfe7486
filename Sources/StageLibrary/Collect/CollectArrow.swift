import CanonicalJSON
import PipelineLanguage
import TableTypes

/// `collect.arrow`: an Arrow IPC file that another program wrote.
enum CollectArrow {
    static let kind = StageKind(
        "collect.arrow",
        versions: [
            .init(1, "first"), .init(2, "formats, enums of every type and JSON in texts are held to"),
            .init(3, "whole numbers and times are compared to their last digit, texts by their bytes"),
        ],
        summary: "Reads an Arrow IPC file as a typed table.",
        documentation: """
            Files are those of Arrow IPC and Feather version 2, their bodies plain, LZ4 or zstd. Integers of every width are integers, floats and
            decimals numbers, texts of every layout texts, dictionaries of texts categories and others what they hold, timestamps microseconds in
            UTC, lists, maps and structures json. A type that no column of ours holds or a damaged file is an error that says what to do.

            `columns` takes some of the columns, in that order. Without a schema the types are those of the file; with one, texts may become
            categories, integers numbers, and constraints are held to. A row that breaks one does not fit.

            Up to max_rejects rows that do not fit go to `rejects`, one line a misfit; one more is an error.
            """,
        example: """
            measurements:
              uses: collect.arrow
              with:
                path: data/measurements.arrow
                columns: [time, temperature]
            """,
        inputs: FileSource.inputs("An Arrow file", takesSeveral: false), outputs: FileSource.outputs,
        parameters: [
            Parameter("path", .path, .optional, "The file; either this or `in`."), FileSource.schema,
            Parameter(
                "columns", .list(.text), .optional,
                "The columns to take, in this order; without it all of them."),
            FileSource.maxRejects,
        ],
        libraries: ["arrow": 1],
        inferSchema: { path, parameters in
            // Levels are left to the data: the file of tomorrow may have others.
            TableFile.schema(
                of: try TypedFile(arrow: path, name: nil, columns: parameters["columns"]?.strings).type)
        },
        check: check, run: run)

    private static func check(_ check: inout StageCheck) {
        FileSource.check(&check, suffix: "arrow")
        FileSource.checkColumns(&check)
    }

    private static func run(_ run: StageRun) throws {
        let file = try FileSource.files(of: run, suffix: "arrow")[0]
        var rows = try TypedFile(
            arrow: file.path, name: file.basename, columns: run.parameters["columns"]?.strings)
        let schema = run.schema ?? TableFile.schema(of: rows.type)
        try run.collect([file.basename], named: [file.name], schema) { batches in
            try rows.eachBatch { try batches.append($0) }
        }
    }
}
