import Glibc
import Platform
import Testing

/// What tests of troubles need beside a workplace.
extension Workplace {
    /// Everything people see: bytes of all files but the store's, by path.
    func people(_ folder: String = "") throws -> [String: String] {
        var found: [String: String] = [:]
        for name in try Files.list(self.folder + "/" + folder) where name != ".sluice" && name != ".git" {
            let path = folder.isEmpty ? name : folder + "/" + name
            if try Files.status(self.folder + "/" + path, followLinks: false)?.kind == .directory {
                found.merge(try people(path)) { $1 }
            } else {
                found[path] = try read(path)
            }
        }
        return found
    }

    /// What is held with leases, and folders that held some; what is not yet
    /// in place does not count.
    func leases() throws -> [String] {
        let path = folder + "/.sluice/leases"
        return Files.exists(path) ? try Files.list(path).filter { !$0.hasPrefix(".") } : []
    }

    /// Runs a line of shell in the workplace; the program is `$SLUICE` there.
    @discardableResult
    func shell(_ line: String) throws -> (status: Int32, text: String) {
        let script = "cd '\(folder)'; SLUICE='\(Self.program)'; ( \(line) ); echo \"status $?\""
        let bytes = try Subprocess.output(of: ["/bin/sh", "-c", script], mergesErrors: true)
        var lines = String(decoding: bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        while lines.last?.isEmpty == true { lines.removeLast() }
        let status = try #require(Int32(lines.removeLast().dropFirst("status ".count)))
        return (status, lines.joined(separator: "\n"))
    }

    /// The only blob with these bytes.
    func blob(_ text: String) throws -> String {
        for folder in try Files.list(self.folder + "/.sluice/cas") {
            for name in try Files.list(self.folder + "/.sluice/cas/" + folder) {
                let path = ".sluice/cas/\(folder)/\(name)"
                if try read(path) == text { return path }
            }
        }
        throw SystemError("find a blob of", text, errno: ENOENT)
    }

    /// Flips one bit, whatever the mode.
    func flip(_ path: String, byte: Int? = nil, bit: Int = 0) throws {
        var bytes = try Files.read(folder + "/" + path)
        let place = byte ?? bytes.count / 2
        bytes[place] ^= 1 << UInt8(bit)
        let mode = try #require(try Files.status(folder + "/" + path)).mode
        chmod(folder + "/" + path, 0o644)
        try Files.write(bytes, to: folder + "/" + path)
        chmod(folder + "/" + path, mode_t(mode & 0o777))
    }

    /// Processes started for stages of this workplace that still live, and the
    /// keepers that may start more.
    var processes: [pid_t] {
        let needle = Array("TMPDIR=\(folder)/".utf8)
        return ((try? Files.list("/proc")) ?? []).compactMap { pid_t($0) }.filter { pid in
            guard let bytes = try? Files.read("/proc/\(pid)/environ") else { return false }
            return bytes.split(separator: 0).contains { $0.starts(with: needle) } || isKeeper(pid)
        }
    }

    private func isKeeper(_ pid: pid_t) -> Bool {
        guard let words = try? Files.read("/proc/\(pid)/cmdline").split(separator: 0), words.count == 2,
            words[1].elementsEqual("keeper".utf8)
        else { return false }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = max(0, readlink("/proc/\(pid)/cwd", &buffer, buffer.count))
        return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) == folder
    }
}

/// Waits until something holds; false when it does not within the time.
func holds(within seconds: Double, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = monotonicSeconds() + seconds
    while monotonicSeconds() < end {
        if try condition() { return true }
        usleep(5000)
    }
    return try condition()
}

/// SplitMix64: moments that can be had again from their seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
