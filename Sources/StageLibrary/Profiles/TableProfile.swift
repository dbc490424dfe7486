import CanonicalJSON
import DataFrames
import PipelineLanguage
import TableTypes

/// All rows of a file, looked at once for the schema they would have.
public struct TableProfile {
    public struct Column {
        public var name: String
        public var profile: ColumnProfile
        /// Of a file whose columns have types.
        public var declared: ColumnType?
        public var role: ColumnRole?
    }

    /// Where a file's values get their types from.
    public enum Typing: Sendable {
        /// All are texts, some of which mean null: CSV and XML.
        case texts
        /// Values have types of their own: JSON.
        case values
        /// Columns have types: Arrow and Parquet.
        case columns
    }

    /// What is no row.
    public struct Fault: Hashable, Sendable {
        public var row: Int
        public var reason: String
    }

    public var typing: Typing
    public var columns: [Column] = []
    /// Those that were read.
    public var rows = 0
    /// Texts that mean null, if they were told.
    public var missing: [String]?
    /// The first of what is no row.
    public var faults: [Fault] = []
    public var faultCount = 0

    init(_ typing: Typing) { self.typing = typing }

    static let faultsKept = 3

    /// How far the reading is; the fraction is nil where it cannot be known.
    public typealias Progress = (_ rows: Int, _ fraction: Double?) -> Void

    /// Reads a file as the collecting kind of its form would.
    ///
    /// - Parameters:
    ///   - parameters: Of that kind.
    ///   - threads: Never change the result.
    ///   - progress: Is called now and then, on any thread.
    /// - Throws: `StageError`.
    /// - Complexity: O(bytes); a CSV, JSON lines, JSON or Parquet file may be larger than memory.
    public init(
        of path: String, _ form: TableForm, _ parameters: JSONValue = [:], threads: Int = 1,
        progress: @escaping Progress = { _, _ in }
    ) throws {
        switch form {
        case .csv:
            self = try CSVSource(path: path, name: nil, parameters).profile(
                threads: threads, progress: progress)
        case .jsonl: self = try Self.jsonLines(path, parameters, progress)
        case .json: self = try Self.json(path, parameters, progress)
        case .xml: self = try Self.xml(path, parameters)
        case .parquet: self = try Self.parquet(path, progress)
        case .arrow: self = try Self.arrow(path)
        }
        guard !columns.isEmpty else {
            let first = faults.first.map { "row \($0.row): \($0.reason)" }
            throw StageError(first ?? "there is no row that columns could be known from")
        }
    }
}

/// The forms of files that hold a table.
public enum TableForm: String, CaseIterable, Sendable {
    case csv, jsonl, json, xml, parquet, arrow

    /// By the file's suffix; nil where it says nothing.
    public init?(suffixOf path: String) {
        let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
        var parts = name.split(separator: ".").dropFirst()
        if let last = parts.last, ["gz", "zst"].contains(last) { parts.removeLast() }
        switch parts.last ?? "" {
        case "csv", "tsv", "tab": self = .csv
        case "jsonl", "ndjson": self = .jsonl
        case "json": self = .json
        case "xml": self = .xml
        case "parquet": self = .parquet
        case "arrow", "feather", "ipc": self = .arrow
        default: return nil
        }
    }

    /// The kind that reads such files in a pipeline.
    public var kind: String { "collect.\(rawValue)" }
}
