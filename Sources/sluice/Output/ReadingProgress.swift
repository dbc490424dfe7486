import Charts
import Glibc
import Synchronization

/// One line on a terminal that says how far a file has been read, for what takes longer than a second.
final class ReadingProgress: Sendable {
    private let name: String
    private let isLive = Terminal.isLive
    private let times: Mutex<(started: Double, shown: Double?)>

    init(_ name: String) {
        self.name = name
        times = Mutex((Self.now, nil))
    }

    func show(rows: Int, fraction: Double?) {
        guard isLive else { return }
        times.withLock { times in
            let now = Self.now
            guard now - times.started > 1, now - (times.shown ?? 0) > 0.1 else { return }
            times.shown = now
            let share = fraction.map { ", \(NumberText.percent($0, 0))" } ?? ""
            Terminal.message("\r\u{1B}[Kreading \(name): \(NumberText.count(rows)) rows\(share)")
        }
    }

    /// Takes the line away.
    func end() {
        times.withLock { times in
            if times.shown != nil { Terminal.message("\r\u{1B}[K") }
            times.shown = nil
        }
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
