import ContentStore
import Diagnostics
import Executor
import Glibc
import PipelineLanguage
import Planner
import Platform
import StageLibrary

/// A pipeline file read, checked and planned: what every command starts from.
public struct LoadedPipeline {
    public let project: Project
    /// As the user named it.
    public let file: String
    /// As it was read. Kept, because taking it apart costs as much as putting
    /// it together, and the program mostly ends first.
    var pipeline: Pipeline?
    public internal(set) var plan: Plan
    /// Every pipeline file read, relative to the root.
    public let files: [ProjectPath]
    /// Variables that were looked up, sorted by name.
    let environment: [(name: String, value: String?)]
    /// The file system's time before anything was read; nil in a project where
    /// nothing ever ran.
    let readAt: Int64?
    /// What the committed lock says; empty where there is none.
    public let lock: LockFile
    /// The bytes it was read from.
    public internal(set) var lockBytes: [UInt8]?

    /// `STEM.lock` beside the pipeline; absolute.
    public let lockPath: String

    /// Whether anything was found that does not keep it from running, which
    /// people are told at every run.
    var hasWarnings = false
    /// Servers that must be reachable before anything starts.
    public internal(set) var requires: [Requirement] = []
    /// Stages whose data is looked at anew, whatever the lock pins.
    var inferredAnew: Set<String> = []
    /// Where the plan leaves out what is known to be up to date.
    var part: PipelinePart?
    /// Stages of such a plan that are up to date too, by number.
    var settled: Set<Int> = []

    /// What a command line may change about how a pipeline is read.
    public struct Options: Sendable {
        /// `-S name=value`, in order.
        public var overrides: [(name: String, value: String)] = []
        public var profile: String?
        /// `--infer STAGE`: by name, or glob.
        public var inferAnew: [String] = []

        public init(
            overrides: [(name: String, value: String)] = [], profile: String? = nil, inferAnew: [String] = []
        ) {
            self.overrides = overrides
            self.profile = profile
            self.inferAnew = inferAnew
        }

        /// Whether the pipeline is read as it is committed.
        public var isPlain: Bool { overrides.isEmpty && profile == nil }
    }

    /// Reads and plans; every finding is added, warnings too.
    ///
    /// - Returns: Nil when there are errors.
    public static func load(
        _ file: String, _ options: Options = Options(), into findings: inout Diagnostics
    ) -> LoadedPipeline? {
        let project = Project(containing: Self.folder(of: Project.absolute(file)))
        let readAt = try? StatCache.now(in: project.workspace.local)
        do {
            let source = SourceText(path: file, bytes: try Files.read(file))
            return load(source, of: project, readAt: readAt, options, withoutInputs: [], into: &findings)
        } catch {
            findings.add(ProjectFinding.unreadable("\(error)"), at: nil)
            return nil
        }
    }

    static func folder(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }

    /// - Parameter withoutInputs: See `ReadingContext`.
    static func load(
        _ source: SourceText, of project: Project, readAt: Int64?, _ options: Options,
        withoutInputs: Set<String>, into findings: inout Diagnostics
    ) -> LoadedPipeline? {
        let file = source.path
        let absolute = Project.absolute(file)
        let folder = folder(of: absolute)
        let relative = folder == project.root ? "." : folder.dropping(bytes: project.root.utf8.count + 1)
        let environment = EnvironmentRecord()
        // As measured: what a plan and a run of it take for each byte of the file.
        Heap.expect(50 * source.bytes.count)
        var context = ReadingContext(
            folder: relative, overrides: options.overrides, profile: options.profile,
            environment: environment.value
        ) { path in
            let absolute = path.absolute(in: project.root)
            do throws(SystemError) {
                return SourceText(path: Project.shown(absolute), bytes: try Files.read(absolute))
            } catch {
                throw Unreadable(reason: String(cString: strerror(error.errno)))
            }
        }
        context.withoutInputs = withoutInputs
        let pipeline = PipelineReader(catalog: StageLibrary.catalog, context: context)
            .read(source, into: &findings)
        guard let pipeline, !findings.hasErrors else { return nil }
        let inferAnew = stagesToInfer(options.inferAnew, pipeline, into: &findings)
        ServerCheck.checkNames(pipeline.requires, into: &findings)
        let lockPath = absolute[..<(absolute.lastIndex(of: ".") ?? absolute.endIndex)] + ".lock"
        let (lock, lockBytes) = readLock(String(lockPath), into: &findings)
        var tools = ToolVersions()
        var builder = PlanBuilder(
            pipeline, catalog: StageLibrary.catalog,
            world: PlanBuilder.World(
                root: project.root, lock: lock, inferAnew: inferAnew, environment: environment.value,
                tool: { try tools.output(of: $0) }))
        let plan = builder.build(into: &findings)
        checkInferred(inferAnew, plan, into: &findings)
        guard !findings.hasErrors else { return nil }
        return LoadedPipeline(
            project: project, file: file, pipeline: pipeline, plan: plan, files: pipeline.files,
            environment: environment.asked.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            readAt: readAt, lock: lock, lockBytes: lockBytes, lockPath: String(lockPath),
            hasWarnings: !findings.all.isEmpty, requires: pipeline.requires,
            inferredAnew: inferAnew)
    }

    private static func readLock(
        _ path: String, into findings: inout Diagnostics
    ) -> (lock: LockFile, bytes: [UInt8]?) {
        guard Files.exists(path) else { return (LockFile(), nil) }
        do {
            let bytes = try Files.read(path)
            if let lock = LockFile(bytes: bytes) { return (lock, bytes) }
            findings.add(ProjectFinding.newerLock(path: Project.shown(path)), at: nil)
        } catch {
            findings.add(ProjectFinding.unreadable("\(error)"), at: nil)
        }
        return (LockFile(), nil)
    }
}

/// Why an included file cannot be read; the finding names the file.
private struct Unreadable: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
}

/// Remembers which variables were asked for, and what they held. Used while a
/// pipeline is loaded, by the one thread that loads it.
private final class EnvironmentRecord: @unchecked Sendable {
    private(set) var asked: [String: String?] = [:]

    @Sendable func value(_ name: String) -> String? {
        let value = getenv(name).map { String(cString: $0) }
        asked[name] = .some(value)
        return value
    }
}

/// What declared tools answer, each asked once.
private struct ToolVersions {
    private var known: [String: String] = [:]

    /// - Throws: `Subprocess.Failure`.
    mutating func output(of command: String) throws -> String {
        if let output = known[command] { return output }
        let bytes = try Subprocess.output(of: ["/bin/sh", "-c", command], mergesErrors: true)
        var text = String(decoding: bytes, as: UTF8.self)
        while text.last?.isNewline == true { text.removeLast() }
        known[command] = text
        return text
    }
}
