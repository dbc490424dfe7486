import Glibc
import Platform
import Processes
import Testing

/// A folder of its own and a keeper, and what tests do with them.
final class Scene {
    let folder: String
    let keeper: Keeper
    private var count = 0

    /// The tests' stand-in for the runner, built beside them.
    static let host: String = {
        var path = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &path, path.count - 1)
        let text = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/keeper-host"
    }()

    init() throws {
        folder = "/tmp/sluice-processes-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try Files.makeDirectories(folder)
        keeper = try Keeper(executable: Self.host)
    }

    deinit {
        keeper.stop()
        try? Files.remove(folder)
    }

    func request(_ id: Int, _ command: String) -> ProcessRequest {
        ProcessRequest(
            id: id, arguments: ["sh", "-c", command],
            environment: ["PATH": "/usr/bin:/bin", "TMPDIR": "\(folder)/tmp-\(id)"],
            workingDirectory: folder, logPath: "\(folder)/log-\(id)")
    }

    /// Runs one command to its end.
    func run(
        _ command: String, _ change: (inout ProcessRequest) -> Void = { _ in }
    ) throws -> ProcessOutcome {
        count += 1
        var request = request(count, command)
        change(&request)
        try keeper.spawn(request)
        return try #require(try end(of: count))
    }

    /// Waits for one process to end, past the events of others.
    func end(of id: Int) throws -> ProcessOutcome? {
        while let event = try keeper.nextEvent(timeout: 60) {
            if case .ended(id, let outcome) = event { return outcome }
        }
        return nil
    }

    var log: [UInt8] { (try? Files.read("\(folder)/log-\(count)")) ?? [] }
    var logText: String { String(decoding: log, as: UTF8.self) }

    /// The pids that commands wrote into files, once all are there.
    func pids(_ names: String...) throws -> [pid_t] {
        try names.map { name in
            try #require(waited(10) { pid(name) != nil }, "no pid in \(name)")
            return try #require(pid(name))
        }
    }

    private func pid(_ name: String) -> pid_t? {
        guard let text = try? Files.read("\(folder)/\(name)"), text.last == 0x0a else { return nil }
        return pid_t(String(decoding: text.dropLast(), as: UTF8.self))
    }

    /// Starts the stand-in for a runner; its output goes to the file `out`.
    func startHost(_ mode: String, _ command: String) throws -> pid_t {
        let line = "exec \"$0\" \"$1\" \"$2\" \"$3\" >\"$2/out\" 2>&1"
        let words = ["/bin/sh", "-c", line, Self.host, mode, folder, command]
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        // What this thread blocks, or the background ignores, would be inherited.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t()
        sigemptyset(&all)
        posix_spawnattr_setsigmask(&attributes, &all)
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var pid: pid_t = 0
        try #require(posix_spawn(&pid, "/bin/sh", nil, &attributes, pointers, nil) == 0)
        return pid
    }

    var hostOutput: String { String(decoding: (try? Files.read(folder + "/out")) ?? [], as: UTF8.self) }
}

/// Whether something came true within the time.
func waited(_ seconds: Double, for condition: () -> Bool) -> Bool {
    for _ in 0..<Int(seconds * 200) {
        if condition() { return true }
        usleep(5000)
    }
    return condition()
}

func isAlive(_ pid: pid_t) -> Bool { kill(pid, 0) == 0 }

/// What `wait` says of a child, which has 30 seconds to end by itself.
func waitStatus(_ pid: pid_t) -> Int32 {
    var status: Int32 = 0
    if waited(30, for: { waitpid(pid, &status, WNOHANG) == pid }) { return status }
    kill(pid, SIGKILL)
    waitpid(pid, &status, 0)
    return -1
}
