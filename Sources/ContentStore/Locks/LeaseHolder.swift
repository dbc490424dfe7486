import CanonicalJSON
import Glibc
import Platform

/// The process that a lease belongs to, known by more than a number that is
/// given out again: machine, boot, what counts its processes, number, start.
struct LeaseHolder: Hashable, Sendable {
    var host: String
    /// The kernel's name of the boot.
    var boot: String
    /// The kernel's name of the PID namespace: containers of one machine number
    /// their processes each for itself.
    var namespace: String
    var pid: Int32
    /// Clock ticks from the boot to its start; 0 where it cannot be told.
    var started: Int64

    /// This process.
    static let current = LeaseHolder(
        host: hostName, boot: BootRecord.current, namespace: link("/proc/self/ns/pid"), pid: getpid(),
        started: Self.status(of: getpid())?.started ?? 0)

    /// Whether its process is one that this process could see.
    var isHere: Bool {
        let here = Self.current
        return !boot.isEmpty && host == here.host && boot == here.boot && namespace == here.namespace
    }

    /// Whether the process has ended, or waits for nothing but its parent.
    ///
    /// - Precondition: `isHere`.
    var isGone: Bool {
        if kill(pid, 0) != 0, errno == ESRCH { return true }
        // Of another user's process there may be no more to see than that it is there.
        guard let status = Self.status(of: pid) else { return false }
        return status.started != started || status.hasEnded
    }

    // MARK: As bytes

    /// - Parameter beat: Counts renewals; as wide for every one, so that a beat
    ///   is written over the last.
    func bytes(beat: Int) -> [UInt8] {
        let count = String(beat)
        let json: JSONValue = [
            "beat": .string(String(repeating: "0", count: max(0, 12 - count.count)) + count),
            "boot": .string(boot), "host": .string(host), "namespace": .string(namespace),
            "pid": .integer(Int64(pid)), "started": .integer(started),
        ]
        return json.canonicalBytes + [UInt8(ascii: "\n")]
    }

    /// - Returns: Nil for anything but a whole lease.
    init?(bytes: [UInt8]) {
        guard let json = try? JSONValue(parsing: bytes), let host = json["host"]?.string,
            let boot = json["boot"]?.string, let namespace = json["namespace"]?.string,
            let pid = json["pid"]?.integer.flatMap({ Int32(exactly: $0) }), pid > 0,
            let started = json["started"]?.integer
        else { return nil }
        self.init(host: host, boot: boot, namespace: namespace, pid: pid, started: started)
    }

    init(host: String, boot: String, namespace: String, pid: Int32, started: Int64) {
        self.host = host
        self.boot = boot
        self.namespace = namespace
        self.pid = pid
        self.started = started
    }

    // MARK: What the system says

    private static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func link(_ path: String) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = max(0, readlink(path, &buffer, buffer.count))
        return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Source: proc_pid_stat(5), fields 3 and 22. The name before them is in
    /// parentheses and may hold anything.
    private static func status(of pid: Int32) -> (started: Int64, hasEnded: Bool)? {
        guard let bytes = try? Files.read("/proc/\(pid)/stat"),
            let name = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = bytes[(name + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let started = Int64(String(decoding: fields[19], as: UTF8.self)) else {
            return nil
        }
        return (started, fields[0].elementsEqual("Z".utf8) || fields[0].elementsEqual("X".utf8))
    }
}
