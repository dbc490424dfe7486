import CPlatform
import Glibc

/// What `/proc/PID/stat` says. Source: proc(5).
struct ProcessStatus: Hashable {
    var state: UInt8
    var parent: pid_t
    var group: pid_t
    var session: pid_t
    /// In clock ticks since boot: with the pid it names a process for good.
    var startTime: Int64

    var isAlive: Bool { state != UInt8(ascii: "Z") && state != UInt8(ascii: "X") }
}

/// The processes of the machine, read from `/proc`. Anything may have ended
/// between two reads, so all answers are optional.
enum ProcessTable {
    static func status(_ pid: pid_t) -> ProcessStatus? {
        guard let bytes = contents("/proc/\(pid)/stat"), let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else {
            return nil
        }
        let fields = bytes[(end + 1)...].split(separator: 0x20)
        guard fields.count > 19, let state = fields[0].first, let parent = number(fields[1]),
            let group = number(fields[2]), let session = number(fields[3]), let start = number(fields[19])
        else { return nil }
        return ProcessStatus(
            state: state, parent: pid_t(truncatingIfNeeded: parent), group: pid_t(truncatingIfNeeded: group),
            session: pid_t(truncatingIfNeeded: session), startTime: start)
    }

    /// The children of a process, of all its threads. Exact when the process is
    /// the caller and has one thread, since only it can remove a child.
    static func children(of pid: pid_t) -> [pid_t] {
        guard hasChildrenFiles else { return childrenByScan(of: pid) }
        if pid == getpid(), let threads = threadCount, threads == 1 {
            return numbers(contents("/proc/self/task/\(pid)/children"))
        }
        return entries("/proc/\(pid)/task").flatMap { numbers(contents("/proc/\(pid)/task/\($0)/children")) }
    }

    /// The same from every process's parent, for systems without those files.
    static func childrenByScan(of pid: pid_t) -> [pid_t] {
        entries("/proc").filter { status($0)?.parent == pid }
    }

    /// The processes themselves and all below them, each once.
    static func tree(_ roots: [pid_t]) -> [pid_t] {
        var found: [pid_t] = []
        var seen: Set<pid_t> = []
        var open = Array(roots.reversed())
        while let pid = open.popLast() {
            guard seen.insert(pid).inserted else { continue }
            found.append(pid)
            open += children(of: pid)
        }
        return found
    }

    /// A variable of the environment the process was started with.
    static func variable(_ name: String, of pid: pid_t) -> [UInt8]? {
        guard let bytes = contents("/proc/\(pid)/environ") else { return nil }
        let prefix = Array("\(name)=".utf8)
        return bytes.split(separator: 0).first { $0.starts(with: prefix) }.map {
            Array($0.dropFirst(prefix.count))
        }
    }

    /// Anonymous and shared memory in use: pages of files are not counted.
    /// What processes share counts in each of them.
    static func anonymousBytes(_ pid: pid_t) -> Int64 {
        kilobytes(["RssAnon:", "RssShmem:"], in: "/proc/\(pid)/status") ?? 0
    }

    /// The same with what is shared divided among its sharers; exact over a
    /// tree, but as slow as the memory is large. Nil where it may not be read.
    static func proportionalBytes(_ pid: pid_t) -> Int64? {
        kilobytes(["Pss_Anon:", "Pss_Shmem:"], in: "/proc/\(pid)/smaps_rollup")
    }

    private static let hasChildrenFiles = access("/proc/self/task/\(getpid())/children", R_OK) == 0

    private static var threadCount: Int? {
        var info = stat()
        // A folder has two links more than it has folders inside.
        return stat("/proc/self/task", &info) == 0 ? Int(info.st_nlink) - 2 : nil
    }

    private static func kilobytes(_ labels: [String], in path: String) -> Int64? {
        guard let bytes = contents(path) else { return nil }
        var total: Int64 = 0
        var isFound = false
        for line in bytes.split(separator: 0x0a) {
            for label in labels where line.starts(with: label.utf8) {
                let digits = line.drop { $0 < 0x30 || $0 > 0x39 }.prefix { $0 >= 0x30 && $0 <= 0x39 }
                guard let value = number(digits) else { continue }
                total &+= value &* 1024
                isFound = true
            }
        }
        return isFound ? total : nil
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        Int64(String(decoding: digits, as: UTF8.self))
    }

    private static func numbers(_ bytes: [UInt8]?) -> [pid_t] {
        (bytes ?? []).split(separator: 0x20).compactMap { number($0).map { pid_t(truncatingIfNeeded: $0) } }
    }

    private static func entries(_ path: String) -> [pid_t] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var found: [pid_t] = []
        while let entry = readdir(directory) {
            let pid = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { pid_t(String(cString: $0)) }
            }
            if let pid { found.append(pid) }
        }
        return found
    }

    /// A file of `/proc`, whose size is not known beforehand; bounded, since an
    /// environment is as large as its process wants.
    private static func contents(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count < 8 << 20 {
            let count = withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 16) { buffer in
                let count = read(descriptor, buffer.baseAddress!, buffer.count)
                if count > 0 { bytes.append(contentsOf: buffer[..<count]) }
                return count
            }
            if count < 0 {
                if errno == EINTR { continue }
                return nil
            }
            if count == 0 { break }
        }
        return bytes
    }
}
