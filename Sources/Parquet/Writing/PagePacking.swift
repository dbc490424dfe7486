import Platform

/// Packs pages with zstd, at the level that pyarrow takes too: higher ones cost
/// several times as much for a few percent.
final class Compressor {
    static let level: Int32 = 1

    private let context: OpaquePointer
    private let pack: Zstd.Pack
    private let bound: Zstd.Bound
    private let isError: Zstd.IsError
    private let scratch = Scratch<UInt8>()

    init() throws(ParquetError) {
        do throws(DynamicLibraryError) {
            guard let context = try Zstd.newPacking()() else { fatalError("no memory to pack zstd in") }
            self.context = context
            pack = try Zstd.pack()
            bound = try Zstd.bound()
            isError = try Zstd.isError()
        } catch {
            throw ParquetError(.library(error.description))
        }
    }

    deinit { _ = try? Zstd.freePacking()(context) }

    /// Appends the packed bytes; how many they are.
    func append(_ source: UnsafeRawBufferPointer, to target: inout [UInt8]) -> Int {
        let room = bound(source.count)
        let packed = scratch.room(max(room, 1))
        let count = pack(context, packed, room, source.baseAddress, source.count, Self.level)
        // With room for the worst case zstd fails only without memory.
        precondition(isError(count) == 0, "zstd cannot pack \(source.count) bytes")
        target.append(contentsOf: UnsafeBufferPointer(start: packed, count: count))
        return count
    }
}

/// A leaf column's part of a row group, ready for the file.
struct PackedChunk {
    /// Pages with their headers.
    var bytes: [UInt8] = []
    /// Where in `bytes` the first data page begins.
    var dataStart = 0
    var hasDictionary = false
    /// Rows, nulls among them.
    var values = 0
    var nullCount = 0
    /// With headers, pages not packed.
    var uncompressed = 0
    /// In plain encoding; nil where there is no value, or none that compares.
    var least: [UInt8]?
    var greatest: [UInt8]?

    /// A page: type, the rest of its header, its bytes.
    mutating func append(
        _ page: UnsafeRawBufferPointer, _ compressor: Compressor, type: Int,
        _ header: (inout CompactWriter) -> Void
    ) {
        var packed: [UInt8] = []
        let count = compressor.append(page, to: &packed)
        var writer = CompactWriter()
        writer.structure { writer in
            writer.int32(1, type)
            writer.int32(2, page.count)
            writer.int32(3, count)
            header(&writer)
        }
        uncompressed += writer.bytes.count + page.count
        bytes += writer.bytes
        bytes += packed
    }

    mutating func appendDictionary(_ page: UnsafeRawBufferPointer, entries: Int, _ compressor: Compressor) {
        append(page, compressor, type: 2) { writer in
            writer.structure(7) { writer in
                writer.int32(1, entries)
                writer.int32(2, PageEncoding.plain)
            }
        }
        hasDictionary = true
        dataStart = bytes.count
    }

    /// - Parameter rows: With nulls.
    mutating func appendData(
        _ page: UnsafeRawBufferPointer, rows: Int, encoding: Int, _ compressor: Compressor
    ) {
        append(page, compressor, type: 0) { writer in
            writer.structure(5) { writer in
                writer.int32(1, rows)
                writer.int32(2, encoding)
                writer.int32(3, PageEncoding.rle)
                writer.int32(4, PageEncoding.rle)
            }
        }
        values += rows
    }
}
