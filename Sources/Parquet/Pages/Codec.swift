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
    private var zstd: ZstdPieces?

    /// - Returns: Whether exactly `target.count` bytes came out.
    func unpack(
        _ codec: Codec, _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(ParquetError) -> Bool {
        do throws(DynamicLibraryError) {
            switch codec {
            case .none: return false
            case .zstd:
                if zstd == nil { zstd = try ZstdPieces() }
                return zstd!.unpack(source, into: target)
            case .snappy: return try Snappy.unpack(source, into: target)
            case .gzip: return try Gzip.unpack(source, into: target)
            }
        } catch {
            throw ParquetError(.library(error.description))
        }
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
