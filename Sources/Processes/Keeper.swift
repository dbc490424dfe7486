import CPlatform
import Glibc

/// The runner's handle on its keeper: the small process that starts every
/// stage, drains its output, and kills all of them when the runner is gone.
///
/// Used by one thread. Nothing here waits but `nextEvent` and `stop`.
public final class Keeper {
    private var channel: Channel
    let keeper: pid_t
    private var isStopped = false
    /// The TMPDIR of each process that was handed over and has not ended.
    private var running: [Int: String?] = [:]
    /// Events that need no keeper: requests refused here.
    private var own: [ProcessEvent] = []

    /// Starts `executable` with `arguments`; it must call `KeeperMain.run()`.
    /// Use "/proc/self/exe" for the running program.
    public init(executable: String, arguments: [String] = ["keeper"]) throws(KeeperFinding) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0, fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 else {
            throw .notStarted(executable: executable, errno: errno)
        }
        // Should the keeper be killed, its orphans become ours to kill.
        _ = sluice_become_subreaper()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        sluice_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A session of its own: no terminal's signal reaches it or a stage, and
        // a stage that asks the terminal fails instead of being stopped.
        Spawning.setCleanSignals(&attributes, alongside: sluice_spawn_set_session)
        var pid: pid_t = 0
        let result = Spawning.withCStrings([executable] + arguments) {
            posix_spawn(&pid, executable, &actions, &attributes, $0, sluice_environment())
        }
        close(ends[1])
        guard result == 0 else {
            close(ends[0])
            throw .notStarted(executable: executable, errno: result)
        }
        keeper = pid
        channel = Channel(ends[0])
    }

    deinit { stop() }

    /// Hands a process over to be started. What cannot be started ends with
    /// `.couldNotStart`.
    /// - Precondition: No process with the same id runs.
    public func spawn(_ request: ProcessRequest) throws(KeeperFinding) {
        precondition(running[request.id] == nil, "process \(request.id) runs already")
        let message = KeeperOrder.spawn(request).bytes
        let problem = request.isWellFormed ? (message.count > Channel.longestMessage ? E2BIG : 0) : EINVAL
        if problem != 0 {
            var outcome = ProcessOutcome(.couldNotStart(problem))
            outcome.obstacle = request.arguments.first
            own.append(.ended(id: request.id, outcome))
            return
        }
        running[request.id] = .some(request.environment["TMPDIR"])
        channel.enqueue(message)
        // A keeper that is gone is told of by `nextEvent`, behind what it said.
        _ = channel.flush()
    }

    /// Makes a process end; of one that has ended already, nothing.
    public func cancel(_ id: Int, _ how: Cancellation) {
        channel.enqueue(KeeperOrder.cancel(id: id, how).bytes)
        _ = channel.flush()
    }

    /// The next thing that happened; waits for it.
    /// - Parameter timeout: Seconds; nil waits for ever.
    /// - Returns: Nil when the time has passed.
    public func nextEvent(timeout: Double?) throws(KeeperFinding) -> ProcessEvent? {
        let end = timeout.map { monotonicSeconds() + max(0, $0) }
        while true {
            if let count = Interrupts.next() { return .interrupted(count: count) }
            if !own.isEmpty { return own.removeFirst() }
            if let event = try received() { return event }
            if isStopped { throw .gone(status: 0) }
            _ = channel.flush()
            var polled = [
                pollfd(fd: channel.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: Interrupts.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            if channel.waitingBytes > 0 { polled[0].events |= Int16(POLLOUT) }
            let left = end.map { max(0, (($0 - monotonicSeconds()) * 1000).rounded(.up)) }
            let ready = poll(&polled, 2, left.map { Int32(min($0, 1e9)) } ?? -1)
            if polled[1].revents != 0 { Interrupts.emptyPipe() }
            if polled[0].revents & ~Int16(POLLOUT) != 0, !channel.receive() {
                throw .gone(status: cleanUpAfterKeeper())
            }
            if ready == 0, left == 0 || end.map({ $0 <= monotonicSeconds() }) == true { return nil }
        }
    }

    private func received() throws(KeeperFinding) -> ProcessEvent? {
        do throws(MalformedMessage) {
            guard let message = try channel.next() else { return nil }
            let event = try ProcessEvent(message)
            if case .ended(let id, _) = event { running[id] = nil }
            return event
        } catch {
            _ = cleanUpAfterKeeper()
            throw .garbled
        }
    }

    /// Closes the pipe, on which the keeper kills all that still runs, and
    /// waits until it is gone.
    public func stop() {
        guard !isStopped else { return }
        isStopped = true
        close(channel.descriptor)
        while waitpid(keeper, nil, 0) < 0, errno == EINTR {}
    }

    /// Does the keeper's work when it is gone: kills what it had started.
    ///
    /// Everything of its session is its own, and the session's number cannot be
    /// given away before the keeper is waited for; what left the session is
    /// found by its TMPDIR. Only descendants of ours are looked at.
    private func cleanUpAfterKeeper() -> Int32 {
        guard !isStopped else { return 0 }
        isStopped = true
        close(channel.descriptor)
        kill(keeper, SIGKILL)
        // Its children become ours as it dies, not when it is told to.
        var info = siginfo_t()
        while waitid(P_PID, id_t(keeper), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        let folders = Set(running.values.compactMap { $0 }.map { Array($0.utf8) })
        var killed: Set<pid_t> = []
        let end = monotonicSeconds() + 5
        while monotonicSeconds() < end {
            // What a dead one leaves may have become ours behind the look at our
            // children: clean is only a look that finds none of them, dead or alive.
            var isClean = true
            for pid in ProcessTable.tree(ProcessTable.childrenByScan(of: getpid())) where pid != keeper {
                guard let status = ProcessTable.status(pid) else { continue }
                // A dead one has no environment any more.
                let isOurs =
                    status.session == keeper || killed.contains(pid)
                    || ProcessTable.variable("TMPDIR", of: pid).map(folders.contains) == true
                guard isOurs else { continue }
                if status.isAlive {
                    isClean = false
                    killed.insert(pid)
                    kill(pid, SIGKILL)
                } else if status.parent == getpid() {
                    isClean = false
                    waitpid(pid, nil, WNOHANG)
                } else if killed.contains(status.parent) {
                    isClean = false
                }
            }
            if isClean { break }
            usleep(1000)
        }
        var status: Int32 = 0
        while waitpid(keeper, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
