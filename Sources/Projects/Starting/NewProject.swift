import CanonicalJSON
import Diagnostics
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes

/// What `init` writes: a pipeline that runs at once, on data of its own or on
/// a CSV file.
public enum NewProject {
    /// A project with a small data set of its own.
    public static func example() -> StartingFiles {
        var files = common(pipeline: "seedlings")
        files.add("pipelines/seedlings.yaml", ExampleData.pipeline)
        files.add("schemas/seedlings.yaml", ExampleData.schema)
        files.add("data/seedlings.csv", ExampleData.csv)
        return files
    }

    /// A project about a table.
    ///
    /// - Parameters:
    ///   - data: The CSV file, as the working directory sees it.
    ///   - target: The column to learn.
    ///   - folder: The project's, which need not exist.
    /// - Throws: `DiagnosticError`.
    public static func about(data: String, target: String, in folder: String) throws -> StartingFiles {
        guard let infer = StageLibrary.catalog["collect.csv"]?.inferSchema else {
            preconditionFailure("collect.csv infers no schema")
        }
        guard try Files.status(data)?.kind == .file else {
            throw DiagnosticError(NewProjectFinding.noData(path: data))
        }
        let inferred: TableSchema
        do {
            inferred = try infer(data, .object([:]))
        } catch let error as StageError {
            throw DiagnosticError(NewProjectFinding.unreadable(path: data, reason: error.message))
        }
        let table = try InferredTable(inferred, target: target, of: data)
        let path = Project.absolute(data)
        let file = path.split(separator: "/").last.map(String.init) ?? data
        let name = self.name(of: file)
        var files = common(pipeline: name)
        let inside = Project.absolute(folder) + "/"
        if path.hasPrefix(inside) {
            files.add(
                "pipelines/\(name).yaml",
                table.pipeline(name: name, data: path.dropping(bytes: inside.utf8.count)))
        } else {
            files.add("pipelines/\(name).yaml", table.pipeline(name: name, data: "data/" + file))
            files.add("data/" + file, .copy(of: path))
        }
        files.add("schemas/\(name).yaml", table.schemaText(source: file))
        return files
    }

    private static func common(pipeline: String) -> StartingFiles {
        var files = StartingFiles()
        files.add(
            "sluice.yaml",
            """
            # This folder is the root of the project: paths that begin with // start here.
            # The pipeline that 'sluice run' takes when none is named:
            default: pipelines/\(pipeline).yaml

            """)
        files.add(
            "schemas/pipeline.schema.json", PipelineSchema(StageLibrary.catalog).json.prettyText)
        files.add(".gitignore", .lines(["/.sluice/", "/reports/"]))
        // The lock merges as text: a fact a line, blocks in sorted order.
        files.add(".gitattributes", .lines(["/pipelines/*.lock text eol=lf"]))
        return files
    }

    /// A file's stem as a pipeline may be called.
    static func name(of file: String) -> String {
        let stem = file.lastIndex(of: ".").map { file[..<$0] } ?? Substring(file)
        let name = stem.unicodeScalars.map { scalar -> String in
            let fits = scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "-"
            return fits ? String(Character(scalar)) : "_"
        }.joined()
        return name.allSatisfy({ $0 == "_" }) ? "table" : name
    }
}

/// What can be wrong with what `init` is asked for.
enum NewProjectFinding: Finding {
    case noData(path: String)
    case unreadable(path: String, reason: String)
    case unknownTarget(String, data: String, columns: [String])
    case targetType(String, type: String)
    case noFeatures(target: String)

    var message: String {
        switch self {
        case .noData(let path): "there is no file '\(path)'"
        case .unreadable(let path, let reason): "'\(path)' cannot be read as a table: \(reason)"
        case .unknownTarget(let target, let data, _): "'\(data)' has no column '\(target)'"
        case .targetType(let target, let type):
            "column '\(target)' holds values of type \(type), and a target has classes"
        case .noFeatures(let target):
            "there is nothing to learn '\(target)' from: no other column holds numbers or categories"
        }
    }

    var notes: [Diagnostic.Note] {
        switch self {
        case .unknownTarget(_, _, let columns): [.init("columns", listing(columns))]
        case .targetType: [.init("expected", "a column of type boolean, integer, category or text")]
        default: []
        }
    }

    var fix: String? {
        switch self {
        case .unknownTarget(let target, _, let columns): didYouMean(target, among: columns)
        case .targetType: "name another column, or one that says to which class a row belongs"
        default: nil
        }
    }
}
