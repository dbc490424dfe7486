import CanonicalJSON
import ContentStore
import Diagnostics
import Glibc
import PipelineLanguage
import Planner
import Platform

/// Takes what a stage wrote into the store: every declared output or none.
struct OutputCollection {
    let run: PipelineRun
    let execution: StageExecution

    /// The record of the action; its blobs are in the store, it is not yet in
    /// the index.
    ///
    /// - Throws: `DiagnosticError` for an output that is missing or is not what
    ///   was declared; `SourceChanged` when a source is not what was hashed.
    func record() throws -> ActionRecord {
        try checkLinks()
        try checkSources()
        var outputs: [ActionRecord.Output] = []
        var facts: [String: JSONValue] = [:]
        for output in execution.planned.outputs {
            var told = execution.facts[output.port] ?? [:]
            let (digest, size) = try take(output, facts: &told)
            outputs.append(
                ActionRecord.Output(port: output.port, type: "\(output.type)", digest: digest, size: size))
            if !told.isEmpty { facts[output.port] = .object(told) }
        }
        return ActionRecord(key: execution.key, outputs: outputs, facts: .object(facts))
    }

    private func take(
        _ output: PlannedOutput, facts: inout [String: JSONValue]
    ) throws -> (digest: Digest, size: Int64) {
        var path = execution.outputPath(output, root: run.workspace.root)
        guard let status = try Files.status(path, followLinks: false) else {
            throw DiagnosticErrorMaker.missing(output, execution)
        }
        let isFolder = output.type == .folder || output.type == .model
        guard status.kind == (isFolder ? .directory : .file) else {
            throw DiagnosticErrorMaker.wrong(
                output, execution, expected: isFolder ? "a folder" : "a file")
        }
        if output.type == .metrics { facts.merge(try metrics(path)) { $1 } }
        let written = path
        if output.type == .table, output.path != nil {
            path = execution.folder + "/tmp/import-" + output.port
        }
        if execution.command?.runsInProject == true, let place = output.path {
            // What lies in the project is what the command wrote there, which
            // for a table is not what is stored.
            let file = (path: ProjectPath(place).text, digest: try digest(of: written, isFolder: isFolder))
            try run.publisher.noteIntended(file.digest, at: file.path)
            execution.putInProject.append(file)
            if output.type != .table { path = try copyOut(path, output, isFolder: isFolder) }
        }
        guard isFolder else { return try run.store.adopt(path) }
        do {
            return try run.store.adoptFolder(path)
        } catch let finding as StoreFinding {
            throw DiagnosticError(finding.below(execution.folder), at: execution.planned.stage.range)
        }
    }

    private func digest(of path: String, isFolder: Bool) throws -> Digest {
        isFolder ? try FolderManifest(ofFolder: path).digest : try Digest.ofFile(path).digest
    }

    /// A project stage's output stays where it was written; the store gets a copy.
    private func copyOut(_ path: String, _ output: PlannedOutput, isFolder: Bool) throws -> String {
        let copy = execution.folder + "/tmp/copy-" + output.port
        try Files.remove(copy)
        if isFolder {
            let manifest = try FolderManifest(ofFolder: path)
            try Files.makeDirectories(copy)
            for entry in manifest.entries {
                let target = copy + "/" + entry.path
                try Files.makeDirectories(String(target[..<target.lastIndex(of: "/")!]))
                switch entry.content {
                case .file(_, _, let isExecutable):
                    try Files.copy(path + "/" + entry.path, to: target, mode: isExecutable ? 0o755 : 0o644)
                case .symlink(let aim):
                    guard symlink(aim, target) == 0 else { throw SystemError("link", target) }
                case .emptyFolder: try Files.makeDirectories(target)
                }
            }
        } else {
            try Files.copy(path, to: copy)
        }
        return copy
    }

    /// A flat object of finite numbers; each is a fact.
    private func metrics(_ path: String) throws -> [String: JSONValue] {
        func bad(_ reason: String) -> DiagnosticError {
            DiagnosticErrorMaker.make(
                .badMetrics(
                    stage: execution.planned.stage.name,
                    path: path.split(separator: "/").last.map(String.init) ?? path, reason: reason),
                execution.planned.stage)
        }
        let json: JSONValue
        do throws(JSONSyntaxError) {
            json = try JSONValue(parsing: (try? Files.read(path)) ?? [])
        } catch {
            throw bad(error.message)
        }
        guard let object = json.object else { throw bad("it is not an object") }
        for (name, value) in object.sorted(by: { $0.key < $1.key }) where value.number == nil {
            throw bad("'\(name)' is not a number")
        }
        return object
    }

    /// A stage that wrote into a linked input has written into the store: what
    /// it spoiled leaves, and so does the result.
    func checkLinks() throws {
        for file in execution.linked {
            // Removing or replacing the link itself does no harm.
            guard let status = try Files.status(file.path, followLinks: false), status.links > 1,
                try Digest.ofFile(file.path).digest != file.digest
            else { continue }
            let blob = run.store.path(of: file.digest)
            if Files.exists(blob), try Digest.ofFile(blob).digest != file.digest {
                try run.store.drop(file.digest)
            }
            throw DiagnosticErrorMaker.make(
                .wroteToInput(
                    stage: execution.planned.stage.name,
                    path: file.path.dropping(bytes: execution.folder.utf8.count + 1)),
                execution.planned.stage)
        }
    }

    /// What was read is what was hashed, or the result belongs to no key.
    func checkSources() throws {
        for (input, keyed) in zip(execution.planned.inputs, execution.action.inputs) {
            guard case .source(let number) = input.origin, let path = run.plan.sources[number].path else {
                continue
            }
            // The key says what was to be read; what another stage has seen of
            // the source meanwhile does not.
            let state = try run.sources.digest(of: run.plan.sources[number])
            guard state.digest == keyed.digest else {
                throw SourceChanged(path: path.text)
            }
        }
    }
}

/// Findings of one stage as errors.
enum DiagnosticErrorMaker {
    static func make(_ finding: ExecutionFinding, _ stage: Stage) -> DiagnosticError {
        DiagnosticError(finding, at: stage.range)
    }

    static func missing(_ output: PlannedOutput, _ execution: StageExecution) -> DiagnosticError {
        let stage = execution.planned.stage
        return make(
            .missingOutput(
                stage: stage.name, port: output.port, path: output.path ?? output.port,
                tail: StageLog.tail(execution.log)), stage)
    }

    static func wrong(
        _ output: PlannedOutput, _ execution: StageExecution, expected: String
    ) -> DiagnosticError {
        let stage = execution.planned.stage
        return make(
            .wrongOutput(
                stage: stage.name, port: output.port, path: output.path ?? output.port, expected: expected),
            stage)
    }

    static func editedByHand(_ path: String, _ stage: Stage) -> DiagnosticError {
        make(.editedByHand(path: path, stage: stage.name), stage)
    }
}
