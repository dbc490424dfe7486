import Glibc
import Probes

/// One side of a suite: does what it is told on its standard input, so that a peer can be measured in turn with it.
///
/// - `list` prints the cases in a line.
/// - `keep` lets malloc keep what it has had, and prints `kept`.
/// - `CASE<TAB>ready` makes a case and prints `ready`.
/// - `CASE<TAB>SECONDS` does a case again and again for at least that long, once at least, and prints the seconds of
///   one go, and those of CPU time.
/// - `CASE<TAB>check` does a case once and prints what came out: a summary, or `file` and a path.
/// - `CASE<TAB>peak` prints the bytes it has at most (Memory.swift).
public enum BenchLoop {
    public static func run(_ cases: [Case]) {
        let known = Dictionary(uniqueKeysWithValues: cases.map { ($0.name, $0) })
        var made: [String: () -> Void] = [:]
        while let line = readLine() {
            if line == "list" {
                answer(cases.map(\.name).joined(separator: "\t"))
                continue
            }
            if line == "keep" {
                sluice_probe_keep_memory()
                answer("kept")
                continue
            }
            let words = line.split(separator: "\t").map(String.init)
            guard words.count == 2, let one = known[words[0]] else {
                answer("error: no case '\(line)'")
                continue
            }
            if words[1] == "peak" {
                answer("\(Memory.peak(of: one))")
                continue
            }
            // Put in once: a function that is taken out of a dictionary and put back is wrapped once more each time.
            if made[one.name] == nil { made[one.name] = one.make() }
            guard let work = made[one.name] else { fatalError("'\(one.name)' was just put in") }
            switch (words[1], Double(words[1])) {
            case ("ready", _): answer("ready")
            case ("check", _):
                work()
                answer(one.result?() ?? "error: '\(one.name)' has no result to check")
            case (_, .some(let seconds)): answer(timed(work, for: seconds))
            default: answer("error: no seconds '\(line)'")
            }
        }
    }

    /// A line that whoever asked is waiting for.
    private static func answer(_ text: String) {
        print(text)
        fflush(nil)
    }

    private static func timed(_ work: () -> Void, for seconds: Double) -> String {
        var count = 0.0
        let (start, cpu) = (time(CLOCK_MONOTONIC), time(CLOCK_PROCESS_CPUTIME_ID))
        repeat {
            work()
            count += 1
        } while time(CLOCK_MONOTONIC) - start < seconds
        let wall = time(CLOCK_MONOTONIC) - start
        return "\(wall / count)\t\((time(CLOCK_PROCESS_CPUTIME_ID) - cpu) / count)"
    }

    private static func time(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// Something to be measured. What it needs is made at first use and kept.
public struct Case {
    public var name: String
    public var make: () -> () -> Void
    /// What the last go gave.
    public var result: (() -> String)?

    public init(name: String, make: @escaping () -> () -> Void) {
        self.name = name
        self.make = make
    }

    /// Of two threads a case has its name with that at the end.
    public static func name(_ name: String, threads: Int) -> String {
        threads == 1 ? name : "\(name) \(threads) threads"
    }
}
