import CanonicalJSON
import JSONTables
import PipelineLanguage
import TableTypes

/// `collect.json`: a JSON document as a typed table.
enum CollectJSON {
    static let kind = StageKind(
        "collect.json",
        versions: [
            .init(1, "first"), .init(2, "formats, enums of every type and JSON in texts are held to"),
            .init(3, "whole numbers and times are compared to their last digit, texts by their bytes"),
        ],
        summary: "Reads a JSON document as a typed table.",
        documentation: """
            The rows are an array of objects, a row each, or an object of arrays, a column each and equally long. They are the document itself, or
            what `rows` leads to. Columns, types and misfits are those of collect.jsonl; the row of a misfit is its place in the array, from 1.

            What is not JSON, or is cut short, is an error with its line. An element that is no object, or not valid within its brackets, is a row
            that does not fit.

            \(FileSource.documentation)
            """,
        example: """
            stations:
              uses: collect.json
              with:
                path: data/stations.json
                rows: result.stations
                flatten: true
            """,
        inputs: FileSource.inputs("A JSON document"), outputs: FileSource.outputs,
        parameters: [
            FileSource.path, FileSource.schema,
            Parameter(
                "rows", .text, .optional,
                "Keys that lead to the rows, with a point between them, such as data.items; without it the document is the rows."
            ),
            CollectJSONL.flatten, FileSource.maxRejects,
        ],
        libraries: ["json": 1],
        inferSchema: { path, parameters in
            try FileSource.withBytes(of: [path]) { try schema(of: $0[0], nil, parameters) }
        },
        check: check, run: run)

    private static func check(_ check: inout StageCheck) {
        FileSource.check(&check, suffix: "json")
        if let rows = check.parameters["rows"]?.string, keys(check.parameters).contains("") || rows.isEmpty {
            check.report(CollectFinding.emptyKey(rows), at: ["rows"])
        }
    }

    static func keys(_ parameters: JSONValue) -> [String] {
        let rows = parameters["rows"]?.string
        return rows?.split(separator: ".", omittingEmptySubsequences: false).map(String.init) ?? []
    }

    private static func schema(
        of bytes: UnsafeRawBufferPointer, _ name: String?, _ parameters: JSONValue
    ) throws -> TableSchema {
        let schema: TableSchema
        do throws(JSONDocumentError) {
            schema = try JSONTable.schema(
                ofDocument: bytes, rows: keys(parameters), flattens: parameters["flatten"]?.bool ?? false)
        } catch {
            throw StageError("\(name.map { "'\($0)': " } ?? "")\(error)")
        }
        guard !schema.fields.isEmpty else { throw FileSource.noColumns(name) }
        return schema
    }

    private static func run(_ run: StageRun) throws {
        let files = try FileSource.files(of: run, suffix: "json")
        try FileSource.withBytes(of: files.map(\.path), names: files.map(\.basename)) { bytes in
            let schema = try run.schema ?? schema(of: bytes[0], files[0].basename, run.parameters)
            let table: JSONTable
            do throws(JSONDocumentFault) {
                table = try JSONTable(
                    documents: bytes, rows: keys(run.parameters), schema,
                    flattens: run.parameters["flatten"]?.bool ?? false)
            } catch {
                throw StageError("'\(files[error.file].basename)': \(error.error)")
            }
            try CollectedRows(table, schema).write(run, files, schema)
        }
    }
}
