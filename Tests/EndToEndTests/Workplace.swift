import CPlatform
import CanonicalJSON
import Glibc
import Platform
import Testing

/// A project of its own for one test, and the program itself run in it.
final class Workplace {
    let folder: String
    /// What every program run in it finds in its environment.
    var environment: [String: String] = [:]

    /// The binary built beside the tests.
    static let program: String = {
        var path = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &path, path.count - 1)
        let text = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/sluice"
    }()

    /// The repository the tests were built from.
    static let repository = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    /// The data sets beside the repository, some of which may not be committed; nil where they are not.
    static let sharedData: String? = [repository + "/../shared/data", "/work/shared/data"].first(
        where: Files.exists)

    /// - Parameter base: Where it lies; below `/tmp` nothing of it is hidden
    ///   from its stages.
    init(_ pipeline: String? = nil, in base: String = "/tmp") throws {
        folder = "\(base)/sluice-e2e-\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        try Files.makeDirectories(folder)
        try write("sluice.yaml", "default: p.yaml\n")
        if let pipeline { try write("p.yaml", pipeline) }
    }

    deinit { try? Files.remove(folder) }

    func write(_ path: String, _ text: String) throws {
        let target = folder + "/" + path
        try Files.makeDirectories(String(target[..<target.lastIndex(of: "/")!]))
        try Files.write(Array(text.utf8), to: target)
    }

    func read(_ path: String) throws -> String {
        String(decoding: try Files.read(folder + "/" + path), as: UTF8.self)
    }

    func exists(_ path: String) -> Bool { Files.exists(folder + "/" + path) }

    /// Replaces a piece of a file; the piece must be there.
    func edit(_ path: String, _ old: String, _ new: String) throws {
        let text = try read(path)
        let parts = text.components(separatedBy: old)
        try #require(parts.count > 1, "'\(old)' is not in \(path)")
        try write(path, parts.joined(separator: new))
    }

    struct Result {
        var status: Int32
        var out: String
        var err: String
    }

    /// Runs the program and waits for it.
    @discardableResult
    func sluice(_ arguments: String..., environment: [String: String] = [:]) throws -> Result {
        try start(arguments, environment).wait()
    }

    /// Starts the program and goes on.
    func start(_ arguments: String..., environment: [String: String] = [:]) throws -> Child {
        try start(arguments, environment)
    }

    private func start(_ arguments: [String], _ more: [String: String]) throws -> Child {
        try Child(arguments, in: folder, environment.merging(more) { $1 })
    }

    /// What a run came to, from the last line of `--json`.
    struct Counts: Equatable {
        var hits: Int64
        var ran: Int64
        var failed: Int64 = 0
        var skipped: Int64 = 0
    }

    /// Runs and gives the counts and the stages that ran.
    func run(_ arguments: String...) throws -> (counts: Counts, ran: [String], result: Result) {
        let result = try start(["run", "--json"] + arguments, [:]).wait()
        let events = result.out.split(separator: "\n").compactMap { try? JSONValue(parsing: String($0)) }
        let summary = try #require(events.last, "no summary: \(result.err)")
        func count(_ name: String) -> Int64 { summary[name]?.integer ?? -1 }
        let ran = events.filter { $0["event"] == "ended" && $0["result"] == "ran" }.compactMap {
            $0["stage"]?.string
        }
        return (
            Counts(
                hits: count("hits"), ran: count("ran"), failed: count("failed"), skipped: count("skipped")),
            ran.sorted(), result
        )
    }
}

/// A started program, its output in files, so that no pipe fills up.
final class Child {
    let pid: pid_t
    private let output: String

    init(_ arguments: [String], in folder: String, _ environment: [String: String]) throws {
        output = "/tmp/sluice-e2e-out-\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output + ".out", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, output + ".err", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        var variables = environment
        for name in ["PATH", "HOME"] where variables[name] == nil {
            variables[name] = getenv(name).map { String(cString: $0) }
        }
        // `-C` rather than a change of folder: the tests run side by side.
        let words = [Workplace.program] + arguments + (arguments.contains("-C") ? [] : ["-C", folder])
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] =
            variables.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid: pid_t = 0
        // Threads that run tests block most signals; the program must not.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let code = posix_spawn(&pid, Workplace.program, &actions, &attributes, &argv, &envp)
        try #require(code == 0, "cannot start \(Workplace.program): \(String(cString: strerror(code)))")
        self.pid = pid
    }

    func kill(_ signal: Int32) { Glibc.kill(pid, signal) }

    /// Waits; a negative status is the signal that ended it.
    func wait() throws -> Workplace.Result { try waitAndMeasure().result }

    /// The same with the CPU seconds of the program and of what it waited for.
    func waitAndMeasure() throws -> (result: Workplace.Result, seconds: Double) {
        var status: Int32 = 0
        var usage = rusage()
        while wait4(pid, &status, 0, &usage) < 0, errno == EINTR {}
        defer {
            unlink(output + ".out")
            unlink(output + ".err")
        }
        func text(_ end: String) -> String {
            String(decoding: (try? Files.read(output + end)) ?? [], as: UTF8.self)
        }
        let code = status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return (
            Workplace.Result(status: code, out: text(".out"), err: text(".err")),
            seconds(usage.ru_utime) + seconds(usage.ru_stime)
        )
    }
}

extension String {
    /// The pieces between occurrences of a text.
    func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
