/// Deflate (RFC 1951), bare as in ZIP files or in a zlib stream (RFC 1950) as in PNG files, and the checksum that goes
/// with it, by zlib.
public enum Deflate {
    /// Bytes of the pieces that come out.
    private static let piece = 1 << 17

    /// Unpacks a zlib stream whose length is known, all at once: zlib is faster where there is room for more than a
    /// row of a picture.
    ///
    /// - Returns: Whether the source is one stream of exactly `target.count` bytes, from its first to its last byte.
    public static func unpack(
        zlib source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(DynamicLibraryError) -> Bool {
        guard source.count <= UInt32.max, target.count <= UInt32.max else { return false }
        // The window is the one that the stream says it needs.
        let stream = try Stream(windowBits: 0)
        let state = stream.step(source, target, finishes: true)
        return state.result == Stream.end && state.taken == source.count && state.given == target.count
    }

    /// Unpacks bare deflate.
    ///
    /// - Parameter take: Gets what comes out, piece by piece.
    /// - Returns: Whether the source is one stream from its first to its last byte.
    public static func unpack(
        bare source: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool {
        // Less than zero: no header is there.
        let stream = try Stream(windowBits: -15)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 16)
        defer { room.deallocate() }
        var rest = source
        while true {
            let state = stream.step(UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30)), room)
            rest = UnsafeRawBufferPointer(rebasing: rest[state.taken...])
            if state.given > 0 { try take(UnsafeRawBufferPointer(rebasing: room[..<state.given])) }
            if state.result == Stream.end { return rest.isEmpty }
            guard state.result == 0, state.taken > 0 || state.given > 0 else { return false }
        }
    }

    /// CRC-32 (ISO 3309) of bytes that come one after another.
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

    /// A z_stream; zlib points back at it, so it may not move.
    private struct Stream: ~Copyable {
        /// Z_STREAM_END.
        static let end: Int32 = 1

        private let stream = UnsafeMutablePointer<Gzip.Stream>.allocate(capacity: 1)
        private let inflate: Gzip.Step
        private let end: Gzip.End

        init(windowBits: Int32) throws(DynamicLibraryError) {
            let begin = try Gzip.library.function("inflateInit2_", as: Gzip.Begin.self)
            (inflate, end) = (try Gzip.step(), try Gzip.end())
            stream.initialize(to: Gzip.Stream())
            guard begin(stream, windowBits, "1.2.11", Int32(MemoryLayout<Gzip.Stream>.size)) == 0 else {
                fatalError("no memory to unpack deflate in")
            }
        }

        deinit {
            _ = end(stream)
            stream.deallocate()
        }

        /// - Parameter finishes: Whether there is neither more to come nor more room.
        func step(
            _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer, finishes: Bool = false
        ) -> (result: Int32, taken: Int, given: Int) {
            stream.pointee.nextIn = source.baseAddress
            stream.pointee.availableIn = UInt32(source.count)
            stream.pointee.nextOut = target.baseAddress
            stream.pointee.availableOut = UInt32(target.count)
            // Z_FINISH or Z_NO_FLUSH.
            let result = inflate(stream, finishes ? 4 : 0)
            return (
                result, source.count - Int(stream.pointee.availableIn),
                target.count - Int(stream.pointee.availableOut)
            )
        }
    }
}
