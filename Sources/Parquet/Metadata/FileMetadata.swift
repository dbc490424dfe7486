/// The footer of a Parquet file: the schema as a flat list in depth-first
/// order, the row groups, and what its writer noted.
///
/// Source: apache/parquet-format 2.11, src/main/thrift/parquet.thrift, for all
/// field numbers and enumerations of this folder.
struct FileMetadata {
    var schema: [SchemaElement] = []
    var rows = 0
    var rowGroups: [RowGroup] = []
    /// The last of equal keys counts.
    var notes: [String: String] = [:]

    init(_ bytes: UnsafeRawBufferPointer) throws(ParquetError) {
        var reader = CompactReader(bytes, place: "footer")
        var metadata = Self()
        try reader.structure { (reader, field) throws(ParquetError) in
            switch field.id {
            case 2:
                metadata.schema = try reader.list(field, of: .structure) { (reader) throws(ParquetError) in
                    try SchemaElement(&reader)
                }
            case 3: metadata.rows = try reader.size(field)
            case 4:
                metadata.rowGroups = try reader.list(field, of: .structure) { (reader) throws(ParquetError) in
                    try RowGroup(&reader)
                }
            case 5:
                let pairs = try reader.list(field, of: .structure) { (reader) throws(ParquetError) in
                    try Self.note(&reader)
                }
                for (key, value) in pairs { metadata.notes[key] = value }
            case 8: throw ParquetError(.encrypted)
            default: return false
            }
            return true
        }
        self = metadata
    }

    private init() {}

    private static func note(
        _ reader: inout CompactReader
    ) throws(ParquetError) -> (key: String, value: String) {
        var note = (key: "", value: "")
        try reader.structure { (reader, field) throws(ParquetError) in
            switch field.id {
            case 1: note.key = try reader.text(field)
            case 2: note.value = try reader.text(field)
            default: return false
            }
            return true
        }
        return note
    }
}

/// The rows of a file that lie together, column after column.
struct RowGroup {
    var chunks: [ColumnChunk] = []
    var rows = 0

    init(_ reader: inout CompactReader) throws(ParquetError) {
        var group = Self()
        try reader.structure { (reader, field) throws(ParquetError) in
            switch field.id {
            case 1:
                group.chunks = try reader.list(field, of: .structure) { (reader) throws(ParquetError) in
                    try ColumnChunk(&reader)
                }
            case 3: group.rows = try reader.size(field)
            default: return false
            }
            return true
        }
        self = group
    }

    private init() {}
}

/// A leaf column's part of a row group: pages, one after the other.
struct ColumnChunk {
    var isElsewhere = false
    var isEncrypted = false
    /// Parquet's number of the type; nil where the chunk has no metadata.
    var physical: Int?
    var codec = 0
    /// Values with nulls and, in lists, empty lists.
    var values = 0
    /// Bytes of all pages with their headers.
    var size = 0
    var dataOffset = 0
    var dictionaryOffset: Int?
    var nullCount: Int?

    init(_ reader: inout CompactReader) throws(ParquetError) {
        var chunk = Self()
        try reader.structure { (reader, field) throws(ParquetError) in
            switch field.id {
            case 1: chunk.isElsewhere = try !reader.binary(field).isEmpty
            case 3:
                guard field.kind == .structure else { throw reader.wrong(field) }
                try reader.structure { (reader, field) throws(ParquetError) in
                    try chunk.take(field, &reader)
                }
            case 8:
                chunk.isEncrypted = true
                return false
            default: return false
            }
            return true
        }
        self = chunk
    }

    private init() {}

    private mutating func take(
        _ field: CompactReader.Field, _ reader: inout CompactReader
    ) throws(ParquetError) -> Bool {
        switch field.id {
        case 1: physical = Int(try reader.integer(field))
        case 4: codec = Int(try reader.integer(field))
        case 5: values = try reader.size(field)
        case 7: size = try reader.size(field)
        case 9: dataOffset = try reader.size(field)
        // Some writers say 0 where there is none: a file begins with its mark.
        case 11:
            let offset = try reader.integer(field)
            dictionaryOffset = offset > 0 ? Int(offset) : nil
        case 12:
            guard field.kind == .structure else { throw reader.wrong(field) }
            var nulls: Int?
            try reader.structure { (reader, field) throws(ParquetError) in
                guard field.id == 3 else { return false }
                nulls = Int(try reader.integer(field))
                return true
            }
            nullCount = nulls
        default: return false
        }
        return true
    }
}
