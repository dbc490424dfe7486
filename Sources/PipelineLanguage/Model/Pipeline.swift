import CanonicalJSON
import Diagnostics
import YAMLSyntax

/// A pipeline as it will be planned: included files joined in, parameters,
/// matrix and environment put in, every stage of a matrix by itself, stages
/// that `when` turns off left out, references resolved. Every part keeps its
/// place; nothing has been looked up on disk but the pipeline files.
public struct Pipeline: Sendable {
    public var source: SourceText
    /// Root-relative paths of every pipeline file read, the main one first.
    public var files: [ProjectPath]
    public var name: String?
    public var description: String?
    public var seed: Int64?
    /// Servers that must be reachable before anything starts.
    public var requires: [Requirement]
    /// In written order; the members of a matrix stand together, an included
    /// file's stages where it is included.
    public var stages: [Stage]
    /// Names of stages that `when` turned off, in written order.
    public var off: [String]
    /// What the main file was read from, which lives as long as the pipeline.
    let root: Node
    /// Whether the main file has parts that mean what is written in another one.
    var hasAliases = false

    public subscript(name: String) -> Stage? { stages.first { $0.name == name } }
}

/// A server that `requires` names, of the pipeline or of a file it includes.
public struct Requirement: Sendable {
    public var name: String
    public var range: SourceRange
}

/// One stage, or one member of a matrix. A class, because it is handed from
/// check to check and a copy of all it holds costs more than the look; nothing
/// changes once its references are resolved.
public final class Stage: @unchecked Sendable {
    public enum Body: Sendable {
        /// - Parameters:
        ///   - parameters: What `with` gives, typed, without defaults; paths
        ///     are relative to the project's root.
        ///   - with: The node of `with`, for places.
        case builtIn(kind: String, kindRange: SourceRange, parameters: JSONValue, with: Node?)
        case command(Command)
    }

    /// `train`, `train@lr=0.1+depth=2`, `as/train`.
    public let name: String
    /// Where the name stands.
    public let range: SourceRange
    public let description: String?
    public let body: Body
    public internal(set) var inputs: [Input] = []
    public let publish: [Publication]
    /// Stages this one comes behind without using them.
    public internal(set) var after: [Reference] = []
    public let resources: Resources
    /// Seconds.
    public let timeout: Double?
    public let retries: Int
    public let isCached: Bool
    /// Of a command that declares one.
    public let seed: Int64?
    /// Why a finding of the leak check is accepted here.
    public let leakReason: String?

    init(
        name: String, range: SourceRange, description: String? = nil, body: Body,
        publish: [Publication] = [], resources: Resources = Resources(), timeout: Double? = nil,
        retries: Int = 0, isCached: Bool = true, seed: Int64? = nil, leakReason: String? = nil
    ) {
        self.name = name
        self.range = range
        self.description = description
        self.body = body
        self.publish = publish
        self.resources = resources
        self.timeout = timeout
        self.retries = retries
        self.isCached = isCached
        self.seed = seed
        self.leakReason = leakReason
    }

    public struct Publication: Sendable {
        public var port: String
        public var path: ProjectPath
        public var range: SourceRange

        public init(port: String, path: ProjectPath, range: SourceRange) {
            self.port = port
            self.path = path
            self.range = range
        }
    }

    public struct Resources: Sendable, Hashable {
        public var cores: Int?
        /// Bytes.
        public var memory: Int64?
    }
}

/// A program of the user's.
public struct Command: Sendable {
    public enum Shell: String, Sendable, CaseIterable { case sh, bash }

    /// The text under `run`, with parameters, matrix and environment put in;
    /// inputs and outputs stay names until it runs.
    public var script: CommandText
    public var shell: Shell
    public var outputs: [Output]
    /// Whether it runs at the project's root, where anything can be read.
    public var runsInProject: Bool
    /// Names set to a value, which is keyed.
    public var environment: [(name: String, value: String)]
    /// Names passed through, keyed by their value's digest.
    public var inheritedEnvironment: [String]
    /// Names passed through unkeyed.
    public var unkeyedEnvironment: [String]
    /// Likewise, and masked in logs.
    public var secrets: [String]
    /// Command by tool whose output is keyed.
    public var tools: [(name: String, command: String, range: SourceRange)]
    public var linksInputs: Bool
    public var isDeterministic: Bool

    public struct Output: Sendable {
        public enum Form: String, Sendable, CaseIterable { case file, dir, table, metrics, model }

        public var name: String
        public var form: Form
        /// Relative to the stage's folder, or under `workdir: project` to the root.
        public var path: String
        /// The Table Schema of a table: a root-relative path or the schema itself.
        public var schema: Node?
        /// Bounds on the metrics: verdicts, not keyed.
        public var gates: [Gate]
        public var range: SourceRange

        public var type: PortType {
            switch form {
            case .file: .file
            case .dir: .folder
            case .table: .table
            case .metrics: .metrics
            case .model: .model
            }
        }
    }
}

/// What goes into one input port.
public struct Input: Sendable {
    public enum Origin: Sendable {
        case artifact(Reference)
        /// A list, in order: `[a, b]`, `model@*`.
        case artifacts([Reference])
        case file(ProjectPath)
        case folder(ProjectPath, exclude: [String])
        case glob(ProjectPath)
    }

    public enum Form: String, Sendable, CaseIterable { case csv, jsonl, parquet, arrow }

    /// Empty for the main port of a built-in stage, written `in: STAGE`.
    public var port: String
    public var origin: Origin
    /// How a table is given to a command.
    public var form: Form?
    public var range: SourceRange
}

/// An output of a stage, resolved: the stage is in the pipeline and has the port.
public struct Reference: Sendable {
    /// The whole name, such as `model@lr=0.1`.
    public var stage: String
    /// Its place among the pipeline's stages.
    public var index: Int
    public var port: String
    /// The member of a matrix it is, such as `lr=0.1`.
    public var label: String?
    public var range: SourceRange
}
