/// Gzip members end to end (RFC 1952), by zlib (zlib.h 1.2).
public enum Gzip {
    /// z_stream, field by field.
    struct Stream {
        var nextIn: UnsafeRawPointer?
        var availableIn: UInt32 = 0
        var totalIn: UInt = 0
        var nextOut: UnsafeMutableRawPointer?
        var availableOut: UInt32 = 0
        var totalOut: UInt = 0
        var message: UnsafePointer<CChar>?
        var state: OpaquePointer?
        var allocate: OpaquePointer?
        var free: OpaquePointer?
        var opaque: OpaquePointer?
        var dataType: Int32 = 0
        var adler: UInt = 0
        var reserved: UInt = 0
    }

    typealias Begin =
        @convention(c) (
            UnsafeMutableRawPointer, Int32, UnsafePointer<CChar>, Int32
        ) -> Int32
    typealias Step = @convention(c) (UnsafeMutableRawPointer, Int32) -> Int32
    typealias End = @convention(c) (UnsafeMutableRawPointer) -> Int32

    static let library = DynamicLibrary(.zlib)

    static func begin(_ stream: UnsafeMutablePointer<Stream>) throws(DynamicLibraryError) -> Bool {
        let begin = try library.function("inflateInit2_", as: Begin.self)
        // 15 bits of window; 32 more mean that gzip and zlib are both known.
        return begin(stream, 15 + 32, "1.2.11", Int32(MemoryLayout<Stream>.size)) == 0
    }
    static func step() throws(DynamicLibraryError) -> Step { try library.function("inflate", as: Step.self) }
    static func reset() throws(DynamicLibraryError) -> End {
        try library.function("inflateReset", as: End.self)
    }
    static func end() throws(DynamicLibraryError) -> End { try library.function("inflateEnd", as: End.self) }

    /// - Returns: Whether exactly `target.count` bytes came out.
    public static func unpack(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(DynamicLibraryError) -> Bool {
        let (inflate, reset, end) = (try step(), try reset(), try end())
        guard source.count <= UInt32.max, target.count <= UInt32.max else { return false }
        // zlib points back at the stream, so it may not move.
        let stream = UnsafeMutablePointer<Stream>.allocate(capacity: 1)
        defer { stream.deallocate() }
        stream.initialize(to: Stream())
        guard try begin(stream) else { return false }
        defer { _ = end(stream) }
        stream.pointee.nextIn = source.baseAddress
        stream.pointee.availableIn = UInt32(source.count)
        stream.pointee.nextOut = target.baseAddress
        stream.pointee.availableOut = UInt32(target.count)
        while true {
            // 4 is Z_FINISH; 1 is Z_STREAM_END.
            guard inflate(stream, 4) == 1 else { return false }
            if stream.pointee.availableIn == 0 { return stream.pointee.availableOut == 0 }
            guard stream.pointee.availableOut > 0, reset(stream) == 0 else { return false }
        }
    }
}

/// Unpacks gzip as it is read. Zeros behind the last member are no part of it.
final class GzipUnpacking: Unpacking {
    private let stream = UnsafeMutablePointer<Gzip.Stream>.allocate(capacity: 1)
    private let inflate: Gzip.Step
    private let reset: Gzip.End
    private let end: Gzip.End
    private var isBetween = false
    /// Whether zeros were met behind a member: nothing else may follow.
    private var isPadding = false

    init() throws(DynamicLibraryError) {
        (inflate, reset, end) = (try Gzip.step(), try Gzip.reset(), try Gzip.end())
        stream.initialize(to: Gzip.Stream())
        guard try Gzip.begin(stream) else { fatalError("no memory to unpack gzip in") }
    }

    deinit {
        _ = end(stream)
        stream.deallocate()
    }

    func unpack(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> (taken: Int, given: Int, state: UnpackState) {
        if isPadding || isBetween && source.first == 0 {
            // What a tape or a disk fills its last block with, as gzip(1) has it.
            isPadding = true
            let zeros = source.prefix { $0 == 0 }.count
            return (zeros, 0, zeros < source.count ? .damaged : .between)
        }
        if isBetween {
            _ = reset(stream)
            isBetween = false
        }
        let (most, room) = (min(source.count, 1 << 30), min(target.count, 1 << 30))
        stream.pointee.nextIn = source.baseAddress
        stream.pointee.availableIn = UInt32(most)
        stream.pointee.nextOut = target.baseAddress
        stream.pointee.availableOut = UInt32(room)
        // 0 is Z_NO_FLUSH; 1 Z_STREAM_END; -5 Z_BUF_ERROR: it could do nothing yet.
        let result = inflate(stream, 0)
        isBetween = result == 1
        let state: UnpackState =
            switch result {
            case 1: .between
            case 0, -5: .within
            default: .damaged
            }
        return (most - Int(stream.pointee.availableIn), room - Int(stream.pointee.availableOut), state)
    }
}
