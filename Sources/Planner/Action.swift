import CanonicalJSON
import ContentStore

/// Everything that decides the bytes of a stage's outputs, and nothing else:
/// what is in here is in the key; names of stages, publishing, gates,
/// resources, threads, hosts and paths are not, by there being no field for them.
public struct Action: Sendable {
    /// Raised when the document's layout changes; every key changes with it.
    public static let format: Int64 = 1

    public enum Body: Sendable {
        case builtIn(BuiltInBody)
        case command(CommandBody)
    }

    /// A stage of a kind this program brings.
    public struct BuiltInBody: Sendable {
        public var kind: String
        public var version: Int
        /// Versions of the numeric libraries and codecs the kind declares.
        public var libraries: [String: String]
        /// `with`, without what equals its default or is marked as observer.
        public var parameters: JSONValue

        public init(kind: String, version: Int, libraries: [String: String], parameters: JSONValue) {
            self.kind = kind
            self.version = version
            self.libraries = libraries
            self.parameters = parameters
        }
    }

    /// A program of the user's.
    public struct CommandBody: Sendable {
        /// The text with parameters put in; `${in.x}` and `${out.x}` stay names.
        public var text: String
        public var shell: String
        /// Nil is a folder of its own.
        public var workingDirectory: String?
        /// Keyed environment: values that are set, digests of those passed through.
        public var environment: [String: String]
        /// Output of each declared tool's version command.
        public var tools: [String: String]
        /// Operating system and CPU architecture.
        public var platform: String

        public init(
            text: String, shell: String, workingDirectory: String?, environment: [String: String],
            tools: [String: String], platform: String
        ) {
            self.text = text
            self.shell = shell
            self.workingDirectory = workingDirectory
            self.environment = environment
            self.tools = tools
            self.platform = platform
        }
    }

    public struct Input: Sendable {
        public var port: String
        public var type: String
        /// The content's digest in a key, the upstream recipe in a recipe.
        public var digest: Digest
        public var basename: String
        public var isExecutable: Bool
        /// `as:`, for a table given to a command.
        public var form: String?

        public init(
            port: String, type: String, digest: Digest, basename: String, isExecutable: Bool = false,
            form: String? = nil
        ) {
            self.port = port
            self.type = type
            self.digest = digest
            self.basename = basename
            self.isExecutable = isExecutable
            self.form = form
        }
    }

    public struct Output: Sendable, Hashable {
        public var port: String
        public var type: String
        /// Where a command writes it, relative to its folder; nil for a built-in stage.
        public var path: String?

        public init(port: String, type: String, path: String? = nil) {
            self.port = port
            self.type = type
            self.path = path
        }
    }

    public var body: Body
    /// In declared order; the document sorts them by port, members of one port in order.
    public var inputs: [Input]
    public var outputs: [Output]
    /// The Table Schema in force, for what reads raw data.
    public var schema: JSONValue?
    public var seed: Int64?
    /// The build id of a program that is not a clean release, so half-finished
    /// code never answers for finished code.
    public var build: String?

    public init(
        body: Body, inputs: [Input], outputs: [Output], schema: JSONValue? = nil, seed: Int64? = nil,
        build: String? = nil
    ) {
        self.body = body
        self.inputs = inputs
        self.outputs = outputs
        self.schema = schema
        self.seed = seed
        self.build = build
    }
}

extension Action {
    /// SHA-256 of the canonical document.
    public var key: Digest { Digest.of(document) }

    /// What a recipe is the key of: the same work whichever machine does it, so
    /// without its operating system and architecture and what its tools answer.
    /// Which tools are asked stays in.
    public var onAnyMachine: Action {
        guard case .command(var command) = body else { return self }
        command.platform = ""
        command.tools = command.tools.mapValues { _ in "" }
        var action = self
        action.body = .command(command)
        return action
    }

    /// The canonical JSON the key is taken of. Written straight into bytes,
    /// since a plan of a thousand stages makes a thousand of them.
    public var document: [UInt8] {
        var json = JSONWriter(reserving: 1024)
        json.beginObject()
        if let build, case .builtIn = body {
            json.key(literal: "build")
            json.string(build)
        }
        if case .command(let command) = body { command.write(to: &json) }
        json.key(literal: "format")
        json.integer(Self.format)
        json.key(literal: "inputs")
        writeInputs(to: &json)
        if case .builtIn(let builtIn) = body {
            json.key(literal: "kind")
            json.string(builtIn.kind)
            json.key(literal: "libraries")
            json.object(builtIn.libraries)
        }
        json.key(literal: "outputs")
        writeOutputs(to: &json)
        if case .builtIn(let builtIn) = body {
            json.key(literal: "parameters")
            json.value(builtIn.parameters)
        }
        if let schema {
            json.key(literal: "schema")
            json.value(schema)
        }
        if let seed {
            json.key(literal: "seed")
            json.integer(seed)
        }
        if case .builtIn(let builtIn) = body {
            json.key(literal: "version")
            json.integer(Int64(builtIn.version))
        }
        json.endObject()
        return json.bytes
    }

    private func writeInputs(to json: inout JSONWriter) {
        json.beginArray()
        // A stable sort: members of one port stay in order.
        for input in Self.sorted(inputs, by: \.port) {
            json.beginObject()
            json.key(literal: "basename")
            json.string(input.basename)
            json.key(literal: "digest")
            json.string(unescaped: { input.digest.appendHex(to: &$0) })
            if input.isExecutable {
                json.key(literal: "executable")
                json.boolean(true)
            }
            if let form = input.form {
                json.key(literal: "form")
                json.string(form)
            }
            json.key(literal: "port")
            json.string(input.port)
            json.key(literal: "type")
            json.string(input.type)
            json.endObject()
        }
        json.endArray()
    }

    /// Most are written in that order, and need no copy.
    private static func sorted<Element>(_ all: [Element], by port: (Element) -> String) -> [Element] {
        let isSorted = all.indices.dropFirst().allSatisfy { port(all[$0 - 1]) <= port(all[$0]) }
        return isSorted ? all : all.sorted { port($0) < port($1) }
    }

    private func writeOutputs(to json: inout JSONWriter) {
        json.beginArray()
        for output in Self.sorted(outputs, by: \.port) {
            json.beginObject()
            if let path = output.path {
                json.key(literal: "path")
                json.string(path)
            }
            json.key(literal: "port")
            json.string(output.port)
            json.key(literal: "type")
            json.string(output.type)
            json.endObject()
        }
        json.endArray()
    }
}

extension Action.CommandBody {
    fileprivate func write(to json: inout JSONWriter) {
        json.key(literal: "command")
        json.beginObject()
        json.key(literal: "environment")
        json.object(environment)
        json.key(literal: "platform")
        json.string(platform)
        json.key(literal: "shell")
        json.string(shell)
        json.key(literal: "text")
        json.string(text)
        json.key(literal: "tools")
        json.object(tools)
        if let workingDirectory {
            json.key(literal: "workdir")
            json.string(workingDirectory)
        }
        json.endObject()
    }
}
