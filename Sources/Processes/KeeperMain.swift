import CPlatform
import Glibc

/// The keeper's side: `sluice keeper`, started by a run and by nobody else.
public enum KeeperMain {
    /// Serves the runner at the other end of standard input until that end is
    /// closed, then leaves nothing behind.
    public static func run() -> Never {
        var kind: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(0, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 else {
            fail("'sluice keeper' is a part of 'sluice run' and not started by hand", code: 2)
        }
        // What ends a run is the runner's to decide, and a terminal's Ctrl-C
        // must not reach the stages past it.
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU] {
            signal(number, SIG_IGN)
        }
        let socket = fcntl(0, F_DUPFD_CLOEXEC, 3)
        let null = open("/dev/null", O_RDWR)
        guard socket >= 0, null >= 0, dup2(null, 0) == 0, dup2(null, 1) == 1 else {
            fail("the keeper cannot open its files: \(String(cString: strerror(errno)))", code: 1)
        }
        if null > 2 { close(null) }
        let children = sluice_child_signals()
        guard children >= 0, sluice_become_subreaper() == 0, fcntl(socket, F_SETFL, O_NONBLOCK) == 0 else {
            fail("the keeper cannot watch its children: \(String(cString: strerror(errno)))", code: 1)
        }
        KeeperLoop(channel: Channel(socket), childSignals: children).run()
    }

    private static func fail(_ message: String, code: Int32) -> Never {
        var line = "error: \(message)\n"
        line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
        exit(code)
    }
}

/// Seconds on a clock that nobody sets.
func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
