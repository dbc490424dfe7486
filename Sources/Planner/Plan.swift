import CanonicalJSON
import ContentStore
import Diagnostics
import PipelineLanguage
import TableTypes

/// A pipeline with all that can be said before anything runs: the graph,
/// static types, columns, what each stage reads. Keys follow as digests land.
public struct Plan: Sendable {
    public var name: String?
    /// Every file and folder of the project that is read, each once.
    public internal(set) var sources: [Source] = []
    /// Whether what is read depends on which files a folder holds.
    public internal(set) var readsFolders = false
    /// Every folder in which a glob was looked for.
    public internal(set) var searched: [SearchedFolder] = []
    /// Table Schemas that the pipeline names, read while planning.
    public internal(set) var schemaFiles: [ProjectPath] = []
    /// In file order.
    public internal(set) var stages: [PlannedStage] = []
    /// Names of stages that `when` made absent.
    public internal(set) var off: [String] = []
    /// Stages of the pipeline that are known to be up to date and so are not
    /// among `stages`, in file order.
    public var leftOut: [LeftOut] = []

    public struct LeftOut: Sendable {
        /// The place in `stages` of the stage that follows it in the file.
        public var place: Int
        /// Where what it publishes lies, relative to the root.
        public var published: [String]

        public init(place: Int, published: [String]) {
            self.place = place
            self.published = published
        }
    }

    /// What a stage brings from outside the project; a kind fetches one source.
    public func source(fetchedBy stage: Int) -> ExternalSource? {
        for input in stages[stage].inputs {
            if case .source(let number) = input.origin, case .external(let source) = sources[number] {
                return source
            }
        }
        return nil
    }

    /// Whether a stage takes data from outside the project.
    public var fetches: Bool { sources.contains { $0.path == nil } }

    /// How many stages the pipeline has.
    public var size: Int { stages.count + leftOut.count }

    /// While it stays as it was, its names do too.
    public struct SearchedFolder: Sendable {
        /// Absolute.
        public var path: String
        /// From before it was listed; nil where nothing can be said.
        public var stamp: FileStamp?
    }

    /// What a stage reads that no stage made.
    public enum Source: Hashable, Sendable {
        case file(ProjectPath)
        case folder(ProjectPath, exclude: [String])
        case external(ExternalSource)

        /// Nil for what lies outside the project.
        public var path: ProjectPath? {
            switch self {
            case .file(let path), .folder(let path, _): path
            case .external: nil
            }
        }

        /// What messages call it.
        public var name: String {
            switch self {
            case .file(let path), .folder(let path, _): path.text
            case .external(let source): "\(source.first) (fetched)"
            }
        }

        public var isFile: Bool { if case .file = self { true } else { false } }
    }

    public func index(of name: String) -> Int? { stages.firstIndex { $0.stage.name == name } }

    /// The stages that must end before each may start, for inputs or `after`.
    public var dependencies: [[Int]] { stages.map(\.dependencies) }

    /// `wanted` and all they need, ascending.
    public func closure(of wanted: [Int]) -> [Int] {
        var seen = Set(wanted)
        var open = wanted
        while let next = open.popLast() {
            for dependency in stages[next].dependencies where seen.insert(dependency).inserted {
                open.append(dependency)
            }
        }
        return seen.sorted()
    }

    /// `roots` and all that depends on them, ascending.
    public func dependents(of roots: [Int]) -> [Int] {
        var affected = Set(roots)
        for index in topological where stages[index].dependencies.contains(where: affected.contains) {
            affected.insert(index)
        }
        return affected.sorted()
    }

    /// Every stage behind all it needs; of several that may come next, the
    /// first in the file.
    public internal(set) var topological: [Int] = []
}

/// One stage of a plan. A class, because it is looked at many times a run and
/// a copy of all it holds costs more than the look; nothing changes once the
/// plan is built.
public final class PlannedStage: @unchecked Sendable {
    public let stage: Stage
    /// Nil for a command.
    public internal(set) var kind: StageKind?
    /// Defaults filled in, selectors expanded as far as the types are known.
    public internal(set) var parameters: JSONValue = .object([:])
    public internal(set) var inputs: [PlannedInput] = []
    public internal(set) var outputs: [PlannedOutput] = []
    public internal(set) var dependencies: [Int] = []
    public internal(set) var gates: [PlannedGate] = []
    public internal(set) var seed: Int64?
    public internal(set) var schema: SchemaInForce = .none
    /// Whether columns can be looked up only when the inputs are there.
    public internal(set) var needsActualTypes = false
    /// Of a kind that fetches: when it looks again.
    public internal(set) var refresh = Refresh.always
    /// Of a command: each declared tool's answer.
    public internal(set) var tools: [String: String] = [:]
    /// Of a command: the keyed environment.
    public internal(set) var environment: [String: String] = [:]

    init(stage: Stage) { self.stage = stage }

    /// Of a kind that reads raw data.
    public var inputToInferFrom: PlannedInput? {
        kind?.fetch == nil ? inputs.first : inputs.first { $0.port == Fetch.port }
    }

    public enum SchemaInForce: Sendable, Hashable {
        case none
        case declared(TableSchema)
        /// From the lock, or inferred just now; the lock keeps it.
        case pinned(TableSchema)
        /// To be inferred from a file that a stage makes.
        case pending

        public var schema: TableSchema? {
            switch self {
            case .declared(let schema), .pinned(let schema): schema
            case .none, .pending: nil
            }
        }
    }
}

/// What goes into a port: one artifact of a list has one entry of its own.
public struct PlannedInput: Sendable {
    public enum Origin: Hashable, Sendable {
        case source(Int)
        case output(stage: Int, port: String)
    }

    public var port: String
    public var type: PortType
    public var origin: Origin
    /// What the file is called where the stage reads it.
    public var basename: String
    public var form: Input.Form?
    /// Whether it is one of several, which lie in one folder.
    public var isMember: Bool
    public var range: SourceRange
}

public struct PlannedOutput: Sendable, Hashable {
    public var port: String
    public var type: PortType
    /// Where a command writes it; nil for a built-in stage.
    public var path: String?
    /// Declared for a command's table.
    public var schema: TableSchema?
    /// Of a command's table where none is declared: what the lock pins.
    public var pinned: TableSchema?

    /// What the table is held to; of a command's table without one the schema
    /// is inferred from what it wrote.
    public var schemaInForce: TableSchema? { schema ?? pinned }

    /// Whether the schema is known only when the command has ended.
    public func isInferred(by stage: PlannedStage) -> Bool {
        stage.kind == nil && type == .table && schemaInForce == nil
    }
}

/// A bound on a metric of one of the stage's outputs.
public struct PlannedGate: Sendable, Hashable {
    public var port: String
    public var gate: Gate
}
