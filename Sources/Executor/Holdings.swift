import ContentStore
import PipelineLanguage
import Planner
import Platform

/// What must stay on disk for a stage to be a hit again without a look at it.
public struct Holdings: Sendable {
    /// Absolute paths of published files.
    public var published: [String]
    public var blobs: [(path: String, size: Int64)]
}

extension PipelineRun {
    /// - Returns: Nil when a folder is published, whose files' stamps nobody
    ///   keeps, or a blob cannot be read.
    public func holdings(of number: Int, _ record: ActionRecord) -> Holdings? {
        var holdings = Holdings(published: [], blobs: [])
        for publication in publications(of: number) {
            guard let output = record.outputs.first(where: { $0.port == publication.port }) else { continue }
            if output.isFolder { return nil }
            holdings.published.append(publication.path.absolute(in: workspace.root))
        }
        for output in record.outputs {
            guard output.isFolder else {
                holdings.blobs.append((store.path(of: output.digest), output.size))
                continue
            }
            guard let bytes = try? store.read(output.digest), let manifest = FolderManifest(bytes: bytes)
            else {
                return nil
            }
            holdings.blobs.append((store.path(of: output.digest), Int64(bytes.count)))
            for case .file(let digest, let size, _) in manifest.entries.map(\.content) {
                holdings.blobs.append((store.path(of: digest), size))
            }
        }
        return holdings
    }
}
