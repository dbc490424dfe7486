import ArrowIPC
import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// `collect.csv`: a CSV file as a typed table.
enum CollectCSV {
    static let kind = StageKind(
        "collect.csv",
        versions: [
            .init(1, "first"), .init(2, "formats, enums of every type and JSON in texts are held to"),
        ],
        summary: "Reads a CSV file as a typed table.",
        documentation: """
            Fields may be quoted, a quote within is doubled, lines end in LF or CRLF, empty lines are skipped (RFC 4180). A byte order mark is
            dropped. A file that is GB18030 or otherwise not UTF-8 is an error that names what it looks like.

            Columns and types are those of the Table Schema; the order of the file's columns does not matter, a column too many or too few is an
            error, unless fieldsMatch says otherwise. Without a schema, types are inferred from the first 10,000 rows (boolean, integer, number, date, timestamp, category where
            values come four times or more on average and are at most 100, else text) and pinned in the lock. Dates are 2024-12-31, times
            2024-12-31T08:00:00Z; a time without a zone is UTC.

            A row with a field that does not read as its type, or that breaks a constraint (required, unique, enum, minimum, maximum, both
            exclusive, minLength, maxLength, pattern, primaryKey, uniqueKeys), or with too many or too few fields, does not fit. Up to max_rejects
            such rows go to `rejects`, one line a misfit; one more is an error.

            A date or datetime may have a format: a pattern of strptime such as %d/%m/%Y, or any for dates that can be read one way only. Numbers
            may have decimalChar, groupChar and bareNumber: false, booleans trueValues and falseValues, strings the format email, uri, binary or
            uuid; objects and arrays are JSON. fieldsMatch: subset lets a file have more columns, superset fewer, partial both.
            """,
        example: """
            applications:
              uses: collect.csv
              with:
                path: data/german_credit.csv
                schema: //schemas/german_credit.yaml
            """,
        inputs: [
            InputPort("in", .file, isRequired: false, "A CSV file another stage gives, in place of `path`.")
        ],
        outputs: [
            OutputPort("table", .table, "The rows that fit, columns in the schema's order."),
            OutputPort(
                "rejects", .table,
                "Why rows were left out: row (of the file, the header being row 1), column, reason."),
        ],
        parameters: [
            Parameter("path", .path, .optional, "The file; either this or `in`."),
            Parameter(
                "schema", .schema, .optional, "A Table Schema: fields, types, constraints, roles."),
            Parameter(
                "delimiter", .text, .defaulted("auto"),
                "One character, tab, or auto: of comma, semicolon, tab and | the one that cuts the first 20 rows evenly."
            ),
            Parameter("quote", .text, .defaulted("\""), "One character; \"\" when nothing quotes."),
            Parameter(
                "header", .boolean, .defaulted(true),
                "Whether the first row names the columns; else the schema does, by place, or they are column_1 and so on."
            ),
            Parameter(
                "trim", .boolean, .defaulted(false),
                "Whether blanks and tabs at both ends of a field are taken off, unless quotes enclose it."),
            Parameter(
                "missing", .list(.text), .optional,
                "Texts that mean null; without it the schema's missingValues. Without a schema: the empty text, and of NA, N/A, n/a, NaN, nan, null, NULL, None, ? and - those that stand in a column of otherwise only booleans, numbers, dates or times."
            ),
            Parameter(
                "encoding",
                .choice([
                    .init("auto", "UTF-8, or UTF-16 where a byte order mark says so."),
                    .init("utf-8", "UTF-8."),
                    .init("utf-16", "UTF-16 with a byte order mark."),
                    .init("latin-1", "ISO 8859-1, in which every byte is a character."),
                ]), .defaulted("auto"), "How characters are bytes."),
            Parameter(
                "max_rejects", .integer(.atLeast(0)), .defaulted(0),
                "How many rows may not fit before it is an error."),
        ],
        libraries: ["csv": 1],
        inferSchema: { path, parameters in
            // Who asks says which file it is.
            try CSVSource(path: path, name: nil, parameters).inferredSchema()
        },
        check: check, run: run)

    private static func check(_ check: inout StageCheck) {
        let hasInput = check.type(of: "in") != nil
        let hasPath = check.parameters["path"] != nil
        if !hasInput && !hasPath { check.report(CollectFinding.noSource(suffix: "csv"), at: []) }
        if hasInput && hasPath { check.report(CollectFinding.twoSources, at: ["path"]) }
        let delimiter = check.parameters["delimiter"]?.string ?? "auto"
        let quote = check.parameters["quote"]?.string ?? "\""
        if delimiter != "auto" && delimiter != "tab" && !isOneByte(delimiter) {
            check.report(
                CollectFinding.badCharacter(parameter: "delimiter", value: delimiter), at: ["delimiter"])
        }
        if !quote.isEmpty && !isOneByte(quote) {
            check.report(CollectFinding.badCharacter(parameter: "quote", value: quote), at: ["quote"])
        }
        if delimiter == quote { check.report(CollectFinding.sameCharacter(quote), at: ["quote"]) }
        if let schema = check.schema { check.outputs["table"] = .table(schema.tableType) }
        FileSource.checkFields(&check)
        check.outputs["rejects"] = .table(RejectedRows.typeOfOneFile)
    }

    /// A line end cannot be told from the end of a row.
    private static func isOneByte(_ text: String) -> Bool {
        text.utf8.count == 1 && text.utf8.allSatisfy { $0 < 0x80 && $0 != 0x0A && $0 != 0x0D }
    }

    private static func run(_ run: StageRun) throws {
        guard let source = run.input("path") ?? run.input("in") else {
            throw StageError(CollectFinding.noSource(suffix: "csv"))
        }
        let parameters = run.parameters
        let csv = try CSVSource(path: source.path, name: source.basename, parameters)
        let schema = try run.schema ?? csv.inferredSchema()
        let reading = try csv.reading(schema, threads: run.threads)
        try reading.rejects.hold(to: run.maxRejects, files: [source.basename])
        try run.write(reading.table, to: "table")
        try run.write(reading.rejects.table(nil), to: "rejects")
    }
}
