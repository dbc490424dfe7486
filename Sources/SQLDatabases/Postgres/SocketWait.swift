import Glibc
import Platform

/// Waits for a library that reads a socket by itself. Of an encrypted connection it may hold bytes that the socket no
/// longer has, so it is asked while the socket is silent too: at once, then less and less often.
struct SocketWait {
    let descriptor: CInt
    /// Seconds in which nothing comes until the server is given up.
    let silence: Double

    /// In milliseconds.
    private static let longestSlice = 1000

    /// - Parameters:
    ///   - rows: How many had come.
    ///   - take: Has the library read what is there; false where it cannot, which ends the wait.
    ///   - isBusy: Whether it needs more than it has read.
    func run(rows: Int, take: () -> Bool, isBusy: () -> Bool) throws(SQLError) {
        var end = monotonicSeconds() + silence
        var slice = 0
        repeat {
            let left = end - monotonicSeconds()
            guard left > 0 else { throw .lost("the server said nothing for \(Int(silence)) s", rows: rows) }
            if try hasSpoken(within: min(slice, Int((left * 1000).rounded(.up))), rows: rows) {
                end = monotonicSeconds() + silence
                slice = 0
            } else {
                slice = min(max(1, slice * 2), Self.longestSlice)
            }
        } while take() && isBusy()
    }

    private func hasSpoken(within milliseconds: Int, rows: Int) throws(SQLError) -> Bool {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let answers = poll(&wait, 1, CInt(milliseconds))
        // A signal is no word of the server's.
        if answers < 0, errno != EINTR {
            throw .lost("the connection cannot be watched: \(String(cString: strerror(errno)))", rows: rows)
        }
        return answers > 0
    }
}
