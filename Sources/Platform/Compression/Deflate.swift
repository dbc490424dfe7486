/// Bare deflate (RFC 1951) and the checksum that goes with it, by zlib: what the files of a ZIP file are packed with.
public enum Deflate {
    /// Bytes of the pieces that come out.
    private static let piece = 1 << 17

    /// - Parameters:
    ///   - take: Gets what comes out, piece by piece.
    /// - Returns: Whether the source is one stream from its first to its last byte.
    public static func unpack(
        _ source: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool {
        let begin = try Gzip.library.function("inflateInit2_", as: Gzip.Begin.self)
        let (inflate, end) = (try Gzip.step(), try Gzip.end())
        // zlib points back at the stream, so it may not move.
        let stream = UnsafeMutablePointer<Gzip.Stream>.allocate(capacity: 1)
        defer { stream.deallocate() }
        stream.initialize(to: Gzip.Stream())
        // 15 bits of window; less than zero means that no header is there.
        guard begin(stream, -15, "1.2.11", Int32(MemoryLayout<Gzip.Stream>.size)) == 0 else {
            fatalError("no memory to unpack deflate in")
        }
        defer { _ = end(stream) }
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 16)
        defer { room.deallocate() }
        var taken = 0
        while true {
            let most = min(source.count - taken, 1 << 30)
            stream.pointee.nextIn = source.baseAddress.map { $0 + taken }
            stream.pointee.availableIn = UInt32(most)
            stream.pointee.nextOut = room.baseAddress
            stream.pointee.availableOut = UInt32(room.count)
            // 0 is Z_NO_FLUSH; 1 Z_STREAM_END; -5 Z_BUF_ERROR: it could do nothing.
            let result = inflate(stream, 0)
            let (came, given) = (
                most - Int(stream.pointee.availableIn), room.count - Int(stream.pointee.availableOut)
            )
            taken += came
            if given > 0 { try take(UnsafeRawBufferPointer(rebasing: room[..<given])) }
            if result == 1 { return taken == source.count }
            guard result == 0, came > 0 || given > 0 else { return false }
        }
    }

    /// CRC-32 (ISO 3309) of bytes that follow those of a checksum, at first 0.
    public struct Checksum {
        private typealias Step = @convention(c) (UInt, UnsafeRawPointer?, Int) -> UInt
        private let step: Step
        private var state: UInt = 0

        public init() throws(DynamicLibraryError) {
            step = try Gzip.library.function("crc32_z", as: Step.self)
        }

        public mutating func take(_ bytes: UnsafeRawBufferPointer) {
            // zlib starts anew where there is no pointer.
            guard let start = bytes.baseAddress, bytes.count > 0 else { return }
            state = step(state, start, bytes.count)
        }

        public var value: UInt32 { UInt32(truncatingIfNeeded: state) }
    }
}
