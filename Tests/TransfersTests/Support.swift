import Glibc
import Platform
import Testing
import Transfers

/// A folder of a test's own, gone with it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/sluice-transfers-XXXXXX".utf8CString)
        path = try template.withUnsafeMutableBufferPointer { buffer in
            String(cString: try #require(buffer.baseAddress.flatMap { mkdtemp($0) }))
        }
    }

    deinit { try? Files.remove(path) }

    func place(_ name: String) -> String { "\(path)/\(name)" }
}

/// Patience of a test's length.
func quickly(attempts: Int = 5) -> TransferSettings {
    var settings = TransferSettings()
    settings.connectSeconds = 2
    settings.stallSeconds = 1
    settings.retries.attempts = attempts
    settings.retries.firstWait = 0.005
    settings.retries.longestWait = 3
    return settings
}

/// What a fetch says that fails.
func failure(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let error as any TransferFault {
        return error.message + (error.fix.map { "\nfix: \($0)" } ?? "")
    } catch {
        return "not a fault: \(error)"
    }
}
