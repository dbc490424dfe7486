/// What can pass from one stage to another.
///
/// Modalities are column types inside a table, not port types, so that text,
/// images, audio and series can be trained on together.
public indirect enum PortType: Hashable, Sendable {
    case table, transform, model, metrics, report, file, folder
    case list(PortType)
}

extension PortType: CustomStringConvertible {
    public var description: String {
        switch self {
        case .table: "table"
        case .transform: "transform"
        case .model: "model"
        case .metrics: "metrics"
        case .report: "report"
        case .file: "file"
        case .folder: "folder"
        case .list(let element): "list(\(element))"
        }
    }
}

/// One input of a stage kind.
public struct InputPort: Sendable {
    /// What the stage does with the rows behind the input. The leak check asks
    /// whether what was fitted overlaps what is evaluated.
    public enum Use: Sendable {
        /// Read, passed on or applied.
        case data
        /// Looked up for the rows of another input: it has a part in what they hold, and none of its rows are theirs.
        case lookup
        /// Learned from: training, fitting, tuning, choosing a threshold.
        case fit
        /// Judged on: the rows a later reader takes for unseen.
        case evaluate
    }

    public var name: String
    public var type: PortType
    public var use: Use
    public var isRequired: Bool
    /// Of a port for a file: whether it takes several as well, those below a folder or of a glob, in the order of
    /// their paths' bytes.
    public var takesSeveral: Bool
    public var summary: String

    public init(
        _ name: String, _ type: PortType, use: Use = .data, isRequired: Bool = true,
        takesSeveral: Bool = false, _ summary: String
    ) {
        precondition(!takesSeveral || type == .file, "several of what is no file are a list")
        self.takesSeveral = takesSeveral
        self.name = name
        self.type = type
        self.use = use
        self.isRequired = isRequired
        self.summary = summary
    }
}

/// One output of a stage kind. The first one declared is the main output: what
/// a stage's name alone stands for.
public struct OutputPort: Sendable {
    public var name: String
    public var type: PortType
    /// Whether its rows are one part of a split of the input's rows, disjoint
    /// from the kind's other parts; the leak check builds on it.
    public var isPart: Bool
    public var summary: String

    public init(_ name: String, _ type: PortType, isPart: Bool = false, _ summary: String) {
        self.name = name
        self.type = type
        self.isPart = isPart
        self.summary = summary
    }
}
