import CanonicalJSON
import DataFrames
import PipelineLanguage
import SQLDatabases
import TableTypes

/// `collect.sqlite`: rows of a SQLite file, which is a source of the project like any other.
enum CollectSQLite {
    static let kind = StageKind(
        "collect.sqlite",
        versions: [
            .init(1, "first"),
            .init(2, "whole numbers and times are compared to their last digit, texts by their bytes"),
        ],
        summary: "Reads a table or a query of a SQLite file as a typed table.",
        documentation: """
            The file is read only, and keyed by its content. All of it must lie in the file: one with a write-ahead log beside it (FILE-wal) that is not brought in, or
            that was left in the middle of a change, is an error that says what to do.

            \(SQLAsking.documentation)

            A column is what it is declared: INT... an integer, REAL, FLOAT, DOUBLE, NUMERIC and DECIMAL a number, CHAR, TEXT, CLOB and TIME a text, BOOL... a boolean (0 and 1), DATE
            a date, DATETIME and TIMESTAMP a time (2024-12-31 08:00:00, in UTC, or seconds since 1970), JSON is JSON. SQLite holds nobody to it: a value of another
            kind does not fit. Expressions and columns without such a declaration are what all their values are, for which the query is asked twice. With a
            schema, what it says is read from the value's text. A time range compares texts as they are written.
            """,
        example: """
            orders:
              uses: collect.sqlite
              with:
                path: data/shop.sqlite
                query: SELECT id, total, at FROM orders WHERE total > :least
                parameters: { least: 10 }
            """,
        inputs: FileSource.inputs("A SQLite file", takesSeveral: false), outputs: SQLTable.outputs,
        parameters: [Parameter("path", .path, .optional, "The file; either this or `in`.")]
            + SQLAsking(isFetched: false).parameters + [FileSource.schema, FileSource.maxRejects],
        libraries: ["sqlite": 1],
        inferSchema: { path, parameters in
            let rows = try rows(path, path.split(separator: "/").last.map(String.init) ?? path, parameters)
            return SQLTable.schema(
                of: rows.columns.map { Column($0.name, $0.type, levels: $0.levels) })
        },
        check: { check in
            FileSource.checkSource(&check, suffix: "sqlite")
            SQLAsking.check(&check, .sqlite)
            SQLTable.check(&check)
        }, run: run)

    private static func rows(_ path: String, _ name: String, _ parameters: JSONValue) throws -> SQLRows {
        let selection = try SQLAsking.selection(parameters, .sqlite)
        do throws(SQLError) {
            return try SQLRows(sqlite: path, name: name, selection)
        } catch {
            throw StageError(error)
        }
    }

    private static func run(_ run: StageRun) throws {
        let file = try FileSource.files(of: run, suffix: "sqlite")[0]
        let rows = try rows(file.path, file.basename, run.parameters)
        func next() throws(StageError) -> DataFrame? {
            do throws(SQLError) {
                return try rows.next()
            } catch {
                throw StageError(error)
            }
        }
        // There is a batch always, perhaps without rows.
        let first = try next()
        try SQLTable.write(
            run, first?.gather([]) ?? DataFrame(checked: []), name: SQLAsking.name(run.parameters)
        ) { body in
            var batch = first
            while let frame = batch {
                try body(frame)
                batch = try next()
            }
        }
    }
}
