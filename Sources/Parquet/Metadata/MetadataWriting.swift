import DataFrames

/// A row group that is in the file.
struct WrittenGroup {
    var rows: Int
    var chunks: [WrittenChunk] = []
}

/// A chunk that is in the file: all but its pages.
struct WrittenChunk {
    let start: Int
    let size: Int
    let dataStart: Int
    let hasDictionary: Bool
    let values: Int
    let nullCount: Int
    let uncompressed: Int
    let least: [UInt8]?
    let greatest: [UInt8]?

    /// - Parameter place: Its first byte's in the file.
    init(_ chunk: PackedChunk, at place: Int) {
        start = place
        size = chunk.bytes.count
        dataStart = place + chunk.dataStart
        hasDictionary = chunk.hasDictionary
        values = chunk.values
        nullCount = chunk.nullCount
        uncompressed = chunk.uncompressed
        least = chunk.least
        greatest = chunk.greatest
    }
}

extension ColumnStorage {
    /// What it is in a file: Parquet's number of the type, the old and the new
    /// name of what it means, and what people call it.
    var leaf: (physical: Int, converted: Int?, logical: Int?, kind: String) {
        switch self {
        case .boolean: (0, nil, nil, "booleans")
        case .int64: (2, nil, nil, "integers")
        case .float64: (5, nil, nil, "numbers")
        case .utf8: (6, 0, 1, "texts")
        case .binary: (6, nil, nil, "bytes")
        case .dictionary: (6, 0, 1, "texts by levels")
        case .date32: (1, 6, 6, "days")
        case .timestamp: (2, 10, 8, "times")
        }
    }
}

/// Writes the footer; see `FileMetadata` for its source.
enum MetadataWriting {
    static func footer(
        _ columns: [DataColumn], _ groups: [WrittenGroup], notes: [(key: String, value: String)]
    ) -> [UInt8] {
        var writer = CompactWriter()
        writer.structure { writer in
            writer.int32(1, 2)
            writer.list(2, .structure, [nil] + columns.map(Optional.some)) { writer, column in
                if let column { element(column, &writer) } else { root(columns.count, &writer) }
            }
            writer.int64(3, groups.reduce(0) { $0 + $1.rows })
            writer.list(4, .structure, groups) { writer, group in self.group(group, columns, &writer) }
            writer.list(5, .structure, notes) { writer, note in
                writer.structure { writer in
                    writer.text(1, note.key)
                    writer.text(2, note.value)
                }
            }
            writer.text(6, "sluice version 1")
            // Bounds are in the order of the type, of texts by their bytes.
            writer.list(7, .structure, columns) { writer, _ in
                writer.structure { writer in writer.structure(1) { _ in } }
            }
        }
        return writer.bytes
    }

    private static func root(_ columns: Int, _ writer: inout CompactWriter) {
        writer.structure { writer in
            writer.text(4, "schema")
            writer.int32(5, columns)
        }
    }

    /// All columns may have nulls, so that files of one kind have one schema.
    private static func element(_ column: DataColumn, _ writer: inout CompactWriter) {
        let leaf = column.storage.leaf
        writer.structure { writer in
            writer.int32(1, leaf.physical)
            writer.int32(3, SchemaElement.Repetition.optional.rawValue)
            writer.text(4, column.name)
            if let converted = leaf.converted { writer.int32(6, converted) }
            if let logical = leaf.logical {
                writer.structure(10) { writer in
                    writer.structure(logical) { writer in
                        guard logical == 8 else { return }
                        // UTC, in microseconds.
                        writer.flag(1, true)
                        writer.structure(2) { writer in writer.structure(2) { _ in } }
                    }
                }
            }
        }
    }

    private static func group(
        _ group: WrittenGroup, _ columns: [DataColumn], _ writer: inout CompactWriter
    ) {
        writer.structure { writer in
            writer.list(1, .structure, Array(zip(columns, group.chunks))) { writer, pair in
                chunk(pair.1, pair.0, &writer)
            }
            writer.int64(2, group.chunks.reduce(0) { $0 + $1.uncompressed })
            writer.int64(3, group.rows)
            if let first = group.chunks.first { writer.int64(5, first.start) }
            writer.int64(6, group.chunks.reduce(0) { $0 + $1.size })
        }
    }

    private static func chunk(_ chunk: WrittenChunk, _ column: DataColumn, _ writer: inout CompactWriter) {
        writer.structure { writer in
            writer.int64(2, 0)
            writer.structure(3) { writer in
                writer.int32(1, column.storage.leaf.physical)
                let values = chunk.hasDictionary ? PageEncoding.dictionary : PageEncoding.plain
                writer.list(2, .int32, [PageEncoding.plain, PageEncoding.rle, values]) { $0.element($1) }
                writer.list(3, .binary, [column.name]) { $0.element($1) }
                writer.int32(4, Codec.zstd.rawValue)
                writer.int64(5, chunk.values)
                writer.int64(6, chunk.uncompressed)
                writer.int64(7, chunk.size)
                writer.int64(9, chunk.dataStart)
                if chunk.hasDictionary { writer.int64(11, chunk.start) }
                writer.structure(12) { writer in
                    writer.int64(3, chunk.nullCount)
                    if let greatest = chunk.greatest { writer.binary(5, greatest) }
                    if let least = chunk.least { writer.binary(6, least) }
                }
            }
        }
    }
}
