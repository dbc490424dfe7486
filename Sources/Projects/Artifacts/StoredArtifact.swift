import CanonicalJSON
import ContentStore
import Diagnostics
import Executor
import PipelineLanguage
import Planner
import Platform

/// One output of a stage as the store holds it.
public struct StoredArtifact: Sendable {
    public enum State: Hashable, Sendable {
        /// What a run would find.
        case current
        /// Of an earlier run: the stage would run now, or might.
        case stale
        /// As the lock of a git revision has it.
        case revision(String)
    }

    public let stage: String
    public let port: String
    public let type: PortType
    public let digest: Digest
    public let size: Int64
    /// What the lock keeps beside the digest: rows, metrics.
    public let facts: [String: JSONValue]
    /// What the file is called where it is read: `train.csv`, `model`.
    public let basename: String
    public let state: State

    /// `split.train`
    public var name: String { "\(stage).\(port)" }
    /// Whether it is a folder's manifest.
    public var isFolder: Bool { type == .model || type == .folder }
}

extension LoadedPipeline {
    /// The output a word names: `STAGE` for its main output, `STAGE.PORT`.
    ///
    /// - Throws: `DiagnosticError`.
    public func output(named word: String) throws -> (stage: Int, output: PlannedOutput) {
        if let number = plan.index(of: word) {
            guard let main = plan.stages[number].outputs.first else {
                throw DiagnosticError(ArtifactFinding.noOutputs(stage: word))
            }
            return (number, main)
        }
        // A stage's own name may have points in it, in the values of a matrix.
        for (name, port) in Self.splits(word, at: ".") {
            guard let number = plan.index(of: name) else { continue }
            let outputs = plan.stages[number].outputs
            if let output = outputs.first(where: { $0.port == port }) { return (number, output) }
            throw DiagnosticError(
                ArtifactFinding.unknownPort(port, stage: name, known: outputs.map(\.port)))
        }
        // The bare name of a matrix lists its members.
        let stage = word.contains("@") ? word : Self.splits(word, at: ".").last?.0 ?? word
        _ = try number(of: numbers(of: word).isEmpty ? stage : word)
        throw DiagnosticError(
            ProjectFinding.unknownStage(word, known: plan.stages.map(\.stage.name)))
    }

    /// Both sides of every separator, the last one first.
    static func splits(_ word: String, at separator: Character) -> [(String, String)] {
        word.indices.reversed().compactMap { index in
            guard word[index] == separator else { return nil }
            let (left, right) = (word[..<index], word[word.index(after: index)...])
            return left.isEmpty || right.isEmpty ? nil : (String(left), String(right))
        }
    }

    /// What there is of an output: what a run would find, else what the lock
    /// remembers.
    ///
    /// - Throws: `DiagnosticError` when there is nothing, or it is gone.
    public func artifact(_ number: Int, _ output: PlannedOutput) throws -> StoredArtifact {
        var options = RunOptions(slots: 1)
        options.selected = Set(plan.closure(of: [number]))
        let name = plan.stages[number].stage.name
        var record = lockedRecords[number]
        var state = StoredArtifact.State.stale
        if case .hit(let found) = try newRun(options).preview().forecasts[number] {
            (record, state) = (found, .current)
        }
        guard let stored = record?.outputs.first(where: { $0.port == output.port }) else {
            throw DiagnosticError(ArtifactFinding.noResult(stage: name))
        }
        let artifact = StoredArtifact(
            stage: name, port: output.port, type: output.type, digest: stored.digest, size: stored.size,
            facts: record?.facts[output.port]?.object ?? [:], basename: output.artifactName, state: state)
        try require(artifact)
        return artifact
    }

    public var store: BlobStore {
        get throws { try BlobStore(root: project.workspace.store) }
    }

    func require(_ artifact: StoredArtifact) throws {
        let store = try store
        let isThere =
            artifact.isFolder
            ? try store.containsFolder(artifact.digest)
            : try store.contains(artifact.digest, size: artifact.size)
        guard isThere else {
            throw DiagnosticError(ArtifactFinding.gone(artifact: artifact.name, stage: artifact.stage))
        }
    }

    /// Where a stage publishes an output, if it lies there; absolute.
    public func publishedPath(of artifact: StoredArtifact) -> String? {
        plan.index(of: artifact.stage).flatMap { number in
            plan.stages[number].stage.publish.first { $0.port == artifact.port }
        }.map { $0.path.absolute(in: project.root) }.flatMap { path in
            (try? Digest.ofFile(path))?.digest == artifact.digest ? path : nil
        }
    }
}
