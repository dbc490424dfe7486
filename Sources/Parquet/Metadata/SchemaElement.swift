/// A node of the schema as the footer has it.
struct SchemaElement {
    enum Repetition: Int { case required, optional, repeated }

    /// What the values mean; the older `ConvertedType` is read as the logical
    /// type it became.
    enum Logical: Hashable {
        case string, map, list, enumeration, json, bson, uuid, half, unknown, interval
        case decimal(precision: Int, scale: Int)
        case date
        case time
        case timestamp(perSecond: Int64)
        case integer(bits: Int, isSigned: Bool)
        /// One that came later than this reader, by its number.
        case other(Int)
    }

    var name = ""
    /// Parquet's number of the type; nil for a group.
    var physical: Int?
    /// Of a FIXED_LEN_BYTE_ARRAY.
    var width = 0
    var repetition = Repetition.required
    var children = 0
    var logical: Logical?

    init(_ reader: inout CompactReader) throws(ParquetError) {
        var element = Self()
        var converted: Int?
        var (scale, precision) = (0, 0)
        try reader.structure { (reader, field) throws(ParquetError) in
            switch field.id {
            case 1: element.physical = Int(try reader.integer(field))
            case 2: element.width = try reader.size(field)
            case 3:
                let number = Int(try reader.integer(field))
                guard let repetition = Repetition(rawValue: number) else {
                    throw reader.damaged("a column has repetition \(number), which is none")
                }
                element.repetition = repetition
            case 4: element.name = try reader.text(field)
            case 5: element.children = try reader.size(field)
            case 6: converted = Int(try reader.integer(field))
            case 7: scale = Int(try reader.integer(field))
            case 8: precision = Int(try reader.integer(field))
            case 10:
                guard field.kind == .structure else { throw reader.wrong(field) }
                element.logical = try Self.logical(&reader)
            default: return false
            }
            return true
        }
        if element.logical == nil, let converted {
            element.logical = Self.logical(converted: converted, precision, scale)
        }
        self = element
    }

    private init() {}

    private static func logical(converted: Int, _ precision: Int, _ scale: Int) -> Logical? {
        switch converted {
        case 0: .string
        case 1, 2: .map
        case 3: .list
        case 4: .enumeration
        case 5: .decimal(precision: precision, scale: scale)
        case 6: .date
        case 7, 8: .time
        case 9: .timestamp(perSecond: 1000)
        case 10: .timestamp(perSecond: 1_000_000)
        case 11...14: .integer(bits: 8 << (converted - 11), isSigned: false)
        case 15...18: .integer(bits: 8 << (converted - 15), isSigned: true)
        case 19: .json
        case 20: .bson
        case 21: .interval
        default: .other(converted)
        }
    }

    /// The union LogicalType: a structure of one field, which is the type.
    private static func logical(_ reader: inout CompactReader) throws(ParquetError) -> Logical? {
        var logical: Logical?
        try reader.structure { (reader, field) throws(ParquetError) in
            guard field.kind == .structure else { throw reader.wrong(field) }
            switch field.id {
            case 1: logical = .string
            case 2: logical = .map
            case 3: logical = .list
            case 4: logical = .enumeration
            case 5: logical = try decimal(&reader)
            case 6: logical = .date
            case 7: logical = .time
            case 8: logical = .timestamp(perSecond: try unit(&reader))
            case 10: logical = try integer(&reader)
            case 11: logical = .unknown
            case 12: logical = .json
            case 13: logical = .bson
            case 14: logical = .uuid
            case 15: logical = .half
            default: logical = .other(field.id)
            }
            // Those with members have read them.
            return [5, 8, 10].contains(field.id)
        }
        return logical
    }

    private static func decimal(_ reader: inout CompactReader) throws(ParquetError) -> Logical {
        var (precision, scale) = (0, 0)
        try reader.structure { (reader, field) throws(ParquetError) in
            switch field.id {
            case 1: scale = Int(try reader.integer(field))
            case 2: precision = Int(try reader.integer(field))
            default: return false
            }
            return true
        }
        return .decimal(precision: precision, scale: scale)
    }

    private static func integer(_ reader: inout CompactReader) throws(ParquetError) -> Logical {
        var (bits, isSigned) = (0, true)
        try reader.structure { (reader, field) throws(ParquetError) in
            switch field.id {
            case 1: bits = Int(try reader.integer(field))
            case 2: isSigned = try reader.flag(field)
            default: return false
            }
            return true
        }
        return .integer(bits: bits, isSigned: isSigned)
    }

    /// Ticks a second of a TimestampType; its values are UTC or without a zone,
    /// which is read as UTC.
    private static func unit(_ reader: inout CompactReader) throws(ParquetError) -> Int64 {
        var unit = 0
        try reader.structure { (reader, field) throws(ParquetError) in
            guard field.id == 2 else { return false }
            guard field.kind == .structure else { throw reader.wrong(field) }
            try reader.structure { (_, field) throws(ParquetError) in
                unit = field.id
                return false
            }
            return true
        }
        guard (1...3).contains(unit) else {
            throw reader.damaged("a timestamp has unit \(unit), which is none")
        }
        return [1000, 1_000_000, 1_000_000_000][unit - 1]
    }
}
