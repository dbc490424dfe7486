import CanonicalJSON
import PipelineLanguage
import Platform
import TableTypes

/// `collect.text`: plain text as a table.
enum CollectText {
    static let kind = StageKind(
        "collect.text",
        versions: [
            .init(1, "first"), .init(2, "formats, enums of every type and JSON in texts are held to"),
            .init(3, "whole numbers and times are compared to their last digit, texts by their bytes"),
        ],
        summary: "Reads plain text as a table, a row a line, a file or a part.",
        documentation: """
            The columns are `path`, `line` and `text` where rows are lines, `path` and `text` where they are files, and `path`, `part` and `text`
            where they are cut at a separator; `path` is relative to the folder that a glob's first wildcard stands in. Lines end in LF or CRLF,
            which are no part of the text; an empty line is a row with an empty text, and the end of the last line begins no other. A byte order
            mark is dropped. All else, NUL characters too, stays as it is.

            A file that is not of the encoding is an error with its line; GB18030 is named. A schema has the same columns; it may give them other
            types, roles and constraints.

            \(FileSource.documentation)
            """,
        example: """
            letters:
              uses: collect.text
              with:
                path: letters/**/*.txt
                rows: file
            """,
        inputs: FileSource.inputs("A text file"), outputs: FileSource.outputs,
        parameters: [
            FileSource.path, FileSource.schema,
            Parameter(
                "rows",
                .choice([
                    .init("line", "Every line."), .init("file", "Every file."),
                    .init("separator", "What stands between two separators."),
                ]), .defaulted("line"), "What a row is."),
            Parameter("separator", .text, .optional, "A text that no row contains; with rows: separator."),
            TextSource.encoding, FileSource.maxRejects,
        ],
        libraries: ["text": 1], check: check, run: run)

    private static func check(_ check: inout StageCheck) {
        let separator = check.parameters["separator"]?.string ?? ""
        if check.parameters["rows"] == "separator" {
            if separator.isEmpty { check.report(CollectFinding.separator(isNeeded: true), at: ["rows"]) }
        } else if check.parameters["separator"] != nil {
            check.report(CollectFinding.separator(isNeeded: false), at: ["separator"])
        }
        let schema = TextRows.schema(cut(check.parameters))
        FileSource.check(&check, suffix: "txt", type: schema.tableType)
    }

    private static func cut(_ parameters: JSONValue) -> TextRows.Cut {
        switch parameters["rows"]?.string {
        case "file": .files
        case "separator": .separator(Array((parameters["separator"]?.string ?? "").utf8))
        default: .lines
        }
    }

    private static func run(_ run: StageRun) throws {
        let files = try FileSource.files(of: run, suffix: "txt")
        let cut = cut(run.parameters)
        if cut == .separator([]) { throw StageError(CollectFinding.separator(isNeeded: true)) }
        var rows = TextRows(cut)
        let budget = MemoryBudget(run, "all texts are held in memory")
        for file in files {
            try budget.check(file: file.path)
            let text: [UInt8]
            let source: TextSource
            do {
                source = try TextSource(
                    file.path, encoding: run.parameters["encoding"]?.string ?? "auto")
                text = try source.read()
            } catch let error as SystemError {
                throw StageError("\(error)")
            } catch {
                throw StageError("'\(file.basename)': \(error)")
            }
            try rows.append(text, path: file.name, name: file.basename)
        }
        try rows.rows.write(run, files, run.schema ?? TextRows.schema(cut))
    }
}
