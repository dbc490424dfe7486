import Diagnostics

/// What reading a pipeline needs of the world beside its text.
public struct ReadingContext: Sendable {
    /// Root-relative folder of the pipeline file; `.` is the root.
    public var folder: String
    /// `-S name=value`, in the order given; of one name the last counts.
    public var overrides: [(name: String, value: String)]
    /// `--profile`.
    public var profile: String?
    /// What `${env.NAME}` stands for; nil when the variable is not set.
    public var environment: @Sendable (String) -> String?
    /// Names of stages that are read for what they give alone: the stages they
    /// come behind are not in the text.
    public var withoutInputs: Set<String> = []
    /// Gives the text of an included file.
    public var load: @Sendable (ProjectPath) throws -> SourceText

    public init(
        folder: String = ".", overrides: [(name: String, value: String)] = [], profile: String? = nil,
        environment: @escaping @Sendable (String) -> String? = { _ in nil },
        load: @escaping @Sendable (ProjectPath) throws -> SourceText = { throw FilesAreNotRead(path: $0) }
    ) {
        self.folder = folder
        self.overrides = overrides
        self.profile = profile
        self.environment = environment
        self.load = load
    }
}

/// What a context without a loader says to `include`.
public struct FilesAreNotRead: Error, CustomStringConvertible {
    public let path: ProjectPath
    public init(path: ProjectPath) { self.path = path }
    public var description: String { "no files are read here" }
}
