import ArrowIPC
import CanonicalJSON
import DataFrames
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
            try schema(
                read(path, nil, parameters) { path throws(ArrowError) in try ArrowFile.head(path, rows: 0) })
        },
        check: check, run: run)

    private static func check(_ check: inout StageCheck) {
        FileSource.check(&check, suffix: "arrow")
        FileSource.checkColumns(&check)
    }

    /// Levels are left to the data: the file of tomorrow may have others.
    private static func schema(_ table: ArrowTable) -> TableSchema { TableFile.schema(of: table.tableType) }

    /// - Throws: `StageError` for a file that is none, and a column it lacks.
    private static func read(
        _ path: String, _ name: String?, _ parameters: JSONValue,
        _ open: (String) throws(ArrowError) -> ArrowTable
    ) throws -> ArrowTable {
        let prefix = name.map { "'\($0)': " } ?? ""
        let table: ArrowTable
        do throws(ArrowError) {
            table = try open(path)
        } catch {
            throw StageError(prefix + error.message, fix: error.fix)
        }
        guard let names = parameters["columns"]?.strings else { return table }
        let columns = try names.map { name in
            guard let column = table.frame[name] else {
                throw StageError(
                    StageLibraryFinding.unknownColumn(name, known: table.frame.names))
            }
            return column
        }
        return ArrowTable(
            frame: try DataFrame(columns), roles: table.roles.filter { names.contains($0.key) })
    }

    private static func run(_ run: StageRun) throws {
        let files = try FileSource.files(of: run, suffix: "arrow")
        let table = try read(files[0].path, files[0].basename, run.parameters) { path throws(ArrowError) in
            try ArrowFile.read(path)
        }
        let rows = CollectedRows(
            columns: table.frame.columns.map(TableFile.source), place: { (0, $0 + 1) })
        try rows.write(run, files, run.schema ?? schema(table))
    }
}
