import CanonicalJSON
import ContentStore
import Diagnostics
import PipelineLanguage
import Planner
import Platform

/// Artifacts as the lock of a git revision names them.
extension LoadedPipeline {
    /// What `STAGE[.PORT]` or `STAGE[.PORT]@REV` names. A matrix member has an
    /// `@` of its own, so a stage of the pipeline comes first.
    ///
    /// - Throws: `DiagnosticError`.
    public func artifact(named word: String) throws -> StoredArtifact {
        let splits = Self.splits(word, at: "@")
        let here: (stage: Int, output: PlannedOutput)
        do {
            here = try output(named: word)
        } catch {
            // `model@lr=0.3` is rather a member that is not there than a revision.
            let isMember = splits.first.map { plan.index(of: $0.0) == nil && !numbers(of: $0.0).isEmpty }
            if isMember != false { throw error }
            return try artifact(named: word, splits)
        }
        return try artifact(here.stage, here.output)
    }

    private func artifact(named word: String, _ splits: [(String, String)]) throws -> StoredArtifact {
        let folder = String(lockPath[..<(lockPath.lastIndex(of: "/") ?? lockPath.startIndex)])
        guard git(folder, ["rev-parse", "--git-dir"]) != nil else {
            throw DiagnosticError(ArtifactFinding.notGit(root: Project.shown(project.root)))
        }
        for (name, revision) in splits
        where git(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"])
            != nil
        {
            return try artifact(name, at: revision, folder)
        }
        throw DiagnosticError(ArtifactFinding.unknownRevision(splits[splits.count - 1].1))
    }

    private func artifact(_ word: String, at revision: String, _ folder: String) throws -> StoredArtifact {
        let file = lockPath.dropping(bytes: folder.utf8.count + 1)
        guard let bytes = git(folder, ["show", "--end-of-options", "\(revision):./\(file)"]),
            let locked = LockFile(bytes: bytes)
        else {
            throw DiagnosticError(
                ArtifactFinding.noLock(path: Project.shown(lockPath), revision: revision))
        }
        let (stage, port) = try Self.output(named: word, in: locked, main: mainPort, revision)
        guard let output = locked.blocks[stage]?.outputs[port] else {
            preconditionFailure("\(stage).\(port) was just found in the lock")
        }
        let planned = plan.index(of: stage).flatMap { number in
            plan.stages[number].outputs.first { $0.port == port }
        }
        let artifact = StoredArtifact(
            stage: stage, port: port, type: try planned?.type ?? type(of: output), digest: output.digest,
            size: output.size, facts: output.facts, basename: planned?.artifactName ?? port,
            state: .revision(revision))
        try require(artifact)
        return artifact
    }

    private func mainPort(_ stage: String) -> String? {
        plan.index(of: stage).flatMap { plan.stages[$0].outputs.first?.port }
    }

    /// - Parameter main: Of a stage that is still in the pipeline.
    static func output(
        named word: String, in locked: LockFile, main: (String) -> String?, _ revision: String
    ) throws -> (stage: String, port: String) {
        if let block = locked.blocks[word] {
            let ports = block.outputs.ports
            if let port = main(word), block.outputs[port] != nil { return (word, port) }
            if ports.count == 1 { return (word, ports[0]) }
            throw DiagnosticError(
                ArtifactFinding.ambiguous(stage: word, revision: revision, ports: ports))
        }
        for (stage, port) in splits(word, at: ".") {
            guard let block = locked.blocks[stage] else { continue }
            if block.outputs[port] != nil { return (stage, port) }
            throw DiagnosticError(
                ArtifactFinding.unknownPort(port, stage: stage, known: block.outputs.ports))
        }
        throw DiagnosticError(
            ArtifactFinding.notLocked(word, revision: revision, known: locked.blocks.keys.sorted()))
    }

    /// What an output of a stage that is gone from the pipeline was: a folder's
    /// blob is its manifest, whose size is not the one that the lock tells.
    private func type(of output: LockFile.Output) throws -> PortType {
        let store = try store
        if try store.contains(output.digest, size: output.size) {
            return output.facts["rows"] == nil ? .file : .table
        }
        return try store.manifest(output.digest) == nil ? .file : .folder
    }

    private func git(_ folder: String, _ arguments: [String]) -> [UInt8]? {
        try? Subprocess.output(of: ["git", "-C", folder] + arguments)
    }
}
