import Dispatch
import Glibc
import Platform
import Testing

@Suite struct HeldFileTests {
    /// Seen to fail with a lock that does not wait, as "Resource temporarily
    /// unavailable": `TogetherTests` met it once in many runs.
    @Test func oneWhoCleansUpNeverTakesAFileFromItsMaker() throws {
        let folder = "/tmp/sluice-held-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try Files.makeDirectories(folder)
        defer { try? Files.remove(folder) }
        DispatchQueue.concurrentPerform(iterations: 4) { worker in
            for round in 0..<400 {
                let path = "\(folder)/\(worker % 2)-\(round)"
                guard worker < 2 else {
                    // Cleans up whatever nobody holds.
                    let descriptor = open(path, O_RDWR | O_CLOEXEC)
                    guard descriptor >= 0 else { continue }
                    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
                    close(descriptor)
                    continue
                }
                do {
                    let descriptor = try HeldFile.make(path)
                    #expect(Files.exists(path))
                    unlink(path)
                    close(descriptor)
                } catch {
                    Issue.record(error)
                }
            }
        }
    }
}
