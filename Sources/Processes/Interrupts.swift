import CPlatform
import Glibc
import Synchronization

/// SIGINT, SIGTERM and SIGHUP as events: each is counted, and wakes
/// `Keeper.nextEvent` through a pipe.
public struct Interrupts {
    private static let received = Atomic<Int>(0)
    private static let delivered = Atomic<Int>(0)
    private static let exitsAt = Atomic<Int>(.max)
    private static let readEnd = Atomic<Int32>(-1)
    private static let writeEnd = Atomic<Int32>(-1)

    /// Catches the three signals from now on; a second call does nothing. One
    /// that was ignored from the start (nohup) stays so.
    /// - Parameter exitingAt: Which of them ends this process at once, with
    ///   exit code 130, whatever it does at that moment; none when nil.
    public static func install(exitingAt: Int? = nil) throws(KeeperFinding) {
        exitsAt.store(exitingAt ?? .max, ordering: .sequentiallyConsistent)
        guard readEnd.load(ordering: .sequentiallyConsistent) < 0 else { return }
        var ends: [Int32] = [-1, -1]
        guard sluice_pipe(&ends, O_CLOEXEC | O_NONBLOCK) == 0 else {
            throw .notStarted(executable: "pipe", errno: errno)
        }
        readEnd.store(ends[0], ordering: .sequentiallyConsistent)
        writeEnd.store(ends[1], ordering: .sequentiallyConsistent)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            _ = sluice_catch(number) { _ in Interrupts.catchOne() }
        }
    }

    /// Runs in the signal handler: atomics and two system calls, nothing else.
    private static func catchOne() {
        let saved = errno
        let count = received.add(1, ordering: .sequentiallyConsistent).newValue
        if count >= exitsAt.load(ordering: .sequentiallyConsistent) { _exit(130) }
        var byte: UInt8 = 0
        _ = write(writeEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
        errno = saved
    }

    /// What `poll` waits on; -1 before `install`.
    static var descriptor: Int32 { readEnd.load(ordering: .sequentiallyConsistent) }

    /// The number of the next signal that nobody was told of; each once.
    static func next() -> Int? {
        let count = delivered.load(ordering: .sequentiallyConsistent)
        guard count < received.load(ordering: .sequentiallyConsistent) else { return nil }
        delivered.store(count + 1, ordering: .sequentiallyConsistent)
        return count + 1
    }

    static func emptyPipe() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { buffer in
            while read(descriptor, buffer.baseAddress!, buffer.count) > 0 {}
        }
    }
}
