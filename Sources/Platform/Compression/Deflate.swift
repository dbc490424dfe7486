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
        let step = try ZlibStream(.zlib).step(source, target, isAll: true)
        return step.state == .ended && step.taken == source.count && step.given == target.count
    }

    /// Unpacks bare deflate.
    ///
    /// - Parameter take: Gets what comes out, piece by piece.
    /// - Returns: Whether the source is one stream from its first to its last byte.
    public static func unpack(
        bare source: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool {
        let stream = try ZlibStream(.bare)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 16)
        defer { room.deallocate() }
        var rest = source
        while true {
            let step = stream.step(rest, room)
            rest = UnsafeRawBufferPointer(rebasing: rest[step.taken...])
            if step.given > 0 { try take(UnsafeRawBufferPointer(rebasing: room[..<step.given])) }
            if step.state == .ended { return rest.isEmpty }
            guard step.state == .within, step.taken > 0 || step.given > 0 else { return false }
        }
    }

    /// CRC-32 (ISO 3309) of bytes that come one after another.
    public struct Checksum {
        private typealias Step = @convention(c) (UInt, UnsafeRawPointer?, Int) -> UInt
        private let step: Step
        private var state: UInt = 0

        public init() throws(DynamicLibraryError) {
            step = try ZlibStream.library.function("crc32_z", as: Step.self)
        }

        public mutating func take(_ bytes: UnsafeRawBufferPointer) {
            // zlib starts anew where there is no pointer.
            guard let start = bytes.baseAddress, bytes.count > 0 else { return }
            state = step(state, start, bytes.count)
        }

        public var value: UInt32 { UInt32(truncatingIfNeeded: state) }
    }
}
