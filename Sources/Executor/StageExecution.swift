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

    enum Work {
        case action(Action)
        case fetch(FetchAttempt)
    }

    let index: Int
    let planned: PlannedStage
    private var work: Work
    /// For a fetch, its source's identity.
    let key: Digest
    let folder: String
    let lock: ActionLock
    let started: Double
    var attempt = 0
    var phase = Phase.running
    /// Of an output port, as workers told: rows, columns.
    var facts: [String: [String: JSONValue]] = [:]
    var error: StageError?
    /// The table the error is about, of a command's.
    var errorPort: String?
    /// Paths of a project stage's outputs, and where what lay there waits.
    var aside: ProjectOutputs?
    /// What it wrote there, by path from the root.
    var putInProject: [(path: String, digest: Digest)] = []
    /// Inputs that are the store's or the project's own files (`inputs: link`).
    var linked: [(path: String, digest: Digest)] = []
    /// Inputs that the command sees where empty files lie.
    var binds: [Confinement.Bind] = []
    let parameters: JSONValue
    let schema: TableSchema?

    init(
        index: Int, planned: PlannedStage, work: Work, key: Digest, folder: String, lock: ActionLock,
        started: Double, parameters: JSONValue, schema: TableSchema?
    ) {
        self.index = index
        self.planned = planned
        self.work = work
        self.key = key
        self.folder = folder
        self.lock = lock
        self.started = started
        self.parameters = parameters
        self.schema = schema
    }

    /// - Precondition: It is no fetch.
    var action: Action {
        guard case .action(let action) = work else { preconditionFailure("a fetch has no action") }
        return action
    }

    var fetch: FetchAttempt? {
        if case .fetch(let attempt) = work { attempt } else { nil }
    }

    func tellFetched(_ result: FetchResult) { changeFetch { $0.result = result } }

    /// What was fetched before cannot be given.
    func forgetPrevious() { changeFetch { $0.previous = nil } }

    func beginFetch(at time: Double) {
        changeFetch { attempt in
            attempt.result = nil
            attempt.launched = time
        }
    }

    private func changeFetch(_ change: (inout FetchAttempt) -> Void) {
        guard case .fetch(var attempt) = work else { return }
        change(&attempt)
        work = .fetch(attempt)
    }

    /// Where a fetch finds the snapshot before, if that is a folder.
    var previousPath: String { folder + "/in/previous" }

    /// Where a fetch writes.
    var snapshotPath: String { folder + "/out/" + Fetch.port }

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

    /// A worker reads nothing of the environment but which kernels to use, and what pages malloc takes.
    var workerEnvironment: [String: String] {
        var result = ["TMPDIR": folder + "/tmp", "LANG": "C.UTF-8", "TZ": "UTC"]
        result[LargePages.variable] = LargePages.tunables(Self.variable(LargePages.variable))
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
