import Glibc
import Platform

/// A server that a test starts, and that ends with this object or with the test process, however that ends: it is the
/// child of a shell which waits for the end of its input, and we hold the other end.
public final class ServerProcess: @unchecked Sendable {
    public let folder: String
    private let log: String
    private let input: UnsafeMutablePointer<FILE>

    /// - Parameters:
    ///   - command: As a shell reads it, without variables in front (`env NAME=VALUE ...`); `exec`'d in the folder.
    ///   - folder: Where it runs.
    ///   - log: The file there that all it says goes to.
    ///   - signal: What ends it at once and leaves nothing of it behind.
    ///   - ownsFolder: Whether the folder is removed with it.
    public init(
        _ command: String, in folder: String, log: String = "log", signal: String = "KILL",
        ownsFolder: Bool = false
    ) throws {
        self.folder = folder
        self.log = "\(folder)/\(log)"
        let script = """
            cd '\(folder)'; rm "$0"; (exec \(command)) >'\(log)' 2>&1 </dev/null & server=$!
            cat >/dev/null
            kill -\(signal) $server; (sleep 5; kill -9 $server) 2>/dev/null & killer=$!
            wait $server; kill $killer
            \(ownsFolder ? "cd /; rm -rf '\(folder)'" : "")
            """
        let path = "\(folder)/serve-\(String(UInt64.random(in: 0 ... .max), radix: 36)).sh"
        try Files.write(Array(script.utf8), to: path)
        // `e`: what else the tests start must not hold our end open.
        guard let input = popen("exec setsid sh '\(path)' >/dev/null 2>&1", "we") else {
            throw SystemError("start a server in", folder)
        }
        self.input = input
    }

    deinit { pclose(input) }

    /// What it has said.
    public var said: String { (try? Files.read(log)).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// Asks until something is so.
    public func waitUntil(seconds: Double = 30, _ isSo: () -> Bool) throws {
        let end = monotonicSeconds() + seconds
        while !isSo() {
            guard monotonicSeconds() < end else { throw ServerTrouble(text: "\(log): no answer\n\(said)") }
            usleep(50_000)
        }
    }

    /// Until it accepts connections at a port of the loopback interface.
    public func waitUntilItListens(at port: Int) throws {
        try waitUntil { ServerAddress.tcp(host: "127.0.0.1", port: "\(port)").refusal(within: 1) == nil }
    }

    /// A folder below /tmp that any user may enter.
    static func makeFolder(_ name: String) throws -> String {
        var template = Array("/tmp/sluice-\(name)-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }
        guard let made else { throw SystemError("make the folder", name) }
        let folder = String(cString: made)
        chmod(folder, 0o755)
        return folder
    }

    /// Runs a shell command.
    ///
    /// - Throws: `ServerTrouble` with all it says, where it fails.
    @discardableResult
    static func shell(_ command: String) throws -> String {
        do {
            return String(
                decoding: try Subprocess.output(of: ["sh", "-ec", command], mergesErrors: true), as: UTF8.self
            )
        } catch {
            throw ServerTrouble(text: "\(command)\n\(error)")
        }
    }

    /// The command that makes a certificate for 127.0.0.1, and its key.
    static func certificate(in folder: String) -> String {
        """
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout \(folder)/key.pem -out \(folder)/cert.pem \
        -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1; chmod 600 \(folder)/key.pem
        """
    }

    static var isRoot: Bool { getuid() == 0 }
}

/// Why a server of a test does not run.
public struct ServerTrouble: Error, CustomStringConvertible {
    public var text: String
    public var description: String { text }
}
