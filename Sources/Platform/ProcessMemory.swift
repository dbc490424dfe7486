/// What this process takes of the machine's memory.
public enum ProcessMemory {
    /// Bytes of anonymous and shared memory in use: pages of files that are mapped are not counted. 0 where the system
    /// does not say.
    ///
    /// - Complexity: A system call or three, some microseconds.
    public static var own: Int64 {
        guard let bytes = try? Files.read("/proc/self/status") else { return 0 }
        var sum: Int64 = 0
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard line.starts(with: "RssAnon:".utf8) || line.starts(with: "RssShmem:".utf8) else { continue }
            let digits = line.filter { (0x30...0x39).contains($0) }
            sum += (Int64(String(decoding: digits, as: UTF8.self)) ?? 0) * 1024
        }
        return sum
    }
}
