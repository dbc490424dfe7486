import CanonicalJSON
import ContentStore
import Glibc
import PipelineLanguage
import Planner
import Platform
import Processes
import TableTypes

/// One stage while it runs: its folder, where it stands, what it has told.
final class StageExecution {
    /// A command's tables pass through a worker before and behind it.
    enum Phase { case exporting, running, importing }

    let index: Int
    let planned: PlannedStage
    let action: Action
    let key: Digest
    let folder: String
    let lock: ActionLock
    let started: Double
    var attempt = 0
    var phase = Phase.running
    /// Of an output port, as workers told: rows, columns.
    var facts: [String: [String: JSONValue]] = [:]
    var error: StageError?
    var outcome: ProcessOutcome?
    /// Paths of a project stage's outputs, and where what lay there waits.
    var aside: ProjectOutputs?
    /// Inputs that are the store's or the project's own files (`inputs: link`).
    var linked: [(path: String, digest: Digest)] = []
    /// Inputs that the command sees where empty files lie.
    var binds: [Confinement.Bind] = []
    let parameters: JSONValue
    let schema: TableSchema?

    init(
        index: Int, planned: PlannedStage, action: Action, key: Digest, folder: String, lock: ActionLock,
        started: Double, parameters: JSONValue, schema: TableSchema?
    ) {
        self.index = index
        self.planned = planned
        self.action = action
        self.key = key
        self.folder = folder
        self.lock = lock
        self.started = started
        self.parameters = parameters
        self.schema = schema
    }

    var command: Command? {
        if case .command(let command) = planned.stage.body { command } else { nil }
    }

    var log: String { folder + "/log" }

    /// Where an output is written: absolute.
    func outputPath(_ output: PlannedOutput, root: String) -> String {
        guard let path = output.path else { return folder + "/out/" + output.port }
        return (command?.runsInProject == true ? root : folder) + "/" + path
    }

    /// The environment of a command, whole.
    func environment(root: String, cores: Int) -> [String: String] {
        guard let command else { return workerEnvironment }
        var result: [String: String] = [
            "HOME": folder + "/tmp", "TMPDIR": folder + "/tmp", "LANG": "C.UTF-8", "TZ": "UTC",
            "PATH": Self.variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
            "SLUICE_THREADS": String(cores), "OMP_NUM_THREADS": String(cores),
        ]
        for name in command.inheritedEnvironment + command.unkeyedEnvironment + command.secrets {
            result[name] = Self.variable(name)
        }
        for (name, value) in command.environment { result[name] = value }
        for port in Set(planned.inputs.map(\.port)) {
            result["SLUICE_IN_" + Self.variableName(port)] = inputReference(port)
        }
        for output in planned.outputs {
            result["SLUICE_OUT_" + Self.variableName(output.port)] = output.path
        }
        if let seed = planned.seed { result["SLUICE_SEED"] = String(seed) }
        return result
    }

    /// A worker reads nothing of the environment but which kernels to use.
    var workerEnvironment: [String: String] {
        var result = ["TMPDIR": folder + "/tmp", "LANG": "C.UTF-8", "TZ": "UTC"]
        for name in ["SLUICE_SIMD", "PATH"] { result[name] = Self.variable(name) }
        return result
    }

    /// What `${in.NAME}` stands for: relative to the folder the command runs in.
    func inputReference(_ port: String) -> String {
        let path = InputStaging.reference(port, among: planned.inputs) ?? ""
        return command?.runsInProject == true ? folder + "/" + path : path
    }

    /// The text for the shell.
    var script: String {
        guard let command else { return "" }
        return command.script.rendered { space, name in
            space == "in"
                ? inputReference(name) : planned.outputs.first { $0.port == name }?.path ?? ""
        }
    }

    static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// `in.rows` is `SLUICE_IN_ROWS`; what a shell cannot have in a name is `_`.
    private static func variableName(_ port: String) -> String {
        String(
            port.uppercased().unicodeScalars.map { scalar in
                scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                    ? Character(scalar) : "_"
            })
    }
}

/// Outputs of `workdir: project`: they are written where they are published,
/// so what lay there is set aside first and comes back on a failure, or at the
/// next run after a kill.
struct ProjectOutputs {
    struct Entry {
        var path: String
        var aside: String?
    }

    private let record: String
    private let descriptor: Int32
    private var entries: [Entry] = []

    /// - Parameters:
    ///   - record: The file that names them, held locked while they are open.
    init(record: String) throws(SystemError) {
        self.record = record
        descriptor = try HeldFile.make(record)
    }

    /// What is set aside waits in the checkout, which its own runs alone sweep.
    private static func folder(of record: String) -> String { record + ".aside" }

    mutating func setAside(_ path: String, as number: Int) throws(SystemError) {
        let folder = Self.folder(of: record)
        let aside = "\(folder)/\(number)"
        try Files.makeDirectories(folder)
        let exists = try Files.status(path, followLinks: false) != nil
        let line = JSONValue.strings(exists ? [path, aside] : [path])
        try Files.writeAll(line.canonicalBytes + [UInt8(ascii: "\n")], to: descriptor, path: record)
        if exists { try Files.rename(path, to: aside) }
        entries.append(Entry(path: path, aside: exists ? aside : nil))
    }

    /// What was there before is there again.
    func restore() {
        Self.restore(entries)
        finish()
    }

    func finish() {
        try? Files.remove(Self.folder(of: record))
        unlink(record)
        close(descriptor)
    }

    private static func restore(_ entries: [Entry]) {
        for entry in entries {
            if let aside = entry.aside {
                // Not yet moved when the kill came: it is still in place.
                guard Files.exists(aside) else { continue }
                try? Files.remove(entry.path)
                try? Files.rename(aside, to: entry.path)
            } else {
                try? Files.remove(entry.path)
            }
        }
    }

    /// Puts back what runs that were killed had set aside.
    static func recover(in folder: String) {
        for name in (try? Files.list(folder)) ?? [] where !name.hasSuffix(".aside") {
            let path = folder + "/" + name
            let descriptor = open(path, O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, let bytes = try? Files.read(path) else {
                continue
            }
            let entries = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line -> Entry? in
                guard let parts = (try? JSONValue(parsing: line))?.strings, let path = parts.first else {
                    return nil
                }
                return Entry(path: path, aside: parts.count > 1 ? parts[1] : nil)
            }
            restore(entries)
            try? Files.remove(Self.folder(of: path))
            unlink(path)
        }
    }
}
