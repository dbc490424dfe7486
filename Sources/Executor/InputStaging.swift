import CanonicalJSON
import ContentStore
import Glibc
import PipelineLanguage
import Planner
import Platform

/// Puts a command's inputs where it reads them: real files of its own below
/// `in/`, which it may do with what it likes, since none is the store's.
struct InputStaging {
    let store: BlobStore
    let workspace: Workspace
    /// The stage's folder.
    let folder: String
    /// Nil copies. `inputs: link` calls it with every file that is linked
    /// instead, and what its bytes must still be when the stage ends.
    var links: ((_ path: String, _ digest: Digest) -> Void)?

    /// Where an input lies, relative to the stage's folder.
    static func path(of input: PlannedInput) -> String { "in/\(input.port)/\(input.basename)" }

    /// What `${in.NAME}` stands for: the file, or for a list the folder.
    static func reference(_ port: String, among inputs: [PlannedInput]) -> String? {
        guard let input = inputs.first(where: { $0.port == port }) else { return nil }
        return input.isMember ? "in/\(port)" : path(of: input)
    }

    func place(source: SourceDigests.Source, at origin: String, for input: PlannedInput) throws {
        let target = folder + "/" + Self.path(of: input)
        try makeFolder(of: target)
        if let manifest = source.manifest {
            try place(manifest, at: target) { path, _ in origin + "/" + path }
        } else {
            try copyFile(
                origin, to: target, expecting: source.digest, isExecutable: source.isExecutable)
        }
    }

    func place(artifact: ActionRecord.Output, for input: PlannedInput) throws {
        let target = folder + "/" + Self.path(of: input)
        try makeFolder(of: target)
        if artifact.isFolder {
            guard links != nil, let manifest = try store.manifest(artifact.digest) else {
                return try store.materialiseFolder(artifact.digest, at: target)
            }
            try place(manifest, at: target) { _, digest in store.path(of: digest) }
        } else if try !link(store.path(of: artifact.digest), at: target, artifact.digest) {
            try store.materialise(artifact.digest, at: target)
        }
    }

    /// - Returns: False where the input is to be copied: nobody asked for a
    ///   link, or the file systems are not the same.
    private func link(_ origin: String, at target: String, _ digest: Digest) throws -> Bool {
        guard let links, Glibc.link(origin, target) == 0 else { return false }
        links(target, digest)
        return true
    }

    /// `index.json` beside the members of a list: their names, in order.
    func placeIndex(of port: String, members: [PlannedInput]) throws {
        try Files.makeDirectories("\(folder)/in/\(port)")
        let names = JSONValue.strings(members.map(\.basename))
        try Files.write(names.canonicalBytes, to: "\(folder)/in/\(port)/index.json")
    }

    private func makeFolder(of path: String) throws(SystemError) {
        guard let slash = path.lastIndex(of: "/") else { return }
        try Files.makeDirectories(String(path[..<slash]))
    }

    private func place(
        _ manifest: FolderManifest, at target: String, origin: (_ path: String, _ digest: Digest) -> String
    ) throws {
        try Files.makeDirectories(target)
        for entry in manifest.entries {
            let path = target + "/" + entry.path
            try makeFolder(of: path)
            switch entry.content {
            case .file(let digest, _, let isExecutable):
                try copyFile(
                    origin(entry.path, digest), to: path, expecting: digest, isExecutable: isExecutable)
            case .symlink(let aim):
                guard symlink(aim, path) == 0 else { throw SystemError("link", path) }
            case .emptyFolder: try Files.makeDirectories(path)
            }
        }
    }

    /// The copy is what the stage reads, so it is the copy that is judged: a
    /// source edited since it was hashed never passes for what it was.
    private func copyFile(
        _ origin: String, to target: String, expecting digest: Digest, isExecutable: Bool
    ) throws {
        if try link(origin, at: target, digest) { return }
        try Files.copy(origin, to: target, mode: isExecutable ? 0o755 : 0o644)
        guard try Digest.ofFile(target).digest == digest else { throw SourceChanged(path: origin) }
    }
}

/// A source that was not the same at the end of an action as when it was hashed.
struct SourceChanged: Error {
    var path: String
}

extension ActionRecord.Output {
    /// Whether the digest is a manifest's.
    var isFolder: Bool { type == "folder" || type == "model" }
}
