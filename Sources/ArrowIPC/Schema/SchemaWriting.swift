import DataFrames
import TableTypes

/// A column as we write it, without its values.
struct WrittenField {
    let name: String
    let type: ColumnType
    let layout: StorageLayout
    let role: ColumnRole?
    /// Of a category, the id of its dictionary.
    var dictionary: Int64?
    /// Whether texts need 64-bit offsets: some batch, or the levels, pass 2 GiB.
    var isLarge = false
    var isNullable: Bool

    init(_ column: DataColumn, role: ColumnRole?) {
        name = column.name
        type = column.type
        layout = column.storage.layout
        self.role = role
        isNullable = column.nullCount > 0
    }

    /// The fields of a table; dictionaries are numbered as their columns come.
    static func fields(of frame: DataFrame, roles: [String: ColumnRole]) -> [WrittenField] {
        var dictionary: Int64 = 0
        return frame.columns.map { column in
            var field = WrittenField(column, role: roles[column.name])
            if field.layout == .dictionary {
                field.dictionary = dictionary
                dictionary += 1
            }
            return field
        }
    }
}

/// Writes the Schema table (Schema.fbs of apache/arrow, format 1.5).
enum SchemaWriting {
    static func schema(
        _ fields: [WrittenField], _ builder: inout FlatBufferBuilder
    ) -> FlatBufferBuilder.Place {
        var places: [FlatBufferBuilder.Place] = []
        for field in fields { places.append(self.field(field, &builder)) }
        let list = builder.vector(places)
        return builder.table([(0, .int16(0)), (1, .place(list))])
    }

    private static func field(
        _ field: WrittenField, _ builder: inout FlatBufferBuilder
    ) -> FlatBufferBuilder.Place {
        let (tag, type) = type(field, &builder)
        let name = builder.string(field.name)
        let children = builder.vector([])
        var slots: [(slot: Int, value: FlatBufferBuilder.Value)] = [
            (0, .place(name)), (1, .flag(field.isNullable)), (2, .int8(tag)), (3, .place(type)),
            (5, .place(children)),
        ]
        if let id = field.dictionary {
            let index = builder.table([(0, .int32(32)), (1, .flag(true))])
            slots.append((4, .place(builder.table([(0, .int64(id)), (1, .place(index))]))))
        }
        var entries: [FlatBufferBuilder.Place] = []
        if field.type != field.layout.naturalType {
            entries.append(entry(FieldKey.type, field.type.rawValue, &builder))
        }
        if let role = field.role { entries.append(entry(FieldKey.role, role.rawValue, &builder)) }
        if !entries.isEmpty { slots.append((6, .place(builder.vector(entries)))) }
        return builder.table(slots)
    }

    private static func entry(
        _ key: String, _ value: String, _ builder: inout FlatBufferBuilder
    ) -> FlatBufferBuilder.Place {
        let key = builder.string(key)
        let value = builder.string(value)
        return builder.table([(0, .place(key)), (1, .place(value))])
    }

    private static func type(
        _ field: WrittenField, _ builder: inout FlatBufferBuilder
    ) -> (tag: UInt8, FlatBufferBuilder.Place) {
        switch field.layout {
        case .boolean: return (6, builder.table([]))
        case .int64: return (2, builder.table([(0, .int32(64)), (1, .flag(true))]))
        case .float64: return (3, builder.table([(0, .int16(2))]))
        case .utf8, .dictionary: return (field.isLarge ? 20 : 5, builder.table([]))
        case .binary: return (field.isLarge ? 19 : 4, builder.table([]))
        case .date32: return (8, builder.table([(0, .int16(0))]))
        case .timestamp:
            let zone = builder.string("UTC")
            return (10, builder.table([(0, .int16(2)), (1, .place(zone))]))
        }
    }
}

extension StorageLayout {
    /// What it holds where no metadata says more; nil for bytes.
    fileprivate var naturalType: ColumnType? { self == .binary ? nil : columnTypes[0] }

    /// The column types it can hold, the natural one first.
    public var columnTypes: [ColumnType] {
        switch self {
        case .boolean: ColumnType.ofBoolean
        case .int64: ColumnType.ofInteger
        case .float64: ColumnType.ofNumber
        case .utf8: ColumnType.ofText
        case .binary: ColumnType.ofBinary
        case .dictionary: ColumnType.ofDictionary
        case .date32: ColumnType.ofDate
        case .timestamp: ColumnType.ofTimestamp
        }
    }

    var name: String {
        switch self {
        case .boolean: "bool"
        case .int64: "int64"
        case .float64: "float64"
        case .utf8: "utf8"
        case .binary: "binary"
        case .dictionary: "dictionary"
        case .date32: "date32"
        case .timestamp: "timestamp"
        }
    }
}

extension ColumnStorage {
    /// The column types it can hold, the natural one first.
    public var columnTypes: [ColumnType] { layout.columnTypes }
}
