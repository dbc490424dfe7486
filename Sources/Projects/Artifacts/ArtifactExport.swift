import ContentStore
import Diagnostics
import Glibc
import PipelineLanguage
import Platform
import StageLibrary

/// Copies of artifacts outside the store.
extension LoadedPipeline {
    /// Forms that a table can be written in.
    public static let tableForms = ["csv", "jsonl", "arrow", "parquet"]

    /// Writes an artifact to a path, whole or not at all; the bytes written
    /// are checked against the digest.
    ///
    /// - Parameters:
    ///   - path: A folder that exists is written into; nil is the artifact's
    ///     own name in the working directory.
    ///   - form: Of `tableForms`; nil takes the path's suffix, else the form
    ///     it is stored in.
    ///   - overwrites: Whether what lies at the path may go.
    /// - Returns: The path.
    /// - Throws: `DiagnosticError`; `SystemError`.
    public func export(
        _ artifact: StoredArtifact, to path: String?, as form: String?, overwrites: Bool
    ) throws -> String {
        if let form {
            guard artifact.type == .table else {
                throw DiagnosticError(
                    ArtifactFinding.noTable(
                        artifact: artifact.name, type: "\(artifact.type)", what: "--as is for tables"))
            }
            guard Self.tableForms.contains(form) else {
                throw DiagnosticError(ArtifactFinding.unknownForm(form))
            }
        }
        let target = try Self.target(path, artifact, form)
        let form = form ?? Self.tableForms.first { target.hasSuffix("." + $0) } ?? "arrow"
        let present = try Files.status(target, followLinks: false)
        if present != nil, !overwrites { throw DiagnosticError(ArtifactFinding.exists(path: target)) }
        let temporary = "\(target).part-\(getpid())"
        do {
            try write(artifact, form, to: temporary)
            // A rename replaces a file, but no folder with a file or another folder.
            if present?.kind == .directory || artifact.isFolder { try Files.remove(target) }
            try Files.rename(temporary, to: target)
        } catch {
            try? Files.remove(temporary)
            throw error
        }
        return target
    }

    private static func target(_ path: String?, _ artifact: StoredArtifact, _ form: String?) throws -> String
    {
        var name = artifact.basename
        if let form {
            let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
            name = "\(stem).\(form)"
        }
        guard let path else { return name }
        guard !path.hasSuffix("/"), try Files.status(path)?.kind != .directory || artifact.isFolder else {
            return path + (path.hasSuffix("/") ? "" : "/") + name
        }
        return path
    }

    private func write(_ artifact: StoredArtifact, _ form: String, to path: String) throws {
        let store = try store
        do {
            if artifact.isFolder {
                try store.materialiseFolder(artifact.digest, at: path)
            } else if artifact.type == .table, form != "arrow" {
                guard try Digest.ofFile(store.path(of: artifact.digest)).digest == artifact.digest else {
                    throw StoreFinding.damagedBlob(digest: artifact.digest.hex)
                }
                try StageLibrary.export(table: store.path(of: artifact.digest), as: form, to: path)
            } else {
                try store.materialise(artifact.digest, at: path)
            }
        } catch let finding as StoreFinding {
            throw DiagnosticError(finding)
        } catch let error as StageError {
            throw DiagnosticError(ArtifactFinding.unusable(artifact: artifact.name, reason: error.message))
        }
    }
}
