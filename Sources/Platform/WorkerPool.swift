import CPlatform
import Glibc

/// Threads that do the shares of one task after another.
///
/// Worker `i` always does share `i`: what a share left in its core's caches is
/// there for the next task. Between two tasks that follow each other closely a
/// worker spins, since waking from sleep takes 45 microseconds and from a spin
/// a tenth of one; then it sleeps. In steady state nothing is allocated.
///
/// A share below some 20 microseconds of work is not worth a worker; the caller
/// decides how many shares a task has.
public final class WorkerPool: @unchecked Sendable {
    /// How many shares are done at once, the caller's among them.
    public let size: Int
    private let shared: Shared
    private let threads: [pthread_t]

    /// - Parameter size: At least 1. Where fewer threads can be had, fewer are used.
    public init(size: Int) {
        precondition(size >= 1, "a pool has at least its caller")
        shared = Shared(workers: size - 1)
        var threads: [pthread_t] = []
        for index in 0..<(size - 1) {
            let start = Unmanaged.passRetained(Start(shared, index))
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { raw in
                    guard let raw else { return nil }
                    let start = Unmanaged<Start>.fromOpaque(raw).takeRetainedValue()
                    start.shared.work(as: start.index)
                    return nil
                }, start.toOpaque())
            guard code == 0 else {
                start.release()
                break
            }
            threads.append(thread)
        }
        self.threads = threads
        self.size = threads.count + 1
    }

    deinit {
        shared.body = nil
        for index in threads.indices { shared.tell(index) }
        for thread in threads { pthread_join(thread, nil) }
    }

    /// Calls `body(0)` to `body(shares - 1)`, each once, and returns when all are
    /// done: the first on the calling thread, those beyond the pool's size too.
    ///
    /// Not to be called from within `body`, nor by two threads at once.
    public func run(_ shares: Int, _ body: (Int) -> Void) {
        let others = min(shares, size) - 1
        guard others > 0 else {
            for share in 0..<max(0, shares) { body(share) }
            return
        }
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: body) { pointer in
                shared.body = pointer
                sluice_set_word(shared.pending, UInt32(others))
                for index in 0..<others { shared.tell(index) }
                body(0)
                for share in stride(from: size, to: shares, by: 1) { body(share) }
                shared.wait()
            }
        }
    }

    /// Calls `body(0)` to `body(items - 1)`, each once, in this order by whichever thread is free: for items of
    /// unequal work, where nothing depends on who does which. As `run` otherwise.
    public func runEach(_ items: Int, _ body: (Int) -> Void) {
        sluice_set_word(shared.taken, 0)
        run(min(size, items)) { _ in
            while true {
                let item = Int(sluice_add_to_word(shared.taken, 1)) - 1
                if item >= items { break }
                body(item)
            }
        }
    }

    private final class Start {
        let shared: Shared
        let index: Int

        init(_ shared: Shared, _ index: Int) {
            self.shared = shared
            self.index = index
        }
    }

    /// What caller and workers see of each other, in words a cache line apart.
    private final class Shared: @unchecked Sendable {
        private static let line = 16
        /// The task at hand, written before workers are told and read after; nil ends them.
        var body: UnsafePointer<(Int) -> Void>?
        private let words: UnsafeMutablePointer<UInt32>
        private let workers: Int

        init(workers: Int) {
            self.workers = workers
            words = .allocate(capacity: (2 * workers + 3) * Self.line)
            words.initialize(repeating: 0, count: (2 * workers + 3) * Self.line)
        }

        deinit { words.deallocate() }

        /// Workers that have not ended the task at hand.
        var pending: UnsafeMutablePointer<UInt32> { words }
        private var callerSleeps: UnsafeMutablePointer<UInt32> { words + Self.line }
        /// Items of the task at hand that somebody has taken.
        var taken: UnsafeMutablePointer<UInt32> { words + 2 * Self.line }
        /// How many tasks a worker has been given.
        private func tasks(_ index: Int) -> UnsafeMutablePointer<UInt32> {
            words + (2 * index + 3) * Self.line
        }
        private func sleeps(_ index: Int) -> UnsafeMutablePointer<UInt32> {
            words + (2 * index + 4) * Self.line
        }

        func tell(_ index: Int) {
            _ = sluice_add_to_word(tasks(index), 1)
            if sluice_word(sleeps(index)) != 0 { sluice_wake_from_word(tasks(index)) }
        }

        func work(as index: Int) {
            var last: UInt32 = 0
            while true {
                Self.wait(on: tasks(index), sleeping: sleeps(index)) { $0 != last }
                last &+= 1
                guard let body else { return }
                body.pointee(index + 1)
                if sluice_add_to_word(pending, .max) == 0, sluice_word(callerSleeps) != 0 {
                    sluice_wake_from_word(pending)
                }
            }
        }

        /// Until no worker has anything left to do.
        func wait() { Self.wait(on: pending, sleeping: callerSleeps) { $0 == 0 } }

        /// Spins, then sleeps until a word is as it should be. Whoever changes it
        /// looks at `sleeping` afterwards, so one of the two sees the other.
        private static func wait(
            on word: UnsafeMutablePointer<UInt32>, sleeping: UnsafeMutablePointer<UInt32>,
            until isDone: (UInt32) -> Bool
        ) {
            let end = monotonicSeconds() + spin
            repeat {
                for _ in 0..<16 {
                    if isDone(sluice_word(word)) { return }
                    sluice_pause()
                }
            } while monotonicSeconds() < end
            sluice_set_word(sleeping, 1)
            while true {
                let value = sluice_word(word)
                if isDone(value) { break }
                sluice_sleep_on_word(word, value)
            }
            sluice_set_word(sleeping, 0)
        }

        /// Seconds.
        private static let spin = 30e-6
    }
}
