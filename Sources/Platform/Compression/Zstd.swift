/// The functions of libzstd (zstd.h 1.4 and later) that are used.
public enum Zstd {
    public typealias Pointer = UnsafeRawPointer?
    public typealias MutablePointer = UnsafeMutableRawPointer?
    public typealias Unpack = @convention(c) (OpaquePointer, MutablePointer, Int, Pointer, Int) -> Int
    public typealias Pack = @convention(c) (OpaquePointer, MutablePointer, Int, Pointer, Int, Int32) -> Int
    public typealias New = @convention(c) () -> OpaquePointer?
    public typealias Free = @convention(c) (OpaquePointer) -> Int
    public typealias Bound = @convention(c) (Int) -> Int
    public typealias IsError = @convention(c) (Int) -> UInt32
    public typealias UnpackStep =
        @convention(c) (OpaquePointer, UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Int

    private static let library = DynamicLibrary(.zstd)

    static func newUnpacking() throws(DynamicLibraryError) -> New {
        try library.function("ZSTD_createDCtx", as: New.self)
    }
    static func freeUnpacking() throws(DynamicLibraryError) -> Free {
        try library.function("ZSTD_freeDCtx", as: Free.self)
    }
    static func unpack() throws(DynamicLibraryError) -> Unpack {
        try library.function("ZSTD_decompressDCtx", as: Unpack.self)
    }
    /// Of a stream: a context, `Buffer`s of what comes out and of what goes in.
    public static func unpackStep() throws(DynamicLibraryError) -> UnpackStep {
        try library.function("ZSTD_decompressStream", as: UnpackStep.self)
    }
    public static func newPacking() throws(DynamicLibraryError) -> New {
        try library.function("ZSTD_createCCtx", as: New.self)
    }
    public static func freePacking() throws(DynamicLibraryError) -> Free {
        try library.function("ZSTD_freeCCtx", as: Free.self)
    }
    public static func pack() throws(DynamicLibraryError) -> Pack {
        try library.function("ZSTD_compressCCtx", as: Pack.self)
    }
    public static func bound() throws(DynamicLibraryError) -> Bound {
        try library.function("ZSTD_compressBound", as: Bound.self)
    }
    public static func isError() throws(DynamicLibraryError) -> IsError {
        try library.function("ZSTD_isError", as: IsError.self)
    }
}

/// Unpacks pieces of zstd whose lengths are known, one context for all of them.
public final class ZstdPieces {
    private let context: OpaquePointer
    private let step: Zstd.Unpack
    private let free: Zstd.Free

    public init() throws(DynamicLibraryError) {
        step = try Zstd.unpack()
        free = try Zstd.freeUnpacking()
        guard let context = try Zstd.newUnpacking()() else { fatalError("no memory to unpack zstd in") }
        self.context = context
    }

    deinit { _ = free(context) }

    /// - Returns: Whether exactly `target.count` bytes came out.
    public func unpack(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        // An error is a number near the largest, so never this one.
        step(context, target.baseAddress, target.count, source.baseAddress, source.count) == target.count
    }
}

/// Frames of zstd end to end (RFC 8878), unpacked as they are read.
final class ZstdUnpacking: Unpacking {
    /// ZSTD_inBuffer and ZSTD_outBuffer, field by field.
    private struct Buffer {
        var start: UnsafeMutableRawPointer?
        var size: Int
        var position = 0
    }

    private let context: OpaquePointer
    private let step: Zstd.UnpackStep
    private let isError: Zstd.IsError
    private let free: Zstd.Free
    /// The first bytes of the frame at hand.
    private var head: [UInt8] = []

    /// What libzstd takes where nobody asks for more: ZSTD_WINDOWLOG_LIMIT_DEFAULT.
    static let widestWindow: UInt64 = 1 << 27

    init() throws(DynamicLibraryError) {
        step = try Zstd.unpackStep()
        isError = try Zstd.isError()
        free = try Zstd.freeUnpacking()
        guard let context = try Zstd.newUnpacking()() else { fatalError("no memory to unpack zstd in") }
        self.context = context
    }

    deinit { _ = free(context) }

    func unpack(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> (taken: Int, given: Int, state: UnpackState) {
        var input = Buffer(start: UnsafeMutableRawPointer(mutating: source.baseAddress), size: source.count)
        var output = Buffer(start: target.baseAddress, size: target.count)
        if head.count < Self.headerBytes { head += source.prefix(Self.headerBytes - head.count) }
        let left = step(context, &output, &input)
        guard isError(left) == 0 else {
            let window = Self.window(head).flatMap { $0 > Self.widestWindow ? $0 : nil }
            return (input.position, output.position, window.map { .tooWide($0) } ?? .damaged)
        }
        if left == 0 { head = [] }
        return (input.position, output.position, left == 0 ? .between : .within)
    }

    private static let headerBytes = 18

    /// The window that a frame's header asks for. Source: RFC 8878, section 3.1.1.1.
    private static func window(_ head: [UInt8]) -> UInt64? {
        guard head.count >= 6, head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) else { return nil }
        let isSingleSegment = head[4] & 0x20 != 0
        guard isSingleSegment else {
            let base = UInt64(1) << (10 + UInt64(head[5] >> 3))
            return base + base / 8 * UInt64(head[5] & 7)
        }
        // The content itself is the window, and its size stands behind the number of a dictionary.
        let first = 5 + [0, 1, 2, 4][Int(head[4] & 3)]
        let length = [1, 2, 4, 8][Int(head[4] >> 6)]
        guard head.count >= first + length else { return nil }
        return head[first..<(first + length)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
