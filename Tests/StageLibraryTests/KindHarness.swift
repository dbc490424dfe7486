import ArrowIPC
import CanonicalJSON
import ContentStore
import DataFrames
import Diagnostics
import Glibc
import PipelineLanguage
import Platform
import StageLibrary
import Synchronization
import TableTypes
import Testing
import YAMLSyntax

/// What a stage gave.
struct Outcome {
    var folder: String
    var facts: [String: JSONValue]
    var logs: [String]

    func path(_ port: String) -> String { "\(folder)/\(port)" }
    func table(_ port: String) throws -> ArrowTable { try ArrowFile.read(path(port)) }
    func text(_ port: String) throws -> String { String(decoding: try Files.read(path(port)), as: UTF8.self) }
    /// Of every output's bytes, by port name.
    func digest(_ ports: [String]) throws -> String {
        var bytes: [UInt8] = []
        for port in ports.sorted() {
            let path = path(port)
            if try Files.status(path)?.kind == .directory {
                for name in try Files.list(path) {
                    bytes += Array(name.utf8) + (try Files.read("\(path)/\(name)"))
                }
            } else {
                bytes += try Files.read(path)
            }
        }
        return Digest.of(bytes).hex
    }
}

/// A kind run by itself in a folder of its own, inputs written to files.
struct KindHarness {
    let kind: StageKind

    init(_ name: String) throws {
        kind = try #require(StageLibrary.catalog[name] ?? StageLibrary.conversions[name])
    }

    /// - Parameters:
    ///   - files: By port, with the name people call each and its bytes.
    ///   - several: Files of the port `path`, in order.
    ///   - paths: By port, files that exist.
    @discardableResult
    func run(
        _ parameters: JSONValue = [:], tables: [String: ArrowTable] = [:],
        files: [String: (name: String, bytes: [UInt8])] = [:], several: [(name: String, bytes: [UInt8])] = [],
        paths: [String: String] = [:], schema: TableSchema? = nil, seed: UInt64 = 7, threads: Int = 1
    ) throws -> Outcome {
        let folder = try scratchFolder()
        var inputs: [StageRun.Artifact] = []
        for (port, table) in tables.sorted(by: { $0.key < $1.key }) {
            let path = "\(folder)/in-\(port)"
            try ArrowFile.write(table.frame, roles: table.roles, to: path)
            inputs.append(.init(port: port, type: .table, path: path, basename: port))
        }
        for (port, file) in files.sorted(by: { $0.key < $1.key }) {
            let path = "\(folder)/in-\(port)"
            try Files.write(file.bytes, to: path)
            inputs.append(.init(port: port, type: .file, path: path, basename: file.name))
        }
        for (number, file) in several.enumerated() {
            let path = "\(folder)/in-\(number)"
            try Files.write(file.bytes, to: path)
            inputs.append(
                .init(
                    port: "path", type: .file, path: path, basename: file.name, name: file.name,
                    label: file.name))
        }
        for (port, path) in paths.sorted(by: { $0.key < $1.key }) {
            let type = kind.inputs.first { $0.name == port }?.type ?? .file
            let name = path.split(separator: "/").last.map(String.init) ?? path
            inputs.append(.init(port: port, type: type, path: path, basename: name))
        }
        var outputs: [String: String] = [:]
        for port in kind.outputs { outputs[port.name] = "\(folder)/\(port.name)" }
        let events = Mutex<[StageRun.Event]>([])
        try kind.run(
            StageRun(
                parameters: filled(parameters), schema: schema, seed: seed, threads: threads, inputs: inputs,
                outputs: outputs
            ) { event in events.withLock { $0.append(event) } })
        var facts: [String: JSONValue] = [:]
        var logs: [String] = []
        for event in events.withLock({ $0 }) {
            switch event {
            case .fact(let port, let name, let value): facts["\(port).\(name)"] = value
            case .log(let line): logs.append(line)
            case .progress: break
            }
        }
        return Outcome(folder: folder, facts: facts, logs: logs)
    }

    /// The error a run ends with, as a person reads it.
    func failure(
        _ parameters: JSONValue = [:], tables: [String: ArrowTable] = [:],
        files: [String: (name: String, bytes: [UInt8])] = [:], schema: TableSchema? = nil
    ) -> String? {
        let error = #expect(throws: StageError.self) {
            try run(parameters, tables: tables, files: files, schema: schema)
        }
        return error.map { error in
            ([error.message] + error.notes.map { "  \($0.label): \($0.text)" }
                + (error.fix.map { ["  fix: \($0)"] } ?? []))
                .joined(separator: "\n")
        }
    }

    /// Defaults of the top, as the planner fills them in.
    private func filled(_ given: JSONValue) -> JSONValue {
        var values = given
        for parameter in kind.parameters where values[parameter.name] == nil {
            if let value = parameter.defaultValue { values[parameter.name] = value }
        }
        return values
    }

    /// What `check` says of a stage written in YAML, and its outputs' types.
    /// Selectors stand as lists of names, as the planner hands them over.
    func check(
        _ with: String, _ inputs: [String: StaticType] = [:], schema: TableSchema? = nil
    ) throws -> (text: String, outputs: [String: StaticType]) {
        let source = SourceText(path: "p.yaml", text: "stage:\n  with: \(with)\n")
        var findings = Diagnostics()
        let root = try #require(parseYAML(source, into: &findings))
        let stage = try #require(root.entries?.first)
        let node = try #require(stage.value["with"])
        var check = StageCheck(
            parameters: filled(JSONValue(node)), inputs: inputs, schema: schema, with: node,
            stage: stage.key.range)
        kind.check(&check)
        return (DiagnosticRenderer().render(check.findings), check.outputs)
    }
}

private let counter = Atomic<Int>(0)

/// A new folder below the system's temporary one; the system clears it.
func scratchFolder() throws -> String {
    let folder = "/tmp/sluice-kinds-\(getpid())/\(counter.add(1, ordering: .relaxed).newValue)"
    try Files.makeDirectories(folder)
    return folder
}

func table(_ roles: [String: ColumnRole] = [:], _ columns: DataColumn...) throws -> ArrowTable {
    ArrowTable(frame: try DataFrame(columns), roles: roles)
}

/// A schema of the repository.
func schema(_ name: String) throws -> TableSchema {
    var findings = Diagnostics()
    let source = SourceText(path: name, bytes: try Files.read("\(projectRoot)/schemas/\(name)"))
    let node = try #require(parseYAML(source, into: &findings))
    try #require(findings.isEmpty)
    return try TableSchema(JSONValue(node))
}

func schema(_ json: JSONValue) throws -> TableSchema { try TableSchema(json) }

/// The pinned digests of one kind's outputs: `version<TAB>case<TAB>digest`,
/// append-only. A line that changed means that a cache somewhere is wrong: give
/// the kind a new version. New cases are added under RECORD_GOLDENS=1.
func expectGoldens(_ name: String, _ cases: [(name: String, digest: String)]) throws {
    let kind = try KindHarness(name).kind
    let path = "\(goldens)/\(name).tsv"
    var text = Files.exists(path) ? String(decoding: try Files.read(path), as: UTF8.self) : ""
    var pinned: [String: String] = [:]
    for line in text.split(separator: "\n") {
        let parts = line.split(separator: "\t").map(String.init)
        try #require(parts.count == 3, "\(name).tsv: \(line)")
        pinned["\(parts[0])\t\(parts[1])"] = parts[2]
    }
    for (label, digest) in cases {
        let key = "\(kind.version)\t\(label)"
        if pinned[key] == nil, getenv("RECORD_GOLDENS") != nil, getenv("CI") == nil {
            text += "\(key)\t\(digest)\n"
            pinned[key] = digest
            try Files.write(Array(text.utf8), to: path)
        }
        #expect(pinned[key] == digest, "\(name), \(label)")
    }
    // A word no case names is a word no golden holds; those of a fetch are not keyed.
    let words = kind.parameters.filter { !$0.isFetched }.flatMap { choices($0.type) }
    let labels = cases.map(\.name).joined(separator: " ")
    for word in words { #expect(labels.contains(word), "\(name): no golden names '\(word)'") }
}

private func choices(_ type: ParameterType) -> [String] {
    switch type {
    case .choice(let choices): choices.map(\.word)
    case .list(let element), .map(let element): choices(element)
    case .record(let parameters): parameters.flatMap { choices($0.type) }
    case .variant(let variants): variants.flatMap { $0.parameters.flatMap { choices($0.type) } }
    case .either(let types): types.flatMap(choices)
    default: []
    }
}

/// What reading a pipeline has to say, as `sluice check` prints it.
func read(_ pipeline: String) throws -> String {
    var findings = Diagnostics()
    _ = PipelineReader(catalog: StageLibrary.catalog).read(
        SourceText(path: "p.yaml", text: pipeline), into: &findings)
    return DiagnosticRenderer().render(findings)
}
