import CanonicalJSON
import TableTypes

/// What a built-in stage is: one value that says everything about it.
///
/// The decoder of `with`, the JSON Schema, `sluice stages` and the action key
/// are all derived from this declaration; none of them knows a kind by name.
public struct StageKind: Sendable {
    /// One step of a kind's meaning. A changed default, or a changed meaning
    /// of any parameter, is a new version with a line of its own: the version
    /// is in every action key, and the line is what `why` shows.
    public struct Version: Sendable {
        public var number: Int
        public var change: String

        public init(_ number: Int, _ change: String) {
            self.number = number
            self.change = change
        }
    }

    /// `AREA.KIND`, such as `clean.table`.
    public var name: String
    /// Oldest first, numbered from 1.
    public var versions: [Version]
    public var summary: String
    /// Paragraphs for `sluice stages NAME` and the docs page.
    public var documentation: String
    /// A stage in YAML that uses the kind; a test reads it.
    public var example: String
    public var inputs: [InputPort]
    public var outputs: [OutputPort]
    public var parameters: [Parameter]
    /// Whether the kind draws random numbers; it then has the parameter `seed`.
    public var isRandom: Bool
    /// Versions of the numeric libraries and codecs whose meaning its outputs
    /// depend on, such as `csv: 1`; they are in every action key.
    public var libraries: [String: Int]
    /// For a kind that reads raw data: the Table Schema of a source that has
    /// none, from its first 10,000 rows.
    public var inferSchema: (@Sendable (_ path: String, _ parameters: JSONValue) throws -> TableSchema)?
    /// For a kind whose data lies outside the project.
    public var fetch: Fetch?
    /// By the name of a list parameter whose elements change the columns of a table, one after the other.
    public var columnEffects: [String: ColumnEffect]
    public var check: @Sendable (inout StageCheck) -> Void
    /// Throws `StageError` for what the pipeline's author can mend.
    public var run: @Sendable (StageRun) throws -> Void

    /// What an element of a list makes of a table: the columns that the next one names are looked up there.
    public struct ColumnEffect: Sendable {
        /// Where the table goes in.
        public var port: String
        /// - Parameter element: Decoded, its selectors expanded; may be wrong in ways that only `check` sees.
        public var table: @Sendable (_ element: JSONValue, _ table: TableType) -> TableType

        public init(
            port: String, table: @escaping @Sendable (_ element: JSONValue, _ table: TableType) -> TableType
        ) {
            self.port = port
            self.table = table
        }
    }

    /// - Precondition: The name has an area; versions count from 1; names of
    ///   parameters and ports are unique; a default fits its type.
    public init(
        _ name: String, versions: [Version], summary: String, documentation: String = "",
        example: String, inputs: [InputPort], outputs: [OutputPort], parameters: [Parameter],
        isRandom: Bool = false, libraries: [String: Int] = [:],
        inferSchema: (@Sendable (_ path: String, _ parameters: JSONValue) throws -> TableSchema)? = nil,
        fetch: Fetch? = nil, columnEffects: [String: ColumnEffect] = [:],
        check: @escaping @Sendable (inout StageCheck) -> Void = { _ in },
        run: @escaping @Sendable (StageRun) throws -> Void
    ) {
        self.name = name
        self.versions = versions
        self.summary = summary
        self.documentation = documentation
        self.example = example
        self.inputs = inputs
        self.outputs = outputs
        self.parameters = parameters
        self.isRandom = isRandom
        self.libraries = libraries
        self.inferSchema = inferSchema
        self.fetch = fetch
        self.columnEffects = columnEffects
        self.check = check
        self.run = run
        checkInvariants()
    }

    public var version: Int { versions.count }
    public var area: String { String(name.prefix { $0 != "." }) }
    public var mainOutput: OutputPort? { outputs.first }

    private func checkInvariants() {
        precondition(name.split(separator: ".").count == 2, "'\(name)' is not AREA.KIND")
        precondition(
            !versions.isEmpty && versions.map(\.number) == Array(1...versions.count),
            "\(name): versions count from 1, got \(versions.map(\.number))")
        for names in [parameters.map(\.name), inputs.map(\.name), outputs.map(\.name)] {
            precondition(Set(names).count == names.count, "\(name): a name stands twice in \(names)")
        }
        precondition(
            !isRandom || !parameters.contains { $0.name == "seed" },
            "\(name): 'seed' comes with isRandom and is not declared")
        precondition(
            fetch != nil || !parameters.contains(where: \.isFetched), "\(name) fetches nothing")
        guard let fetch else { return }
        precondition(
            !parameters.contains { [Fetch.refresh.name, Fetch.port].contains($0.name) },
            "\(name): 'refresh' and 'snapshot' come with fetch and are not declared")
        precondition(
            !parameters.contains { $0.isFetched && ($0.type.isPath || $0.type.isSchema) },
            "\(name): what a file holds is not in the identity of what is fetched")
        precondition(fetch.snapshot == .file || inferSchema == nil, "\(name): a folder has no schema")
    }
}

/// The kinds a program knows, by name.
public struct StageCatalog: Sendable {
    /// Sorted by name.
    public let kinds: [StageKind]
    private let byName: [String: StageKind]

    public init(_ kinds: [StageKind]) {
        self.kinds = kinds.sorted { $0.name < $1.name }
        byName = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0) })
    }

    public subscript(name: String) -> StageKind? { byName[name] }
    public var names: [String] { kinds.map(\.name) }
}
