import CPlatform
import Glibc
import Platform
import Synchronization
import Testing

@testable import Transfers

/// Programs that the venv of the peers brings (Tests/peers/requirements.txt).
enum Peers {
    /// Nil where SLUICE_PEERS_PYTHON names no program, or its venv has no such programs.
    static let folder: String? = {
        guard let value = getenv("SLUICE_PEERS_PYTHON"), access(value, X_OK) == 0 else {
            print("Transfers: no real S3 server asked: SLUICE_PEERS_PYTHON names no program")
            return nil
        }
        let python = String(cString: value)
        let folder = String(python[..<(python.lastIndex(of: "/") ?? python.startIndex)])
        for name in ["rclone", "juicefs"] where access("\(folder)/\(name)", X_OK) != 0 {
            print("Transfers: no real S3 server asked: there is no \(folder)/\(name)")
            return nil
        }
        return folder
    }()

    static let openssl: String? = {
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":")
        let found = folders.map { folder -> String in "\(folder)/openssl" }.first { access($0, X_OK) == 0 }
        if found == nil { print("Transfers: nothing asked over TLS: there is no openssl in PATH") }
        return found
    }()
}

/// A program that listens while the test process lives: a shell ends it when its pipe from here closes, however that
/// comes about.
final class PeerServer: Sendable {
    private let pipe: Int32
    private let shell: pid_t
    let log: String

    /// - Parameter command: The program with its arguments, and variables in front.
    init(_ command: String, log: String) throws {
        var ends: [Int32] = [-1, -1]
        try #require(sluice_pipe(&ends, O_CLOEXEC) == 0)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let script = "exec 3<&0; env \(command) </dev/null 3<&- & read -r x <&3; kill -9 $!"
        let words: [String] = ["/bin/sh", "-c", script]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let started = posix_spawn(&pid, "/bin/sh", &actions, nil, &arguments, sluice_environment())
        close(ends[0])
        try #require(started == 0)
        (pipe, shell, self.log) = (ends[1], pid, log)
    }

    deinit {
        close(pipe)
        var status: Int32 = 0
        while waitpid(shell, &status, 0) < 0, errno == EINTR {}
    }

    var said: String { ((try? Files.read(log)).map { String(decoding: $0, as: UTF8.self) }) ?? "" }

    /// Asks until somebody answers.
    func waitUntil(_ isReady: () -> Bool) throws {
        for _ in 0..<400 {
            if isReady() { return }
            usleep(50_000)
        }
        try #require(Bool(false), "no server came up: \(said)")
    }

    /// A port that nobody listens on, by the system's choice.
    static func freePort() throws -> UInt16 {
        try FaultServer { _, _ in .answer() }.port
    }
}
