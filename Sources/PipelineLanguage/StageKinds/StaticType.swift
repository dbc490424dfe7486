import TableTypes

/// What is known of an artifact before it exists.
public indirect enum StaticType: Hashable, Sendable {
    case table(TableType)
    case transform(TransformType)
    case model(ModelType)
    /// The metrics' names; nil when only the run can tell.
    case metrics(names: [String]?)
    case report, file, folder
    case list([StaticType])

    /// All that can be said of an artifact of a port type.
    public init(unknown type: PortType) {
        self =
            switch type {
            case .table: .table(.unknown)
            case .transform: .transform(.unknown)
            case .model: .model(.unknown)
            case .metrics: .metrics(names: nil)
            case .report: .report
            case .file: .file
            case .folder: .folder
            case .list: .list([])
            }
    }
}

/// A fitted preparation: which columns it reads and what it makes of a table.
public struct TransformType: Hashable, Sendable {
    /// Columns a table must have to be transformed; open when not known.
    public var inputs: TableType
    /// Columns of what comes out.
    public var outputs: TableType
    /// The column that is learned, carried through unchanged.
    public var target: String?

    public init(inputs: TableType, outputs: TableType, target: String?) {
        self.inputs = inputs
        self.outputs = outputs
        self.target = target
    }

    public static let unknown = TransformType(inputs: .unknown, outputs: .unknown, target: nil)
}

/// A trained model: what it answers and which columns it reads.
public struct ModelType: Hashable, Sendable {
    public enum Task: String, Hashable, Sendable { case classification, regression }

    /// Nil when not known before the run.
    public var task: Task?
    /// Columns a table must have; open when not known.
    public var inputs: TableType
    public var target: String?

    public init(task: Task?, inputs: TableType, target: String?) {
        self.task = task
        self.inputs = inputs
        self.target = target
    }

    public static let unknown = ModelType(task: nil, inputs: .unknown, target: nil)
}
