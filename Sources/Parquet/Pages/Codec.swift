import Platform

/// How the pages of a chunk are compressed.
///
/// Source: apache/parquet-format 2.11, Compression.md.
enum Codec: Int {
    case none, snappy, gzip
    case zstd = 6

    private static let names = [
        "no codec", "snappy", "gzip", "LZO", "brotli", "LZ4 of Hadoop", "zstd", "LZ4",
    ]

    init(number: Int) throws(ParquetError) {
        guard let codec = Codec(rawValue: number) else {
            let isKnown = Self.names.indices.contains(number)
            throw ParquetError(.codec(isKnown ? Self.names[number] : "codec \(number)"))
        }
        self = codec
    }
}

/// Unpacks pages, with the libraries opened when a page first needs them.
final class Decompressor {
    private var zstd: (context: OpaquePointer, unpack: Zstd.Unpack)?

    deinit { if let zstd { _ = try? Zstd.freeUnpacking()(zstd.context) } }

    /// - Returns: Whether exactly `target.count` bytes came out.
    func unpack(
        _ codec: Codec, _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(ParquetError) -> Bool {
        do throws(DynamicLibraryError) {
            switch codec {
            case .none: return false
            case .zstd:
                if zstd == nil {
                    guard let context = try Zstd.newUnpacking()() else { return false }
                    zstd = (context, try Zstd.unpack())
                }
                let (context, unpack) = zstd!
                // An error is a number near the largest, so never this one.
                return unpack(context, target.baseAddress, target.count, source.baseAddress, source.count)
                    == target.count
            case .snappy: return try Snappy.unpack(source, into: target)
            case .gzip: return try Gzip.unpack(source, into: target)
            }
        } catch {
            throw ParquetError(.library(error.description))
        }
    }
}

/// The functions of libzstd (zstd.h 1.4 and later) that are used.
enum Zstd {
    typealias Pointer = UnsafeRawPointer?
    typealias MutablePointer = UnsafeMutableRawPointer?
    typealias Unpack = @convention(c) (OpaquePointer, MutablePointer, Int, Pointer, Int) -> Int
    typealias Pack = @convention(c) (OpaquePointer, MutablePointer, Int, Pointer, Int, Int32) -> Int
    typealias New = @convention(c) () -> OpaquePointer?
    typealias Free = @convention(c) (OpaquePointer) -> Int
    typealias Bound = @convention(c) (Int) -> Int
    typealias IsError = @convention(c) (Int) -> UInt32

    static let library = DynamicLibrary(.zstd)

    static func newUnpacking() throws(DynamicLibraryError) -> New {
        try library.function("ZSTD_createDCtx", as: New.self)
    }
    static func freeUnpacking() throws(DynamicLibraryError) -> Free {
        try library.function("ZSTD_freeDCtx", as: Free.self)
    }
    static func unpack() throws(DynamicLibraryError) -> Unpack {
        try library.function("ZSTD_decompressDCtx", as: Unpack.self)
    }
    static func newPacking() throws(DynamicLibraryError) -> New {
        try library.function("ZSTD_createCCtx", as: New.self)
    }
    static func freePacking() throws(DynamicLibraryError) -> Free {
        try library.function("ZSTD_freeCCtx", as: Free.self)
    }
    static func pack() throws(DynamicLibraryError) -> Pack {
        try library.function("ZSTD_compressCCtx", as: Pack.self)
    }
    static func bound() throws(DynamicLibraryError) -> Bound {
        try library.function("ZSTD_compressBound", as: Bound.self)
    }
    static func isError() throws(DynamicLibraryError) -> IsError {
        try library.function("ZSTD_isError", as: IsError.self)
    }
}

/// The C interface of libsnappy (snappy-c.h).
private enum Snappy {
    typealias Length =
        @convention(c) (
            UnsafeRawPointer?, Int, UnsafeMutablePointer<Int>
        ) -> Int32
    typealias Unpack =
        @convention(c) (
            UnsafeRawPointer?, Int, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>
        ) -> Int32

    private static let library = DynamicLibrary(.snappy)

    static func unpack(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(DynamicLibraryError) -> Bool {
        let length = try library.function("snappy_uncompressed_length", as: Length.self)
        let unpack = try library.function("snappy_uncompress", as: Unpack.self)
        var count = 0
        guard length(source.baseAddress, source.count, &count) == 0, count == target.count else {
            return false
        }
        return unpack(source.baseAddress, source.count, target.baseAddress, &count) == 0
            && count == target.count
    }
}

/// Gzip members end to end, by zlib (zlib.h 1.2).
private enum Gzip {
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

    private static let library = DynamicLibrary(.zlib)

    static func unpack(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(DynamicLibraryError) -> Bool {
        let begin = try library.function("inflateInit2_", as: Begin.self)
        let inflate = try library.function("inflate", as: Step.self)
        let reset = try library.function("inflateReset", as: End.self)
        let end = try library.function("inflateEnd", as: End.self)
        guard source.count <= UInt32.max, target.count <= UInt32.max else { return false }
        // zlib points back at the stream, so it may not move.
        let stream = UnsafeMutablePointer<Stream>.allocate(capacity: 1)
        defer { stream.deallocate() }
        stream.initialize(to: Stream())
        // 15 bits of window; 32 more mean that gzip and zlib are both known.
        guard begin(stream, 15 + 32, "1.2.11", Int32(MemoryLayout<Stream>.size)) == 0 else { return false }
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
