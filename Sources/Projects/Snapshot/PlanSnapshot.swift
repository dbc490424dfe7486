import CanonicalJSON
import ContentStore
import Executor
import Glibc
import Platform

/// What a run knew of a pipeline in the end, kept so that the next one need not
/// look at what has not changed: a run in which nothing has is answered without
/// reading the pipeline, and one in which little has reads that part.
///
/// A stage is known as long as its text, every file that was looked at for it
/// and its blobs are as they were. What is known comes from a run in which the
/// stage was a hit, with stamps taken before contents were read, so a snapshot
/// never knows more than was checked. Pipelines that run version commands of
/// tools or have stages that are never cached get none.
public struct PlanSnapshot {
    /// A line for each stage, as a run prints it; empty for many stages.
    public let listing: [String]
    /// Metrics and published files.
    public let closing: [String]
    public let stages: Int

    /// What a snapshot has to say.
    public enum Answer {
        /// All is as it was.
        case upToDate(PlanSnapshot)
        /// This part of the pipeline is not, or is needed by what is not.
        case changed(PipelinePart)
    }

    /// - Returns: Nil when there is no snapshot, or none that says anything.
    /// - Complexity: O(stages and files of source folders): one status call a source, published file
    ///   and blob.
    public static func answer(for file: String) -> Answer? {
        let absolute = Project.absolute(file)
        guard let slash = absolute.lastIndex(of: "/") else { return nil }
        let project = Project(containing: String(absolute[..<slash]))
        let known = SnapshotFile(path(of: absolute, in: project)) { isSame($0, absolute, project) }
        guard let known else { return nil }
        let holding = known.files.map(\.holds)
        let filesHold = !holding.contains(false)
        // The lock and the pipeline are compared by what they hold.
        guard filesHold || holding.dropFirst(2).allSatisfy({ $0 }) && known.isInParts else { return nil }
        // Where others are searched, the plan may be another one.
        guard !SnapshotStamp.look(at: known.searched).contains(false), known.folders.allSatisfy(\.holds)
        else {
            return nil
        }
        func affected() -> [Bool] {
            let sources = SnapshotStamp.look(at: known.sources)
            return known.stages.map { stage in
                !stage.flags.contains(.wasHit) || !stage.sources.allSatisfy { sources[$0] }
                    || !stage.published.allSatisfy(\.holds) || !stage.blobsHold
            }
        }
        if filesHold, !affected().contains(true) {
            return .upToDate(
                PlanSnapshot(
                    listing: known.header["listing"]?.strings ?? [],
                    closing: known.header["closing"]?.strings ?? [], stages: known.stages.count))
        }
        return PipelinePart(of: absolute, in: project, known, affected: affected).map { .changed($0) }
    }

    /// Whether program, place and environment are what they were.
    private static func isSame(_ header: JSONValue, _ file: String, _ project: Project) -> Bool {
        guard header["file"]?.string == file, header["root"]?.string == project.root,
            header["store"]?.string == project.workspace.store, header["program"] == program,
            header["boot"]?.string == BootRecord.current
        else { return false }
        return (header["environment"]?.object ?? [:]).allSatisfy { name, value in
            value == environment(getenv(name).map { String(cString: $0) })
        }
    }

    static func environment(_ value: String?) -> JSONValue {
        value.map { .string(Digest.of(Array($0.utf8)).hex) } ?? .null
    }

    /// Another build of the program plans anew.
    static let program: JSONValue = {
        guard let status = try? Files.status("/proc/self/exe") else { return .null }
        return .array(FileStamp(status).words.map { .string(String($0)) })
    }()

    static func path(of file: String, in project: Project) -> String {
        "\(project.workspace.local)/snapshots/\(Digest.of(Array(file.utf8)).hex.prefix(32))"
    }
}
