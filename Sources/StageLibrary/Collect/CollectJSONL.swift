import CanonicalJSON
import JSONTables
import PipelineLanguage
import TableTypes

/// `collect.jsonl`: JSON lines as a typed table.
enum CollectJSONL {
    static let kind = StageKind(
        "collect.jsonl",
        versions: [
            .init(1, "first"), .init(2, "formats, enums of every type and JSON in texts are held to"),
            .init(3, "whole numbers and times are compared to their last digit, texts by their bytes"),
        ],
        summary: "Reads JSON lines, an object a line, as a typed table.",
        documentation: """
            Every line is one JSON object in UTF-8 (RFC 8259), a row; its keys are the columns. Lines end in LF or CRLF, empty lines are skipped,
            a byte order mark is dropped. A key that a row does not have is null in it.

            Without a schema the columns are the keys of the first 10,000 rows, in the order they are first seen, and types are inferred: boolean,
            integer, number, of texts date, timestamp, category or text by the rules of collect.csv, else text; what lies within is `json`. Numbers
            in quotes are texts. An integer beyond 64 bits makes a column of numbers, where it is the double nearest to it; a column of texts keeps
            numbers as they are written. Objects and arrays are kept as canonical JSON (fields of type object, array or any); with flatten, objects
            are columns `a.b`.

            A line does not fit if it is no JSON object, is not UTF-8, has a key twice or one that is no field of the schema, has half a surrogate
            pair or a control character in a text, is nested deeper than 512, or has a value that is not of its field's type or breaks a constraint.
            The schema's missingValues are texts of CSV and mean nothing here: JSON has null.

            \(FileSource.documentation)
            """,
        example: """
            reviews:
              uses: collect.jsonl
              with:
                path: data/reviews/*.jsonl
                max_rejects: 10
            """,
        inputs: FileSource.inputs("A JSON lines file"), outputs: FileSource.outputs,
        parameters: [FileSource.path, FileSource.schema, flatten, FileSource.maxRejects],
        libraries: ["json": 1],
        inferSchema: { path, parameters in
            try schema(of: path, nil, parameters)
        },
        check: { FileSource.check(&$0, suffix: "jsonl") }, run: run)

    static let flatten = Parameter(
        "flatten", .boolean, .defaulted(false),
        "Whether objects within a row are columns `a.b` rather than JSON.")

    private static func schema(
        of path: String, _ name: String?, _ parameters: JSONValue
    ) throws -> TableSchema {
        try FileSource.withBytes(of: [path], names: name.map { [$0] }, atMost: inferred) { bytes in
            try schema(of: bytes[0], name, parameters)
        }
    }

    /// Of a packed file so many bytes are unpacked to infer a schema.
    private static let inferred = 64 << 20

    private static func schema(
        of bytes: UnsafeRawBufferPointer, _ name: String?, _ parameters: JSONValue
    ) throws -> TableSchema {
        let flattens = parameters["flatten"]?.bool ?? false
        let schema = JSONTable.schema(ofLines: bytes, flattens: flattens)
        guard schema.fields.isEmpty else { return schema }
        if let first = JSONTable(lines: [bytes], schema).faults.first {
            throw StageError(
                "\(name.map { "'\($0)': " } ?? "")row \(first.number): \(CollectedRows.reason(first.fault))",
                fix: "write one object a line, with a key for each column")
        }
        throw FileSource.noColumns(name)
    }

    private static func run(_ run: StageRun) throws {
        let files = try FileSource.files(of: run, suffix: "jsonl")
        let schema = try run.schema ?? schema(of: files[0].path, files[0].basename, run.parameters)
        let flattens = run.parameters["flatten"]?.bool ?? false
        try run.collect(files.map(\.basename), named: files.map(\.name), schema) { batches in
            for (number, file) in files.enumerated() {
                try FileSource.withStream(of: file) { stream in
                    let pieces = LinePieces(stream)
                    while let piece = try pieces.next() {
                        let table = JSONTable(lines: [piece.bytes], schema, flattens: flattens)
                        try batches.append(
                            CollectedRows(table, schema).placed(inFile: number, behind: piece.lines))
                    }
                }
            }
        }
    }
}
