import CPlatform
import Glibc

/// One process as the keeper sees it, from its start until nothing is left of it.
final class SupervisedProcess {
    let request: ProcessRequest
    let pid: pid_t
    let started: Double
    /// Read ends, -1 once at their end.
    private(set) var output: Int32
    private(set) var report: Int32
    private var log: BoundedLog
    private var lines = LineSplitter()

    /// When it gets SIGTERM, and when SIGKILL.
    private(set) var deadline: Double?
    private(set) var killAt: Double?
    /// Why the keeper made it end; the first reason stands.
    private var verdict: ProcessOutcome.Ending?
    var peakAnonymousBytes: Int64?

    /// Set when the main process has ended; its stray children may still live.
    private(set) var outcome: ProcessOutcome?
    /// How long strays are waited for: one stuck in the system for good must
    /// not hold up the run. The keeper's own end waits for it.
    private(set) var giveUpAt: Double = .infinity
    /// Strays known by kinship, each with its start time.
    var doomed: [pid_t: Int64] = [:]
    var leftBehind = 0

    init(request: ProcessRequest, rules: ReadRules?, now: Double) throws(Spawning.Failure) {
        guard let log = BoundedLog(path: request.logPath, secrets: request.secrets) else {
            throw Spawning.Failure(errno: errno, path: request.logPath)
        }
        self.log = log
        var outputPipe: (Int32, Int32) = (-1, -1)
        var reportPipe: (Int32, Int32) = (-1, -1)
        defer {
            for end in [outputPipe.1, reportPipe.1] where end >= 0 { close(end) }
        }
        do {
            outputPipe = try Self.pipe()
            if request.hasReportPipe { reportPipe = try Self.pipe() }
            pid = try Spawning.spawn(
                request, rules: rules, output: outputPipe.1, report: reportPipe.1)
        } catch {
            for end in [outputPipe.0, reportPipe.0] where end >= 0 { close(end) }
            _ = self.log.finish()
            throw error
        }
        self.request = request
        output = outputPipe.0
        report = reportPipe.0
        started = now
        deadline = request.timeout.map { now + max(0, $0) }
    }

    /// A pipe whose reading end does not block.
    private static func pipe() throws(Spawning.Failure) -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard sluice_pipe(&ends, O_CLOEXEC) == 0, fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 else {
            throw Spawning.Failure(errno: errno, path: "pipe")
        }
        return (ends[0], ends[1])
    }

    var isRunning: Bool { outcome == nil }
    var nextDeadline: Double? {
        isRunning ? [deadline, killAt].compactMap { $0 }.min() : nil
    }

    /// The main process is not waited for before `ended`, so its pid, and the
    /// group of that number, are its own.
    func signal(_ number: Int32) {
        kill(-pid, number)
        kill(pid, number)
    }

    /// SIGTERM to the group now and SIGKILL after the grace.
    func endGently(_ reason: ProcessOutcome.Ending, now: Double) {
        guard isRunning else { return }
        verdict = verdict ?? reason
        deadline = nil
        guard killAt == nil else { return }
        killAt = now + max(0, request.grace)
        signal(SIGTERM)
        // One that is stopped could not answer.
        signal(SIGCONT)
    }

    func endNow(_ reason: ProcessOutcome.Ending) {
        guard isRunning else { return }
        verdict = verdict ?? reason
        deadline = nil
        killAt = nil
        signal(SIGKILL)
    }

    func passDeadlines(now: Double) {
        guard isRunning else { return }
        if let killAt, killAt <= now { endNow(.cancelled) }
        if let deadline, deadline <= now { endGently(.timedOut, now: now) }
    }

    func mainEnded(status: Int32, usage: SluiceUsage, now: Double) {
        var outcome = ProcessOutcome(verdict ?? .init(status: status))
        outcome.wallSeconds = now - started
        outcome.cpuSeconds = usage.seconds
        outcome.peakResidentBytes = Int64(usage.peakBytes)
        outcome.peakAnonymousBytes = peakAnonymousBytes
        self.outcome = outcome
        giveUpAt = now + 10
    }

    /// Takes what is in the output pipe, `limit` bytes at most.
    func drainOutput(limit: Int = 1 << 18) {
        Self.drain(&output, limit: limit) { log.append($0) }
    }

    /// Takes what is in the report pipe and hands out its whole lines.
    func drainReport(limit: Int = 1 << 18, _ emit: ([UInt8]) -> Void) {
        Self.drain(&report, limit: limit) { lines.feed($0, emit) }
    }

    private static func drain(_ end: inout Int32, limit: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        guard end >= 0 else { return }
        withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
            var taken = 0
            while taken < limit {
                let count = read(end, buffer.baseAddress!, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN { return }
                guard count > 0 else {
                    close(end)
                    end = -1
                    return
                }
                taken += count
                body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }

    /// Empties and closes all it had open. What the dead wrote lies in the
    /// pipes, whose capacity bounds it; a stranger who got hold of an end
    /// cannot keep this from ending.
    func finish(_ emit: ([UInt8]) -> Void) -> ProcessOutcome {
        drainOutput(limit: 1 << 20)
        drainReport(limit: 1 << 20, emit)
        lines.finish(emit)
        for end in [output, report] where end >= 0 { close(end) }
        output = -1
        report = -1
        var result = outcome ?? ProcessOutcome(.cancelled)
        (result.logBytes, result.droppedLogBytes) = log.finish()
        result.leftBehind = leftBehind
        return result
    }
}
