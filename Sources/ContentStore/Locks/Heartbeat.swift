import CPlatform
import Glibc
import Platform
import Synchronization

/// Renews the leases of this process, on a thread that is there only in a
/// process that has had one, and gives back those it still has when it ends in
/// order.
enum Heartbeat {
    private struct Beating {
        var files: [String: (file: LeaseFile, microseconds: UInt32)] = [:]
        /// Intervals that have a thread.
        var threads: Set<UInt32> = []
        var isAtExit = false
    }

    private static let beating = Mutex(Beating())

    static func begin(_ file: LeaseFile, every seconds: Double) {
        let microseconds = UInt32(seconds * 1e6)
        let (isNew, isFirst) = beating.withLock { beating in
            beating.files[file.path] = (file, microseconds)
            defer { beating.isAtExit = true }
            return (beating.threads.insert(microseconds).inserted, !beating.isAtExit)
        }
        if isFirst { atexit { Heartbeat.giveBack() } }
        if isNew { start(every: microseconds) }
    }

    static func end(_ file: LeaseFile) {
        beating.withLock { beating in
            if beating.files[file.path]?.file === file { beating.files[file.path] = nil }
        }
    }

    /// Whether a lease is one of this process.
    static func knows(_ path: String) -> Bool { beating.withLock { $0.files[path] != nil } }

    private static func giveBack() {
        let files = beating.withLock { Array($0.files.values) }
        for (file, _) in files where file.kind == .lock { file.remove() }
    }

    private static func renew(every microseconds: UInt32) {
        let files = beating.withLock { beating in
            beating.files.values.filter { $0.microseconds == microseconds }.map(\.file)
        }
        for file in files { file.renew() }
    }

    private static func start(every microseconds: UInt32) {
        // Signals are for the thread that waits for them.
        var (all, before) = (sigset_t(), sigset_t())
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        // Without a thread leases do not beat: other machines may then take
        // what this one holds, which it is told of by none.
        let code = pthread_create(
            &thread, &attributes,
            { raw in
                let microseconds = UInt32(UInt(bitPattern: raw))
                while true {
                    usleep(microseconds)
                    Heartbeat.renew(every: microseconds)
                }
            }, UnsafeMutableRawPointer(bitPattern: UInt(microseconds)))
        if code != 0 { beating.withLock { _ = $0.threads.remove(microseconds) } }
    }
}
