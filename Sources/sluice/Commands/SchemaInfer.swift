import ArgumentParser
import CanonicalJSON
import Diagnostics
import Platform
import Projects
import StageLibrary
import TableTypes

/// `sluice schema infer`: a Table Schema from all rows of a file.
struct SchemaInfer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "infer", _superCommandName: "\(Sluice.name) schema",
        abstract: "Write a Table Schema that all rows of a file fit, with what was seen of each column.",
        discussion: """
            Every row is looked at. Files packed with gzip or zstd are unpacked. Comments above each field say how sure its type is: how many values fit, and which \
            few kept it from a narrower type. Examples: sluice schema infer data/customers.csv -o schemas/customers.yaml
                      sluice schema infer events.jsonl.gz
            """)

    @Argument(help: ArgumentHelp("The file; - is standard input.", valueName: "file"), completion: .file())
    var file: String

    @Option(
        help: ArgumentHelp("Its form. Default: by its suffix.", valueName: "form"),
        completion: .list(TableForm.allCases.map(\.rawValue)))
    var format: TableForm?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Where to write the schema: JSON if it ends in .json, else YAML.", valueName: "path"),
        completion: .file())
    var output: String?

    @Flag(help: "Write over what is there.")
    var force = false

    @Flag(help: "Write JSON; what was seen goes to stderr.")
    var json = false

    @OptionGroup(title: "How the file is read (as the parameters of its collect kind)")
    var reading: Reading

    @Option(
        name: .customShort("C"), help: ArgumentHelp("Change to this folder first.", valueName: "dir"),
        completion: .directory)
    var directory: String?

    struct Reading: ParsableArguments {
        @Option(help: ArgumentHelp("CSV: one character, tab, or auto.", valueName: "character"))
        var delimiter: String?
        @Option(help: ArgumentHelp("CSV: one character.", valueName: "character"))
        var quote: String?
        @Option(
            help: ArgumentHelp("CSV: auto, utf-8, utf-16, latin-1 or gb18030.", valueName: "name"),
            completion: .list(["auto", "utf-8", "utf-16", "latin-1", "gb18030"]))
        var encoding: String?
        @Flag(help: "CSV: blanks at both ends of a field are taken off.")
        var trim = false
        @Flag(help: "CSV: the first row is a row like the others.")
        var noHeader = false
        @Option(
            help: ArgumentHelp("CSV: a text that means null; may be given several times.", valueName: "text"))
        var missing: [String] = []
        @Option(
            help: ArgumentHelp(
                "JSON: keys that lead to the rows, such as data.items. XML: the path of the rows.",
                valueName: "path"))
        var rows: String?
        @Option(
            help: ArgumentHelp(
                "XML: a column, as NAME=PATH; may be given several times.", valueName: "column"))
        var column: [String] = []
        @Flag(help: "JSON: objects within a row are columns a.b.")
        var flatten = false

        var parameters: JSONValue {
            var parameters: JSONValue = [:]
            parameters["delimiter"] = delimiter.map(JSONValue.string)
            parameters["quote"] = quote.map(JSONValue.string)
            parameters["encoding"] = encoding.map(JSONValue.string)
            if noHeader { parameters["header"] = false }
            if trim { parameters["trim"] = true }
            if !missing.isEmpty { parameters["missing"] = .strings(missing) }
            parameters["rows"] = rows.map(JSONValue.string)
            if flatten { parameters["flatten"] = true }
            if !column.isEmpty {
                parameters["columns"] = .object(
                    Dictionary(
                        column.map { column in
                            let end = column.firstIndex(of: "=") ?? column.endIndex
                            return (String(column[..<end]), .string(String(column[end...].dropFirst())))
                        }, uniquingKeysWith: { $1 }))
            }
            return parameters
        }

        func validate() throws {
            if let column = column.first(where: { !$0.contains("=") || $0.hasPrefix("=") }) {
                throw ValidationError("--column takes NAME=PATH, not '\(column)'")
            }
        }
    }

    func run() throws {
        try FolderArguments.enter(directory)
        let progress = ReadingProgress(file)
        let inferred = try InferredSchema(of: file, form: format, reading.parameters) {
            progress.show(rows: $0, fraction: $1)
        }
        progress.end()
        let isJSON = json || output?.hasSuffix(".json") == true
        let text = isJSON ? inferred.schema.json.prettyText : inferred.text(source: file)
        if let output {
            try inferred.write(text, to: output, overwrites: force)
        } else {
            Terminal.data(text)
        }
        if isJSON { Terminal.message(inferred.remarksText) }
        if let output {
            Terminal.message(
                "written \(output): \(inferred.schema.fields.count) fields, from all \(inferred.rows) rows\n")
        }
    }
}

extension TableForm: ExpressibleByArgument {}
