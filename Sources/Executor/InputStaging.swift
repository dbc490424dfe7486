import CPlatform
import CanonicalJSON
import ContentStore
import Glibc
import PipelineLanguage
import Planner
import Platform

/// Puts a command's inputs where it reads them: real files of its own below
/// `in/`, which it may do with what it likes, since none is the store's. Large
/// ones it may only read: they are bound where an empty file lies.
struct InputStaging {
    let store: BlobStore
    let workspace: Workspace
    /// The stage's folder.
    let folder: String
    /// Nil copies. `inputs: link` calls it with every file that is linked
    /// instead, and what its bytes must still be when the stage ends.
    var links: ((_ path: String, _ digest: Digest) -> Void)?
    /// Nil copies large files too.
    var binding: Binding?

    struct Binding {
        /// Asked when there is something to bind, since it has to be tried.
        var isPossible: () -> Bool
        /// Sees that a blob is what it is called by.
        var prove: (Digest) throws -> Void
        var add: (_ origin: String, _ target: String) -> Void
    }

    /// Bytes up to which a copy is cheaper than a mount.
    static let mostCopied: Int64 = 1 << 20
    /// Files of a folder up to which the same holds. Above, a command may not
    /// write into the folder: file systems take long to make and remove so many.
    static let mostFilesCopied = 4096

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
            if source.isWhole, manifest.entries.count > Self.mostFilesCopied, links == nil, let binding,
                binding.isPossible()
            {
                try Files.makeDirectories(target)
                return binding.add(origin, target)
            }
            try place(manifest, at: target, isStored: false) { path, _ in origin + "/" + path }
        } else {
            try copyFile(
                origin, to: target, expecting: source.digest, isExecutable: source.isExecutable,
                isStored: false)
        }
    }

    func place(artifact: ActionRecord.Output, for input: PlannedInput) throws {
        let target = folder + "/" + Self.path(of: input)
        try makeFolder(of: target)
        if artifact.isFolder {
            guard links != nil || binding != nil, let manifest = try store.manifest(artifact.digest) else {
                return try store.materialiseFolder(artifact.digest, at: target)
            }
            try place(manifest, at: target, isStored: true) { _, digest in store.path(of: digest) }
        } else if try !link(store.path(of: artifact.digest), at: target, artifact.digest),
            try !bind(
                store.path(of: artifact.digest), at: target, artifact.digest, isExecutable: false,
                isStored: true)
        {
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

    /// - Returns: False where the input is to be copied: it is small, or it
    ///   costs no more, since the file systems share blocks.
    private func bind(
        _ origin: String, at target: String, _ digest: Digest, isExecutable: Bool, isStored: Bool
    ) throws -> Bool {
        guard let binding, let status = try Files.status(origin), status.size > Self.mostCopied,
            status.isExecutable || !isExecutable, !Self.sharesBlocks(origin, target), binding.isPossible()
        else { return false }
        if isStored { try binding.prove(digest) }
        try Files.write([], to: target)
        binding.add(origin, target)
        return true
    }

    /// Whether a copy at `target`, which is not there, would be free.
    private static func sharesBlocks(_ origin: String, _ target: String) -> Bool {
        let source = open(origin, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { return false }
        defer { close(source) }
        let copy = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(0o600))
        guard copy >= 0 else { return false }
        defer {
            close(copy)
            unlink(target)
        }
        return sluice_clone_file(copy, source) == 0
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
        _ manifest: FolderManifest, at target: String, isStored: Bool,
        origin: (_ path: String, _ digest: Digest) -> String
    ) throws {
        try Files.makeDirectories(target)
        var made = target
        var copies: [InputCopy] = []
        for entry in manifest.entries {
            let path = target + "/" + entry.path
            let folder = String(path[..<path.lastIndex(of: "/")!])
            if folder != made { try Files.makeDirectories(folder) }
            made = folder
            switch entry.content {
            case .file(let digest, _, let isExecutable):
                let copy = InputCopy(
                    origin: origin(entry.path, digest), target: path, digest: digest,
                    isExecutable: isExecutable, isStored: isStored)
                if try !linkOrBind(copy) { copies.append(copy) }
            case .symlink(let aim):
                guard symlink(aim, path) == 0 else { throw SystemError("link", path) }
            case .emptyFolder: try Files.makeDirectories(path)
            }
        }
        try InputCopy.make(copies)
    }

    private func copyFile(
        _ origin: String, to target: String, expecting digest: Digest, isExecutable: Bool, isStored: Bool
    ) throws {
        let copy = InputCopy(
            origin: origin, target: target, digest: digest, isExecutable: isExecutable, isStored: isStored)
        if try !linkOrBind(copy) { try copy.make() }
    }

    /// - Returns: False where the file is to be copied.
    private func linkOrBind(_ copy: InputCopy) throws -> Bool {
        if copy.isStored, !Files.exists(copy.origin) {
            throw StoreFinding.damagedBlob(digest: copy.digest.hex)
        }
        if try link(copy.origin, at: copy.target, copy.digest) { return true }
        return try bind(
            copy.origin, at: copy.target, copy.digest, isExecutable: copy.isExecutable,
            isStored: copy.isStored)
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
