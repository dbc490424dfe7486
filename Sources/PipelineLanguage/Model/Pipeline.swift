import CanonicalJSON
import Diagnostics
import YAMLSyntax

/// A pipeline file as it is written: typed, every part with its place, nothing
/// yet put in for `${...}` and nothing looked up on disk.
public struct Pipeline: Sendable {
    public var source: SourceText
    public var name: String?
    public var description: String?
    public var seed: Int64?
    /// Declared parameters with their default values, in written order.
    public var params: [(name: String, value: Node)]
    /// Parameter values by profile.
    public var profiles: [(name: String, values: [(name: String, value: Node)])]
    /// Servers that must be reachable before anything starts.
    public var requires: [String]
    /// In written order.
    public var stages: [Stage]

    public subscript(name: String) -> Stage? { stages.first { $0.name == name } }
}

/// One stage as it is written.
public struct Stage: Sendable {
    public enum Body: Sendable {
        /// - Parameter parameters: What `with` gives, typed, without defaults.
        case builtIn(kind: String, kindRange: SourceRange, parameters: JSONValue)
        case command(Command)
    }

    public var name: String
    /// Where the name stands.
    public var range: SourceRange
    public var description: String?
    public var body: Body
    public var inputs: [Input]
    /// Output port to path.
    public var publish: [Publication]
    /// Stages this one comes behind without using them.
    public var after: [Reference]
    public var resources: Resources
    /// Seconds.
    public var timeout: Double?
    public var retries: Int
    public var isCached: Bool
    public var seed: Int64?
    /// Why a finding of the leak check is accepted here.
    public var leakReason: String?
    /// Values of each matrix axis, in written order; empty is no matrix.
    public var matrix: [(axis: String, values: [Node])]
    /// The condition under `when`.
    public var condition: Node?

    public struct Publication: Sendable {
        public var port: String
        public var path: String
        public var range: SourceRange
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

    /// The text under `run`.
    public var text: Node
    public var shell: Shell
    public var outputs: [Output]
    /// Whether it runs at the project's root, where anything can be read.
    public var runsInProject: Bool
    /// Names set to a value, which is keyed.
    public var environment: [(name: String, value: Node)]
    /// Names passed through, keyed by their value's digest.
    public var inheritedEnvironment: [String]
    /// Names passed through unkeyed.
    public var unkeyedEnvironment: [String]
    /// Likewise, and masked in logs.
    public var secrets: [String]
    /// Command by tool whose output is keyed.
    public var tools: [(name: String, command: String)]
    public var linksInputs: Bool
    public var isDeterministic: Bool

    public struct Output: Sendable {
        public enum Form: String, Sendable, CaseIterable { case file, dir, table, metrics, model }

        public var name: String
        public var form: Form
        /// Relative to the stage's folder.
        public var path: String
        /// The Table Schema of a table: a path or the schema itself.
        public var schema: Node?
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
        case stages([Reference])
        case file(String)
        case folder(String, exclude: [String])
        case glob(String)
    }

    public enum Form: String, Sendable, CaseIterable { case csv, jsonl, parquet, arrow }

    /// Empty for the main port of a built-in stage, written `in: STAGE`.
    public var port: String
    public var origin: Origin
    /// How a table is given to a command.
    public var form: Form?
    /// Whether the origin may be off.
    public var isOptional: Bool
    public var range: SourceRange
}

/// `STAGE` or `STAGE.PORT`, where it stands.
public struct Reference: Sendable {
    public var stage: String
    /// Nil is the stage's main output.
    public var port: String?
    public var range: SourceRange
}
