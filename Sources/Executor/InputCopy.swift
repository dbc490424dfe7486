import ContentStore
import Platform

/// A copy of an input that a command may do with what it likes.
struct InputCopy {
    var origin: String
    var target: String
    var digest: Digest
    var isExecutable: Bool
    /// Whether it is a copy of a blob.
    var isStored: Bool

    /// The copy is what the stage reads, so it is the copy that is judged: a
    /// source edited since it was hashed never passes for what it was.
    func make() throws {
        try Files.copy(origin, to: target, mode: isExecutable ? 0o755 : 0o644)
        guard try Digest.ofFile(target).digest != digest else { return }
        if isStored { throw StoreFinding.damagedBlob(digest: digest.hex) }
        throw SourceChanged(path: origin)
    }

    /// By as many threads as there are cores; the first problem counts.
    static func make(_ copies: [InputCopy]) throws {
        let share = 64
        let shares = (copies.count + share - 1) / share
        let problems = UnsafeMutableBufferPointer<(any Error)?>.allocate(capacity: shares)
        problems.initialize(repeating: nil)
        defer { problems.deinitialize().deallocate() }
        WorkerPool(size: min(max(1, shares), Cores.available)).runEach(shares) { number in
            do {
                for copy in copies[number * share..<min((number + 1) * share, copies.count)] {
                    try copy.make()
                }
            } catch {
                problems[number] = error
            }
        }
        for case let problem? in problems { throw problem }
    }
}
