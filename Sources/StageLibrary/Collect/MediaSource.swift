import CanonicalJSON
import PipelineLanguage
import TableTypes

/// What `collect.images` and `collect.audio` have in common: a file is a value
/// of a table, beside what it says of itself.
struct MediaSource: Sendable {
    /// The type of the column, which is called like it.
    let type: ColumnType
    /// What messages call the files: "PNG or JPEG file".
    let file: String
    /// Of files the kind reads, for what to write.
    let suffix: String
    /// Integer columns that tell of each file.
    let facts: [String]
    /// Reads a file, whatever its bytes.
    let read: @Sendable (_ bytes: UnsafeRawBufferPointer, _ parameters: JSONValue) -> Outcome

    enum Outcome {
        /// A value a fact.
        case facts([Int64])
        /// Why the file does not fit.
        case misfit(String)
        /// Why no file can be read here.
        case failure(String)
    }

    var inputs: [InputPort] {
        FileSource.inputs("A \(file)") + [
            InputPort(
                "manifest", .table, isRequired: false,
                "A row for each file to take, which is called by the column `by`.")
        ]
    }

    var outputs: [OutputPort] {
        [
            OutputPort("table", .table, "A row for each file, or for each row of the manifest."),
            OutputPort("rejects", .table, "Why files were left out: file, row, column, reason."),
        ]
    }

    /// - Parameter own: Of the kind alone.
    func parameters(_ own: [Parameter] = []) -> [Parameter] {
        [
            FileSource.path,
            Parameter(
                "labels",
                .choice([
                    .init("none", "There is no such column."),
                    .init(
                        "folders", "A column `label`: the first folder of the path, such as cat of cat/1.png."
                    ),
                ]), .defaulted("none"), "Where a file's class comes from."),
            Parameter(
                "by", .column(port: "manifest"), .optional,
                "The manifest's column that holds each file's path; without it `path`."),
        ] + own + [FileSource.maxRejects]
    }

    /// Paragraphs that hold for both kinds.
    static let documentation = """
        A file's `path` is the one below the folder that the glob's first wildcard stands in: with path: data/pets/**/*.png the file data/pets/cat/1.png is
        cat/1.png, and with labels: folders its class is cat. Files are taken in the order of their paths' bytes.

        With a manifest, a table with a row for each file to take, the rows are the manifest's, in its order, and its columns come first; a row that names no
        file does not fit, and files that no row names are passed over.

        Up to max_rejects files that do not fit go to `rejects`; one more is an error that names the first.
        """

    // MARK: Columns

    /// Those that stand beside the manifest's, or alone.
    func columns(hasManifest: Bool, _ parameters: JSONValue) -> [Column] {
        (hasManifest ? [] : [Column("path", .text, role: .id, isNullable: false)])
            + (Self.takesLabels(parameters) ? [Column("label", .category, isNullable: false)] : [])
            + facts.map { Column($0, .integer, isNullable: false) }
            + [Column(type.rawValue, type, isNullable: false)]
    }

    static func takesLabels(_ parameters: JSONValue) -> Bool { parameters["labels"] == "folders" }
    static func key(_ parameters: JSONValue) -> String { parameters["by"]?.string ?? "path" }

    /// What keeps a manifest from being taken; nil if nothing.
    func fault(of manifest: TableType, _ parameters: JSONValue) -> StageLibraryFinding? {
        let key = Self.key(parameters)
        if let column = manifest[key] {
            guard column.type == .text || column.type == .category else {
                return .columnType(
                    column: key, type: column.type, operation: "a manifest", takes: [.text, .category])
            }
        } else if !manifest.isOpen {
            return .unknownColumn(
                key, table: "manifest", why: "the one that names files", known: manifest.names)
        }
        return columns(hasManifest: true, parameters).first { manifest[$0.name] != nil }
            .map { .duplicateOutput($0.name) }
    }

    func check(_ check: inout StageCheck) {
        FileSource.check(&check, suffix: suffix)
        let hasManifest = check.type(of: "manifest") != nil
        var table = hasManifest ? check.table("manifest") : TableType([])
        if hasManifest, let fault = fault(of: table, check.parameters) { check.report(fault, at: ["by"]) }
        table.columns += columns(hasManifest: hasManifest, check.parameters)
        check.outputs["table"] = .table(table)
    }
}
