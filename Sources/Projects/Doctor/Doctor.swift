import Charts
import ContentStore
import Executor
import Glibc
import PipelineLanguage
import Platform
import Processes
import StageLibrary

/// Whether what sluice needs of a machine is there, and what it makes of it.
public struct Doctor: Sendable {
    public enum Verdict: String, Hashable, Sendable {
        case ok
        /// It works, but worse than it could.
        case warning
        case broken
    }

    public struct Line: Hashable, Sendable {
        public var name: String
        public var verdict: Verdict
        public var text: String
        /// What to do about it.
        public var advice: String?

        init(_ name: String, _ text: String) { self.init(name, .ok, text) }

        init(_ name: String, _ verdict: Verdict, _ text: String, _ advice: String? = nil) {
            self.name = name
            self.verdict = verdict
            self.text = text
            self.advice = advice
        }
    }

    public let lines: [Line]

    public var isHealthy: Bool { !lines.contains { $0.verdict == .broken } }

    /// - Parameters:
    ///   - version: Of the program.
    ///   - executable: That starts as a keeper.
    public init(version: String, executable: String = "/proc/self/exe") {
        let project = Project(containing: ".")
        let workspace = project.workspace
        var lines = [
            Line("sluice", "version \(version)" + (BuildIdentity.current.map { ", build \($0)" } ?? "")),
            Self.machine, Self.project(project.root),
        ]
        lines += Self.store(workspace.store, in: project.root)
        lines += Self.sandbox(project.root)
        lines += Self.libraries(
            for: StageLibrary.catalog.names + StageLibrary.conversions.names)
        lines += [Self.git, Self.keeper(executable)]
        self.lines = lines
    }

    private static var machine: Line {
        let cores = Cores.available
        let memory = NumberText.bytes(SystemProbe.memory)
        return Line(
            "machine",
            "\(cores) core\(cores == 1 ? "" : "s"), \(memory) of memory, kernels for \(StageLibrary.kernels)")
    }

    private static func project(_ root: String) -> Line {
        for marker in ["sluice.yaml", ".git"] where Files.exists(root + "/" + marker) {
            return Line("project", "'\(root)', which holds \(marker)")
        }
        return Line(
            "project", .warning, "'\(root)' holds neither sluice.yaml nor .git",
            "'sluice init' makes this folder a project")
    }

    private static func store(_ store: String, in root: String) -> [Line] {
        let isThere = Files.exists(store + "/cas")
        let probe = SystemProbe(folder: isThere ? store : root)
        var lines: [Line] = []
        if let problem = probe.writeProblem() {
            return [
                Line(
                    "store", .broken, problem,
                    "make '\(probe.folder)' writable, or set SLUICE_STORE to a folder that is")
            ]
        }
        if isThere, let blobs = try? BlobStore(root: store).blobs() {
            let size = NumberText.bytes(blobs.reduce(0) { $0 + $1.size })
            let count = "\(NumberText.count(blobs.count)) blob\(blobs.count == 1 ? "" : "s")"
            lines.append(Line("store", "'\(store)', \(count), \(size)"))
        } else {
            lines.append(Line("store", "'\(store)', which the first run makes"))
        }
        if let system = FileSystem(of: probe.folder) {
            let text = "\(system.name), \(NumberText.bytes(system.freeBytes)) free"
            if system.isNetwork {
                lines.append(
                    Line(
                        "file system", .warning, text + "; locks and renames are slower over a network",
                        "set SLUICE_STORE to a folder on a local disk"))
            } else if system.freeBytes < 1 << 30 {
                lines.append(
                    Line(
                        "file system", .warning, text, "'sluice store gc' removes what nobody needs any more")
                )
            } else {
                lines.append(Line("file system", text))
            }
        }
        lines.append(
            Line(
                "reflinks",
                probe.canShareBlocks()
                    ? "work: copies share their blocks" : "not on this file system: inputs are copied"))
        let locks = LockChoice.locks(of: probe.folder)
        lines.append(
            locks.notice.map { Line("locks", $0.message) }
                ?? (probe.canLock()
                    ? Line("locks", "flock works")
                    : Line(
                        "locks", .broken, "flock does not keep out a second process",
                        "set SLUICE_STORE to a folder on a local disk, or SLUICE_LOCKS to lease")))
        return lines
    }

    private static func sandbox(_ root: String) -> [Line] {
        let version = SystemProbe.landlock.map { "version \($0)" } ?? "none"
        let obstacle = Confinement.obstacle(hiding: root)
        return [
            Line(
                "namespaces",
                Confinement.canBind(in: root)
                    ? "mount namespaces can be made: large inputs are bound, not copied"
                    : "no mount namespace can be made here: large inputs are copied"),
            Line(
                "landlock", obstacle == nil ? .ok : .warning,
                obstacle.map { "\(version): \($0), so a stage can read what it does not declare" }
                    ?? "\(version): a stage cannot read what it does not declare"),
        ]
    }

    private static var git: Line {
        guard let bytes = try? Subprocess.output(of: ["git", "--version"]) else {
            return Line(
                "git", .warning, "not found: no STAGE@REV, and gc sees only the locks in the work tree",
                "install git")
        }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return Line("git", "version \(words.dropFirst(2).first ?? "unknown")")
    }

    /// Starts a keeper, and a process through it.
    private static func keeper(_ executable: String) -> Line {
        do {
            let keeper = try Keeper(executable: executable)
            defer { keeper.stop() }
            try keeper.spawn(
                ProcessRequest(
                    id: 1, arguments: ["/bin/sh", "-c", ":"], environment: ["PATH": "/usr/bin:/bin"],
                    workingDirectory: "/", logPath: "/dev/null"))
            while let event = try keeper.nextEvent(timeout: 10) {
                guard case .ended(_, let outcome) = event else { continue }
                if outcome.ending == .exited(0) { return Line("keeper", "starts, and starts a process") }
                return Line("keeper", .broken, "a process it started ended badly: \(outcome.ending)")
            }
            return Line("keeper", .broken, "it does not answer within 10 s")
        } catch {
            return Line("keeper", .broken, error.message)
        }
    }
}
