import CanonicalJSON
import TableTypes

/// What a stage kind's `run` is given: plain paths and values. It reads the
/// inputs, writes every output to its path, and says what happened through
/// `tell`; nothing else of the machine may reach the bytes it writes.
public struct StageRun: Sendable {
    /// An artifact or source that goes in.
    public struct Artifact: Sendable {
        /// The input port, or the name of a `path` parameter.
        public var port: String
        public var type: PortType
        /// A read-only file, or folder for a model, a folder.
        public var path: String
        /// What a person calls the file, for messages: `german_credit.csv`. It
        /// is not keyed, so no output may hold it.
        public var basename: String
        /// What the action key calls it: the file's own name, or its path below
        /// the folder that a glob's first wildcard stands in.
        public var name: String
        /// The member of a matrix it comes from, such as `lr=0.1`.
        public var label: String?

        /// - Parameter name: Without one the last part of `basename`.
        public init(
            port: String, type: PortType, path: String, basename: String, name: String? = nil,
            label: String? = nil
        ) {
            self.name = name ?? basename.split(separator: "/").last.map(String.init) ?? basename
            self.port = port
            self.type = type
            self.path = path
            self.basename = basename
            self.label = label
        }
    }

    /// Records about a run; no output's bytes depend on them.
    public enum Event: Sendable {
        /// Of an output port, for review in the lock: `rows`, `columns`.
        case fact(port: String, name: String, JSONValue)
        /// From 0 to 1, and what it counts: "epoch 3 of 30".
        case progress(Double, String)
        /// A line for the stage's log.
        case log(String)
    }

    /// `with`, defaults filled in, selectors expanded to lists of names.
    public var parameters: JSONValue
    /// The Table Schema in force, for a kind that reads raw data.
    public var schema: TableSchema?
    /// 0 for a kind that draws no random numbers.
    public var seed: UInt64
    /// How many threads may be used; never changes a byte of an output.
    public var threads: Int
    /// Bytes of anonymous and shared memory that may be used, files that are
    /// mapped apart; nil where nobody set a limit. Never changes a byte of an
    /// output: what does not fit ends in an error.
    public var memory: Int64?
    /// In declared order; several of one port are a list.
    public var inputs: [Artifact]
    /// Where each output goes: a file, or for a model or folder a folder that
    /// exists and is empty.
    public var outputs: [String: String]
    public var tell: @Sendable (Event) -> Void

    public init(
        parameters: JSONValue, schema: TableSchema? = nil, seed: UInt64 = 0, threads: Int = 1,
        memory: Int64? = nil, inputs: [Artifact], outputs: [String: String],
        tell: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.parameters = parameters
        self.schema = schema
        self.seed = seed
        self.threads = threads
        self.memory = memory
        self.inputs = inputs
        self.outputs = outputs
        self.tell = tell
    }

    /// The first artifact at a port; nil when nothing goes in.
    public func input(_ port: String) -> Artifact? { inputs.first { $0.port == port } }

    /// - Precondition: The kind declares the output.
    public func output(_ port: String) -> String {
        guard let path = outputs[port] else { preconditionFailure("no output '\(port)'") }
        return path
    }
}

/// Why a stage could not do its work, in words for the person who wrote the
/// pipeline; its place is the stage.
public struct StageError: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Note: Hashable, Sendable {
        public var label: String
        public var text: String
    }

    public var message: String
    public var notes: [Note]
    public var fix: String?
    public var misfit: Misfit?

    /// Data that do not fit the schema in force.
    public struct Misfit: Hashable, Sendable {
        /// Nil for names of columns that are not those of the schema.
        public var column: String?
        /// Takes the error's place where the schema was inferred, and so stands
        /// in no file to correct.
        public var fix: String

        public init(column: String?, fix: String) {
            self.column = column
            self.fix = fix
        }
    }

    public init(
        _ message: String, notes: [(label: String, text: String)] = [], fix: String? = nil,
        misfit: Misfit? = nil
    ) {
        self.message = message
        self.notes = notes.map { Note(label: $0.label, text: $0.text) }
        self.fix = fix
        self.misfit = misfit
    }
    /// The same error, its place before it.
    public func at(_ place: String) -> StageError {
        var error = self
        error.message = "\(place): \(message)"
        return error
    }

    /// On one line, for where only a text can stand.
    public var description: String { fix.map { "\(message); \($0)" } ?? message }
}
