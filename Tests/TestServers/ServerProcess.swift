import Glibc
import Platform

/// A server that a test starts in a folder of its own, and that ends with the test process however that ends: it is the
/// child of a shell which waits for the end of its input, and we hold the other end.
final class ServerProcess: @unchecked Sendable {
    let folder: String
    private let input: UnsafeMutablePointer<FILE>

    /// - Parameters:
    ///   - folder: It is removed with the server.
    ///   - command: A shell word for word; `exec`'d in the folder, its output in `log`.
    ///   - signal: What ends it at once and leaves nothing of it behind.
    init(folder: String, command: String, signal: String) throws {
        self.folder = folder
        let script = """
            cd '\(folder)'; (exec \(command)) >log 2>&1 </dev/null & server=$!
            cat >/dev/null
            kill -\(signal) $server; (sleep 5; kill -9 $server) & killer=$!
            wait $server; kill $killer; cd /; rm -rf '\(folder)'
            """
        try Files.write(Array(script.utf8), to: "\(folder)/serve.sh")
        // `e`: what else the tests start must not hold our end open.
        guard let input = popen("exec setsid sh '\(folder)/serve.sh' >/dev/null 2>&1", "we") else { throw SystemError("start a server in", folder) }
        self.input = input
    }

    var log: String { (try? Files.read("\(folder)/log")).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// Asks until something is so.
    func wait(seconds: Double = 30, until isSo: () -> Bool) throws {
        let end = monotonicSeconds() + seconds
        while !isSo() {
            guard monotonicSeconds() < end else { throw ServerTrouble(text: "\(folder): no answer\n\(log)") }
            usleep(50_000)
        }
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

    /// A port of the loopback interface that nobody has.
    static func freePort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = bind(descriptor, pointer, size)
                getsockname(descriptor, pointer, &size)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }

    /// Runs a shell command.
    ///
    /// - Throws: `ServerTrouble` with all it says, where it fails.
    @discardableResult
    static func shell(_ command: String) throws -> String {
        do {
            return String(
                decoding: try Subprocess.output(of: ["sh", "-ec", command], mergesErrors: true), as: UTF8.self)
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
