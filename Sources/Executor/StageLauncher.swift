import CanonicalJSON
import ContentStore
import Glibc
import PipelineLanguage
import Planner
import Platform
import Processes
import TableTypes

/// The processes of one attempt, in order: for a built-in stage a worker; for
/// a command a worker that writes its tables in the form it reads (where it
/// asks for one), the command, and a worker that reads the tables it wrote.
struct StageLauncher {
    let run: PipelineRun
    let execution: StageExecution

    private var planned: PlannedStage { execution.planned }
    private var staging: InputStaging {
        let links = execution.command?.linksInputs == true
        let execution = execution
        return InputStaging(
            store: run.store, workspace: run.workspace, folder: execution.folder,
            links: links ? { execution.linked.append(($0, $1)) } : nil,
            binding: execution.command == nil || links ? nil : binding)
    }

    private var binding: InputStaging.Binding {
        InputStaging.Binding(
            isPossible: { run.canBind }, prove: { try run.prove($0) },
            add: { execution.binds.append(.init(source: $0, target: $1)) })
    }

    /// Makes the stage's folder and gives the first process.
    func first() throws -> ProcessRequest {
        execution.linked = []
        execution.putInProject = []
        execution.binds = []
        try Files.makeDirectories(execution.folder + "/tmp")
        if let attempt = execution.fetch { return try fetch(attempt) }
        guard execution.command != nil else { return try worker(jobs: [builtIn()], document: "action.json") }
        let exports = try placeInputs()
        try prepareOutputs()
        guard exports.isEmpty else {
            execution.phase = .exporting
            return try worker(jobs: exports, document: "export.json")
        }
        execution.phase = .running
        return try command()
    }

    /// The process after the one that just ended well; nil when that was the last.
    func next() throws -> ProcessRequest? {
        guard execution.command != nil else { return nil }
        switch execution.phase {
        case .exporting:
            execution.phase = .running
            return try command()
        case .running:
            let imports = try importJobs()
            guard !imports.isEmpty else { return nil }
            execution.phase = .importing
            return try worker(jobs: imports, document: "import.json")
        case .importing: return nil
        }
    }

    // MARK: Inputs and outputs

    /// Places what can be placed as it is, and gives jobs for the rest.
    private func placeInputs() throws -> [WorkerDocument.Job] {
        var jobs: [WorkerDocument.Job] = []
        for input in planned.inputs {
            switch input.origin {
            case .source(let number):
                guard let path = run.plan.sources[number].path?.absolute(in: run.workspace.root) else {
                    preconditionFailure("a command fetches nothing")
                }
                try staging.place(source: try run.source(number), at: path, for: input)
            case .output(let stage, let port):
                guard let artifact = run.artifact(stage, port) else { continue }
                guard input.type == .table, let form = input.form, form != .arrow else {
                    try staging.place(artifact: artifact, for: input)
                    continue
                }
                try run.prove(artifact)
                let target = execution.folder + "/" + InputStaging.path(of: input)
                try Files.makeDirectories(String(target[..<target.lastIndex(of: "/")!]))
                jobs.append(
                    WorkerDocument.Job(
                        kind: "table.export", parameters: ["form": .string(form.rawValue)], schema: nil,
                        seed: 0, threads: 1, memory: memory,
                        inputs: [
                            .init(
                                port: "in", type: .table, path: run.store.path(of: artifact.digest),
                                basename: input.basename)
                        ], outputs: ["file": target], port: nil))
            }
        }
        for port in Set(planned.inputs.filter(\.isMember).map(\.port)).sorted() {
            try staging.placeIndex(of: port, members: planned.inputs.filter { $0.port == port })
        }
        return jobs
    }

    private func prepareOutputs() throws {
        guard let command = execution.command else { return }
        if command.runsInProject {
            let intents = run.workspace.local + "/intents"
            try Files.makeDirectories(intents)
            // Named as the run is, which no other run is on any machine.
            let folder = try run.runFolder()
            let name = folder[folder.index(after: folder.lastIndex(of: "/") ?? folder.startIndex)...]
            let record = "\(intents)/\(name)-\(execution.index)"
            var aside = try ProjectOutputs(record: record, locks: run.checkoutLocks)
            execution.aside = aside
            for (number, output) in planned.outputs.enumerated() {
                let path = execution.outputPath(output, root: run.workspace.root)
                try checkOurs(path, output, command)
                try aside.setAside(path, as: number)
                execution.aside = aside
            }
        }
        for output in planned.outputs {
            let path = execution.outputPath(output, root: run.workspace.root)
            try Files.makeDirectories(String(path[..<path.lastIndex(of: "/")!]))
        }
    }

    /// What a project stage would write over must be what a run put there.
    private func checkOurs(_ path: String, _ output: PlannedOutput, _ command: Command) throws {
        guard !run.options.overwrites, let status = try Files.status(path, followLinks: false) else { return }
        let digest =
            status.kind == .directory
            ? try FolderManifest(ofFolder: path).digest : try Digest.ofFile(path).digest
        if try !run.publisher.isOurs(digest, at: ProjectPath(output.path ?? "").text) {
            throw DiagnosticErrorMaker.editedByHand(output.path ?? "", planned.stage)
        }
    }

    private func importJobs() throws -> [WorkerDocument.Job] {
        try planned.outputs.filter { $0.type == .table }.map { output in
            let path = execution.outputPath(output, root: run.workspace.root)
            guard try Files.status(path) != nil else {
                throw DiagnosticErrorMaker.missing(output, execution)
            }
            return WorkerDocument.Job(
                kind: "table.import", parameters: .object([:]), schema: output.schemaInForce,
                seed: 0, threads: 1, memory: memory,
                inputs: [.init(port: "in", type: .file, path: path, basename: output.path ?? output.port)],
                outputs: ["table": execution.folder + "/tmp/import-" + output.port], port: output.port)
        }
    }

    // MARK: Processes

    private func builtIn() throws -> WorkerDocument.Job {
        var outputs: [String: String] = [:]
        try Files.makeDirectories(execution.folder + "/out")
        for output in planned.outputs {
            let path = execution.outputPath(output, root: run.workspace.root)
            if output.type == .model || output.type == .folder { try Files.makeDirectories(path) }
            outputs[output.port] = path
        }
        let inputs = try planned.inputs.flatMap { input -> [StageRun.Artifact] in
            if run.takesFiles(of: input, planned) { return try files(of: input) }
            return [
                StageRun.Artifact(
                    port: input.port, type: input.type, path: try path(of: input), basename: name(of: input),
                    name: input.basename, label: input.isMember ? input.basename : nil)
            ]
        }
        return WorkerDocument.Job(
            kind: planned.kind?.name ?? "",
            parameters: planned.kind?.forRun(execution.parameters) ?? execution.parameters,
            schema: execution.schema,
            seed: UInt64(planned.seed ?? 0), threads: cores, memory: memory, inputs: inputs,
            outputs: outputs, port: nil)
    }

    /// Where a built-in reads an input: a file where it lies, a folder put together from its blobs.
    private func path(of input: PlannedInput) throws -> String {
        let placed = execution.folder + "/" + InputStaging.path(of: input)
        switch input.origin {
        case .output(let stage, let port):
            guard let artifact = run.artifact(stage, port) else { break }
            if artifact.isFolder {
                try staging.place(artifact: artifact, for: input)
                return placed
            }
            try run.prove(artifact)
        case .source(let number):
            guard case .external(let source) = run.plan.sources[number], let snapshot = run.snapshots[number]
            else { break }
            return try place(snapshot, of: source, at: placed) { try run.prove($0) }
        }
        return try run.path(of: input)
    }

    /// The files of a folder that goes into a port for several, each where it lies.
    private func files(of input: PlannedInput) throws -> [StageRun.Artifact] {
        let files = try run.files(of: input)
        if files.isEmpty {
            throw DiagnosticErrorMaker.make(.noFiles(name(of: input)), planned.stage)
        }
        return try files.map { file in
            if let digest = file.blob { try run.prove(digest) }
            return StageRun.Artifact(
                port: input.port, type: .file, path: file.path, basename: name(of: input) + "/" + file.name,
                name: file.name)
        }
    }

    /// A fetch reads the world, and so has the runner's environment; what of it is secret never reaches its log.
    private func fetch(_ attempt: FetchAttempt) throws -> ProcessRequest {
        guard let kind = planned.kind, let fetch = kind.fetch else { preconditionFailure("fetches nothing") }
        try Files.makeDirectories(execution.folder + "/out")
        try Files.makeDirectories(attempt.partial)
        let previous = attempt.previous.flatMap { snapshot -> WorkerDocument.Job.Previous? in
            // One that cannot be put together is fetched anew.
            let path = try? place(
                snapshot, of: attempt.source, at: execution.previousPath, prove: { _ in })
            return path.map { .init(path: $0, validator: snapshot.validator) }
        }
        if previous == nil { execution.forgetPrevious() }
        let job = WorkerDocument.Job(
            kind: kind.name, parameters: kind.forFetch(execution.parameters), schema: nil, seed: 0,
            threads: cores,
            inputs: [],
            outputs: [Fetch.port: execution.snapshotPath], port: nil,
            fetch: .init(previous: previous, partial: attempt.partial))
        var request = try worker(jobs: [job], document: "fetch.json")
        request.environment = ProcessEnvironment.own.merging(execution.workerEnvironment) { $1 }
        request.secrets = StageExecution.secrets(
            fetch.secrets(kind.forFetch(execution.parameters), request.environment))
        return request
    }

    /// Gives a snapshot as real files: a file where it lies in the store, a folder linked together, since nothing of
    /// ours writes into what it reads.
    private func place(
        _ snapshot: LockFile.Snapshot, of source: ExternalSource, at path: String,
        prove: (Digest) throws -> Void
    ) throws -> String {
        guard source.isFolder else {
            try prove(snapshot.digest)
            return run.store.path(of: snapshot.digest)
        }
        try run.store.linkFolder(snapshot.digest, at: path, prove: prove)
        return path
    }

    /// As a message of the stage calls the input.
    private func name(of input: PlannedInput) -> String {
        switch input.origin {
        case .source(let number): run.plan.sources[number].name
        case .output(let stage, let port): run.plan.outputName(stage, port)
        }
    }

    private var memory: Int64? { planned.stage.resources.memory }

    private var cores: Int {
        let wanted = planned.stage.resources.cores ?? (planned.kind?.area == "train" ? run.options.slots : 1)
        return max(1, min(wanted, run.options.slots))
    }

    private func worker(jobs: [WorkerDocument.Job], document name: String) throws -> ProcessRequest {
        let path = execution.folder + "/" + name
        try Files.write(WorkerDocument(jobs: jobs).json.canonicalBytes, to: path)
        return ProcessRequest(
            id: execution.index, arguments: [run.tools.executable, "worker", path],
            environment: execution.workerEnvironment, workingDirectory: execution.folder,
            logPath: execution.phase == .importing ? execution.folder + "/import.log" : execution.log,
            timeout: planned.stage.timeout, memory: planned.stage.resources.memory, hasReportPipe: true)
    }

    private func command() throws -> ProcessRequest {
        guard let command = execution.command else { preconditionFailure("a built-in has no command") }
        let environment = execution.environment(root: run.workspace.root, cores: cores)
        var confinement: Confinement?
        if !command.runsInProject { confinement = try run.confinement(path: environment["PATH"] ?? "") }
        if !execution.binds.isEmpty {
            confinement = confinement ?? Confinement()
            confinement?.binds = execution.binds
        }
        let shell =
            command.shell == .bash
            ? ["/bin/bash", "-euo", "pipefail", "-c"] : ["/bin/sh", "-eu", "-c"]
        return ProcessRequest(
            id: execution.index, arguments: shell + [execution.script],
            environment: environment,
            workingDirectory: command.runsInProject ? run.workspace.root : execution.folder,
            logPath: execution.log, secrets: execution.secretValues, timeout: planned.stage.timeout,
            memory: planned.stage.resources.memory, hasReportPipe: false, confinement: confinement)
    }
}

extension StageExecution {
    /// Values that never reach a log.
    var secretValues: [String] {
        Self.secrets((command?.secrets ?? []).compactMap(Self.variable))
    }

    /// Of values that are secret, those that can be masked. Short ones would mask half of a log.
    static func secrets(_ values: [String]) -> [String] { values.filter { $0.utf8.count >= 4 } }
}
