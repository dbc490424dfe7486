import Platform

/// Gives a stream's bytes to whoever reads records: an error is thrown only when all bytes before it are given, so that it
/// can be said in which record it is.
final class TextFeed {
    private let stream: any ByteStream
    private var failure: (any Error)?

    init(_ stream: any ByteStream) { self.stream = stream }

    /// Fills a buffer, unless something is wrong further on.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> (count: Int, isLast: Bool) {
        if let failure { throw failure }
        var filled = 0
        while filled < buffer.count {
            do {
                let room = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                let count = try stream.read(into: room)
                if count == 0 { return (filled, true) }
                filled += count
            } catch {
                failure = error
                break
            }
        }
        return (filled, false)
    }
}
