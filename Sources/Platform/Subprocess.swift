import CPlatform
import Glibc

/// A short helper program whose output is wanted: a tool's version, what git
/// ignores. Stages are never started this way; the keeper starts those.
public enum Subprocess {
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// As `waitpid` gives it; nil when the program could not be started.
        public var status: Int32?
        public var output: [UInt8]

        public var description: String { String(decoding: output.prefix(2000), as: UTF8.self) }
    }

    /// What a program prints on standard output.
    ///
    /// - Parameters:
    ///   - arguments: The program, looked up in PATH, and its arguments.
    ///   - mergesErrors: Whether standard error counts as output; else it is dropped.
    /// - Throws: `Failure` unless it exits with 0.
    public static func output(of arguments: [String], mergesErrors: Bool = false) throws(Failure) -> [UInt8] {
        var ends: [Int32] = [-1, -1]
        guard sluice_pipe(&ends, O_CLOEXEC) == 0 else { throw Failure(status: nil, output: []) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        if mergesErrors {
            posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        } else {
            posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        }
        var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for string in strings { free(string) } }
        var pid: pid_t = 0
        let started = posix_spawnp(&pid, strings[0]!, &actions, nil, &strings, sluice_environment())
        close(ends[1])
        guard started == 0 else { throw Failure(status: nil, output: Array("cannot be started".utf8)) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(ends[0], &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            output += buffer[..<count]
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw Failure(status: status, output: output) }
        return output
    }
}
