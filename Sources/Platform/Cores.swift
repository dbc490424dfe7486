import CPlatform

/// How many cores this process may use: what it is allowed, less by quota.
public enum Cores {
    /// The smaller of the processor affinity and the cgroup v2 quota; at least 1.
    public static let available: Int = {
        var count = Int(sluice_allowed_processors())
        if let bytes = try? Files.read("/sys/fs/cgroup/cpu.max") {
            let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
            if words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), period > 0 {
                count = min(count, Int((quota / period).rounded(.up)))
            }
        }
        return max(1, count)
    }()
}
