import Glibc
import Probes

/// What a case has of this process's memory; asked of a process that has done nothing yet.
enum Memory {
    /// The most bytes that are resident while a case is done five times, above what was
    /// before it was made. Before that it is made and done for nothing, since code that
    /// is read in is no case's; as the peer does it (memory.py).
    static func peak(of one: Case) -> Int {
        doForNothing(one)
        sluice_probe_trim()
        let before = status("VmRSS")
        let work = one.make()
        for _ in 0..<2 { work() }
        forget()
        for _ in 0..<5 { work() }
        return status("VmHWM") - before
    }

    @inline(never)
    private static func doForNothing(_ one: Case) { one.make()() }

    /// From here on the peak is counted anew (man 5 proc_pid_clear_refs).
    private static func forget() {
        guard let file = fopen("/proc/self/clear_refs", "w"), fputs("5", file) >= 0, fclose(file) == 0 else {
            fatalError("/proc/self/clear_refs: cannot be written")
        }
    }

    /// Bytes, of a line of /proc/self/status such as "VmHWM:     1234 kB".
    private static func status(_ key: String) -> Int {
        guard let file = fopen("/proc/self/status", "r") else {
            fatalError("/proc/self/status: cannot be read")
        }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                .split { $0 == " " || $0 == "\t" }
            if words.count > 1, words[0] == key + ":", let number = Int(words[1]) { return number * 1024 }
        }
        fatalError("/proc/self/status: no '\(key)'")
    }
}
