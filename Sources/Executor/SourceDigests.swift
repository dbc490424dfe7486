import ContentStore
import Glibc
import PipelineLanguage
import Planner
import Platform

/// What the sources of a plan hold now: digests, from the stat cache where a
/// file's status has not changed since it was read.
struct SourceDigests {
    struct Source {
        var digest: Digest
        var size: Int64
        var isExecutable: Bool
        /// Of a folder.
        var manifest: FolderManifest?
    }

    private let workspace: Workspace
    private var cache: StatCache
    private let now: Int64

    /// - Throws: `SystemError` when the checkout's folder cannot be written.
    init(_ workspace: Workspace) throws(SystemError) {
        self.workspace = workspace
        try Files.makeDirectories(workspace.local)
        cache = try StatCache(file: workspace.statCache)
        now = try StatCache.now(in: workspace.local)
    }

    mutating func digest(of source: Plan.Source) throws -> Source {
        guard let path = source.path?.absolute(in: workspace.root) else {
            preconditionFailure("only a fetch knows what \(source.name) is")
        }
        switch source {
        case .external: preconditionFailure("it has no path")
        case .file:
            let status = try Files.status(path)
            let (digest, size) = try cache.digest(of: path, status, now: now)
            return Source(digest: digest, size: size, isExecutable: status?.isExecutable ?? false)
        case .folder(_, let exclude):
            let ignored = GitIgnore.ignored(below: path)
            let manifest = try FolderManifest(
                ofFolder: path,
                skips: { relative in
                    let name = relative.split(separator: "/").last.map(String.init) ?? relative
                    return name == ".git" || name == ".sluice" || ignored.contains(relative)
                        || Glob.excludes(exclude, relative[...])
                },
                digest: { try cache.digest(of: $0, now: now) })
            return Source(
                digest: manifest.digest, size: manifest.size, isExecutable: false, manifest: manifest)
        }
    }

    /// The digest of a published file, read only when its status changed.
    mutating func published(_ path: String, _ status: FileStatus) throws(SystemError) -> Digest {
        try cache.digest(of: path, status, now: now).digest
    }

    /// The stamp a file had when it was hashed; nil when it might have changed
    /// since without a trace.
    func stamp(of path: String) -> FileStamp? { cache.stamp(of: path) }

    mutating func save() throws(SystemError) {
        if cache.isChanged { try cache.save(to: workspace.statCache) }
    }
}
