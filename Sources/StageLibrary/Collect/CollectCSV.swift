import CanonicalJSON
import PipelineLanguage
import TableTypes

/// `collect.csv`: a CSV file as a typed table.
enum CollectCSV {
    static let kind = StageKind(
        "collect.csv",
        versions: [
            .init(1, "first"), .init(2, "formats, enums of every type and JSON in texts are held to"),
            .init(
                3,
                "whole numbers and times are compared to their last digit, texts by their bytes; NUL characters do not fit"
            ),
        ],
        summary: "Reads a CSV file as a typed table.",
        documentation: """
            Fields may be quoted, a quote within is doubled, lines end in LF or CRLF, empty lines are skipped (RFC 4180). A byte order mark is
            dropped. Files packed with gzip or zstd are unpacked as they are read. A file that is not of its encoding is an error with the row,
            and says so if it could be GB18030.

            Rows are read in batches, so a file larger than memory passes; only texts that must be unique are all kept.

            Columns and types are those of the Table Schema; the order of the file's columns does not matter, a column too many or too few is an
            error, unless fieldsMatch says otherwise. Without a schema, types are inferred from the first 10,000 rows (boolean, integer, number, date, timestamp, category where
            values come four times or more on average and are at most 100, else text) and pinned in the lock. Dates are 2024-12-31, times
            2024-12-31T08:00:00Z; a time without a zone is UTC.

            A row with a field that does not read as its type, or that breaks a constraint (required, unique, enum, minimum, maximum, both
            exclusive, minLength, maxLength, pattern, primaryKey, uniqueKeys), with too many or too few fields, or with a NUL character, does not fit. Up to max_rejects
            such rows go to `rejects`, one line a misfit; one more is an error. Several files are one table, as if they stood in one file;
            without a schema it is inferred from the first.

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
                "Why rows were left out: of several files which, row (of the file, the header being row 1), column, reason."
            ),
        ],
        parameters: [
            FileSource.path, FileSource.schema,
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
            TextSource.encoding, FileSource.maxRejects,
        ],
        libraries: ["csv": 1],
        inferSchema: { path, parameters in
            // Who asks says which file it is.
            try CSVSource(path: path, name: nil, parameters).inferredSchema()
        },
        check: check, run: run)

    private static func check(_ check: inout StageCheck) {
        FileSource.check(&check, suffix: "csv")
        // Whether a glob finds several files is not known, and of one there is no column for its name.
        let path = check.parameters["path"]?.string ?? ""
        check.outputs["rejects"] = .table(
            TableType(RejectedRows.typeOfOneFile.columns, isOpen: FileSource.path.type.isGlob(path)))
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
    }

    /// A line end cannot be told from the end of a row.
    private static func isOneByte(_ text: String) -> Bool {
        text.utf8.count == 1 && text.utf8.allSatisfy { $0 < 0x80 && $0 != 0x0A && $0 != 0x0D }
    }

    private static func run(_ run: StageRun) throws {
        let files = try FileSource.files(of: run, suffix: "csv")
        let sources = try files.map { file in
            try CSVSource(path: file.path, name: file.basename, run.parameters)
        }
        let schema = try run.schema ?? sources[0].inferredSchema()
        let table = TableWriter(run, "table", roles: schema.roles, sorting: schema.openCategories)
        let rejected = TableWriter(run, "rejects")
        let names = files.count > 1 ? files.map(\.name) : nil
        let rejects = RejectLog(limit: run.maxRejects) { try rejected.append(RejectedRows.frame($0, names)) }
        let reading = try CSVReading(
            schema, missing: sources[0].missing, threads: run.threads, rejects: rejects
        ) { try table.append($0) }
        for source in sources {
            try source.read(into: reading, memory: run.memory, isOneOfSeveral: files.count > 1)
        }
        try reading.finish()
        try rejects.finish(files: files.map(\.basename))
        try table.finish()
        try rejected.finish()
    }
}
