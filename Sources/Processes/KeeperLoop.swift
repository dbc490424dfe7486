import CPlatform
import Glibc

/// The keeper's one loop: orders in, events out, pipes drained, the dead
/// waited for. Nothing in it blocks but `poll`.
final class KeeperLoop {
    private var channel: Channel
    private let childSignals: Int32
    private var processes: [SupervisedProcess] = []
    private var nextMemoryLook: Double = 0
    private let rules = ReadRulesCache()

    init(channel: Channel, childSignals: Int32) {
        self.channel = channel
        self.childSignals = childSignals
    }

    func run() -> Never {
        while turn() {}
        endAll()
        exit(0)
    }

    /// One round; false when the runner is gone.
    private func turn() -> Bool {
        // While the runner does not listen, reports stay in their pipes.
        let takesReports = channel.waitingBytes < 1 << 20
        var polled = [
            pollfd(fd: channel.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: childSignals, events: Int16(POLLIN), revents: 0),
        ]
        if channel.waitingBytes > 0 { polled[0].events |= Int16(POLLOUT) }
        for process in processes {
            polled.append(pollfd(fd: process.output, events: Int16(POLLIN), revents: 0))
            polled.append(
                pollfd(fd: takesReports ? process.report : -1, events: Int16(POLLIN), revents: 0))
        }
        let wait = milliseconds(until: nextMoment())
        if poll(&polled, nfds_t(polled.count), wait) < 0, errno != EINTR, errno != EAGAIN { return false }

        for (index, process) in processes.enumerated() {
            if polled[2 + 2 * index].revents != 0 { process.drainOutput() }
            if polled[3 + 2 * index].revents != 0 { process.drainReport { report(process, $0) } }
        }
        if polled[1].revents != 0 {
            emptyChildSignals()
            waitForTheDead()
        }
        let now = monotonicSeconds()
        for process in processes { process.passDeadlines(now: now) }
        watchMemory(now: now)
        settle(now: now)
        // An order of a runner that is gone is nobody's any more.
        if polled[0].revents & Int16(POLLHUP) != 0 { return false }
        if polled[0].revents & ~Int16(POLLOUT) != 0 {
            guard channel.receive(), obeyAll() else { return false }
        }
        return channel.flush()
    }

    private func nextMoment() -> Double? {
        var moments = processes.compactMap(\.nextDeadline)
        if processes.contains(where: { $0.isRunning && $0.request.memory != nil }) {
            moments.append(nextMemoryLook)
        }
        // Strays end with SIGCHLD only once they are ours; look again soon.
        if processes.contains(where: { !$0.isRunning }) { moments.append(monotonicSeconds() + 0.01) }
        return moments.min()
    }

    private func milliseconds(until moment: Double?) -> Int32 {
        guard let moment else { return -1 }
        return Int32(min(max(0, ((moment - monotonicSeconds()) * 1000).rounded(.up)), 60_000))
    }

    private func emptyChildSignals() {
        withUnsafeTemporaryAllocation(byteCount: 1 << 10, alignment: 8) { buffer in
            while read(childSignals, buffer.baseAddress!, buffer.count) > 0 {}
        }
    }

    // MARK: Orders

    private func obeyAll() -> Bool {
        do throws(MalformedMessage) {
            while let message = try channel.next() { obey(try KeeperOrder(message)) }
            return true
        } catch {
            return false
        }
    }

    private func obey(_ order: KeeperOrder) {
        let now = monotonicSeconds()
        switch order {
        case .spawn(let request):
            do throws(Spawning.Failure) {
                processes.append(
                    try SupervisedProcess(
                        request: request, rules: rules.rules(for: request.confinement), now: now))
            } catch {
                var outcome = ProcessOutcome(.couldNotStart(error.errno))
                outcome.obstacle = error.path
                channel.enqueue(ProcessEvent.ended(id: request.id, outcome).bytes)
            }
        case .cancel(let id, let how):
            // One that has ended meanwhile crossed this order on its way.
            guard let process = processes.first(where: { $0.request.id == id && $0.isRunning }) else {
                return
            }
            switch how {
            case .gently: process.endGently(.cancelled, now: now)
            case .now: process.endNow(.cancelled)
            }
        }
    }

    private func report(_ process: SupervisedProcess, _ line: [UInt8]) {
        channel.enqueue(ProcessEvent.report(id: process.request.id, line: line).bytes)
    }

    // MARK: Ends

    /// Waits for every child that has ended, main processes and orphans alike.
    private func waitForTheDead() {
        while true {
            let pid = sluice_ended_child()
            guard pid > 0 else { return }
            var status: Int32 = 0
            var usage = SluiceUsage()
            guard sluice_wait(pid, &status, &usage) == pid else { return }
            guard let process = processes.first(where: { $0.pid == pid && $0.isRunning }) else { continue }
            process.mainEnded(status: status, usage: usage, now: monotonicSeconds())
            countLeftBehind(process)
        }
    }

    /// Ends what is left of processes whose main process has ended, and tells
    /// of those of which nothing is left.
    private func settle(now: Double) {
        guard processes.contains(where: { !$0.isRunning }) else { return }
        let orphans = orphans()
        var unsettled: Set<pid_t> = []
        for (pid, status) in orphans {
            guard let owner = owner(of: pid, status), !owner.isRunning else { continue }
            unsettled.insert(owner.pid)
            end(pid, status)
        }
        processes.removeAll { process in
            guard !process.isRunning, !unsettled.contains(process.pid) || process.giveUpAt <= now else {
                return false
            }
            let outcome = process.finish { report(process, $0) }
            channel.enqueue(ProcessEvent.ended(id: process.request.id, outcome).bytes)
            return true
        }
    }

    /// Children that are no main process: what a process of ours started and
    /// did not outlive. A dead one is among them until it was waited for.
    private func orphans() -> [(pid_t, ProcessStatus)] {
        let mains = Set(processes.filter(\.isRunning).map(\.pid))
        return ProcessTable.children(of: getpid()).compactMap { pid in
            mains.contains(pid) ? nil : ProcessTable.status(pid).map { (pid, $0) }
        }
    }

    /// Whose an orphan is: by its group, by kinship seen before, by its own
    /// TMPDIR, else of the only process there is. Nil when it cannot be told;
    /// then it lives until no process runs beside it.
    private func owner(of pid: pid_t, _ status: ProcessStatus) -> SupervisedProcess? {
        if let known = processes.first(where: { $0.pid == status.group }) { return known }
        if let known = processes.first(where: { $0.doomed[pid] == status.startTime }) { return known }
        if processes.count == 1 { return processes[0] }
        guard let folder = ProcessTable.variable("TMPDIR", of: pid) else { return nil }
        let known = processes.filter { $0.request.environment["TMPDIR"].map { Array($0.utf8) } == folder }
        return known.count == 1 ? known[0] : nil
    }

    private func countLeftBehind(_ process: SupervisedProcess) {
        let roots = orphans().filter { owner(of: $0.0, $0.1) === process }
        for pid in ProcessTable.tree(roots.map(\.0)) {
            guard let status = ProcessTable.status(pid), status.isAlive else { continue }
            process.doomed[pid] = status.startTime
            process.leftBehind += 1
        }
    }

    /// Only our own children are killed, with the groups they are in: their
    /// numbers cannot be given to others before we wait for them. What is below
    /// them becomes ours as they die.
    private func end(_ pid: pid_t, _ status: ProcessStatus) {
        let spared = [getpgrp()] + processes.filter(\.isRunning).map(\.pid)
        if status.group > 1, !spared.contains(status.group) { kill(-status.group, SIGKILL) }
        kill(pid, SIGKILL)
    }

    /// The runner is gone: no child may be left, of whatever group or depth.
    private func endAll() {
        for process in processes where process.isRunning { process.endNow(.cancelled) }
        while true {
            waitForTheDead()
            // As subreaper we inherit every orphan, so that without a child
            // there is no descendant.
            if sluice_ended_child() < 0 { break }
            for pid in ProcessTable.children(of: getpid()) {
                if let status = ProcessTable.status(pid), status.isAlive { end(pid, status) }
                kill(pid, SIGKILL)
            }
            var polled = [pollfd(fd: childSignals, events: Int16(POLLIN), revents: 0)]
            poll(&polled, 1, 10)
            emptyChildSignals()
        }
        for process in processes { _ = process.finish { _ in } }
    }

    // MARK: Memory

    private func watchMemory(now: Double) {
        guard now >= nextMemoryLook else { return }
        nextMemoryLook = now + 0.1
        let watched = processes.filter { $0.isRunning && $0.request.memory != nil }
        guard !watched.isEmpty else { return }
        let strays = orphans().map { ($0.0, owner(of: $0.0, $0.1)) }
        for process in watched {
            guard let limit = process.request.memory else { continue }
            let members = ProcessTable.tree([process.pid] + strays.filter { $0.1 === process }.map(\.0))
            var used = members.reduce(Int64(0)) { $0 &+ ProcessTable.anonymousBytes($1) }
            // The cheap sum counts shared pages once a process, too much for
            // forked workers: before anything is killed it is looked at closely.
            if used > limit {
                used = members.reduce(Int64(0)) {
                    $0 &+ (ProcessTable.proportionalBytes($1) ?? ProcessTable.anonymousBytes($1))
                }
            }
            process.peakAnonymousBytes = max(process.peakAnonymousBytes ?? 0, used)
            if used > limit { process.endNow(.outOfMemory(used)) }
        }
    }
}
