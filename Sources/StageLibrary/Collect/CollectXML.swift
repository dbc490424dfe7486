import CanonicalJSON
import PipelineLanguage
import TableTypes
import XMLTables

/// `collect.xml`: elements of XML documents as a typed table.
enum CollectXML {
    static let kind = StageKind(
        "collect.xml",
        versions: [
            .init(1, "first"), .init(2, "formats, enums of every type and JSON in texts are held to"),
            .init(3, "whole numbers and times are compared to their last digit, texts by their bytes"),
        ],
        summary: "Reads elements of XML documents as a typed table.",
        documentation: """
            `rows` leads to the elements that are rows: /list/record from the document, //record anywhere; a row within a row is part of it.
            `columns` gives each column a path from the row: title, topics/topic, @date, author/@id, . for the row itself, * for any name. A name
            without a prefix matches an element of any namespace. The value of an element is all text within it, without white space at both ends;
            what is not there, or is empty, is null.

            Without a schema the columns stand in the order of their names and types are inferred from the first 10,000 rows by the rules of
            collect.csv; a column of which some row has several values is a JSON list of texts in all rows. With a schema, a field of type array is
            such a list; in any other, several values do not fit.

            XML is read by libxml2 (apt install libxml2), in the encoding it declares. Nothing outside of the document is read: no DTD, no network.
            A document that is not well-formed, or declares entities of its own or uses them, is an error with its line.

            \(FileSource.documentation)
            """,
        example: """
            news:
              uses: collect.xml
              with:
                path: news/*.xml
                rows: //story
                columns: { title: head/title, date: "@date", topics: topics/topic, body: body }
            """,
        inputs: FileSource.inputs("An XML document"), outputs: FileSource.outputs,
        parameters: [
            FileSource.path, FileSource.schema,
            Parameter("rows", .text, .required, "The path of the elements that are rows."),
            Parameter("columns", .map(.text), .required, "The path of each column's value, from the row."),
            FileSource.maxRejects,
        ],
        libraries: ["xml": 1],
        inferSchema: { path, parameters in
            try FileSource.withBytes(of: [path]) { try inferredSchema($0, [nil], parameters) }
        },
        check: check, run: run)

    private static func check(_ check: inout StageCheck) {
        FileSource.check(&check, suffix: "xml")
        let rows = check.parameters["rows"]?.string ?? ""
        do throws(XMLPath.Problem) {
            _ = try XMLPath.rows(rows)
        } catch {
            check.report(
                CollectFinding.badPath(column: "", path: rows, reason: error.rawValue), at: ["rows"])
        }
        for (name, path) in columns(check.parameters) {
            do throws(XMLPath.Problem) {
                _ = try XMLPath.column(path)
            } catch {
                check.report(
                    CollectFinding.badPath(column: name, path: path, reason: error.rawValue),
                    at: ["columns", name])
            }
        }
    }

    /// In the order of their names' bytes: a mapping has none of its own.
    private static func columns(_ parameters: JSONValue) -> [(name: String, path: String)] {
        (parameters["columns"]?.object ?? [:]).map { ($0.key, $0.value.string ?? "") }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    static func read(
        _ files: [UnsafeRawBufferPointer], _ names: [String?], _ parameters: JSONValue, limit: Int = .max
    ) throws -> XMLTable {
        do {
            return try XMLTable(
                files, rows: .rows(parameters["rows"]?.string ?? ""),
                columns: columns(parameters).map { ($0.name, try .column($0.path)) }, limit: limit)
        } catch let fault as XMLFault {
            if case .library(let error) = fault.error {
                throw StageError("XML cannot be read here: \(error)")
            }
            throw StageError("\(names[fault.file].map { "'\($0)': " } ?? "")\(fault.error)")
        } catch let problem as XMLPath.Problem {
            throw StageError("a path of the stage is none: \(problem.rawValue)")
        }
    }

    /// Of a document that has rows, for a path that leads to none is more often wrong than meant.
    private static func inferredSchema(
        _ files: [UnsafeRawBufferPointer], _ names: [String?], _ parameters: JSONValue
    ) throws -> TableSchema {
        let table = try read(files, names, parameters, limit: SchemaInference.rows)
        guard table.count > 0 else {
            throw noRows(names[0], parameters)
        }
        return XMLRows(table: table).schema()
    }

    static func noRows(_ name: String?, _ parameters: JSONValue) -> StageError {
        StageError(
            "\(name.map { "'\($0)': " } ?? "")no element is at '\(parameters["rows"]?.string ?? "")'",
            fix: "correct the path of the rows, or declare a schema if there may be none")
    }

    private static func run(_ run: StageRun) throws {
        let files = try FileSource.files(of: run, suffix: "xml")
        try FileSource.withBytes(of: files.map(\.path), names: files.map(\.basename)) { bytes in
            let rows = XMLRows(table: try read(bytes, files.map(\.basename), run.parameters))
            // As it is pinned: from the first file.
            let schema =
                try run.schema ?? inferredSchema([bytes[0]], [files[0].basename], run.parameters)
            try rows.collected(schema).write(run, files, schema)
        }
    }
}
