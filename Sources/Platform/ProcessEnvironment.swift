/// The environment a process was started with.
public enum ProcessEnvironment {
    /// By name. What the process has set since is not among it.
    public static let own: [String: String] = {
        // The C library's list is a variable that any thread may change; the system's is not.
        let bytes = (try? Files.read("/proc/self/environ")) ?? []
        var variables: [String: String] = [:]
        for entry in bytes.split(separator: 0) {
            guard let equals = entry.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: entry[..<equals], as: UTF8.self)
            variables[name] = String(decoding: entry[(equals + 1)...], as: UTF8.self)
        }
        return variables
    }()
}
