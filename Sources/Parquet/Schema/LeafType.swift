import DataFrames
import TableTypes

/// What the values of a leaf are to us: physical and logical type as one.
///
/// Source: apache/parquet-format 2.11, LogicalTypes.md.
enum LeafType: Hashable {
    case boolean
    /// In 32 or 64 bits of the file.
    case integer(wide: Bool, isSigned: Bool)
    case days
    case timestamp(perSecond: Int64)
    /// Nanoseconds of a day and a Julian day, as Impala and older Sparks write.
    case int96
    case half, single, double
    /// An integer of so many bytes, little-endian, times 10^-scale.
    case smallDecimal(bytes: Int, scale: Int)
    /// The same big-endian, of fixed width or of each value's own.
    case bigDecimal(width: Int?, scale: Int)
    /// UTF-8, of fixed width or of each value's own.
    case text(width: Int?)
    case json
    case uuid
    /// Nothing but nulls.
    case null
    case unsupported(name: String, advice: String)

    /// What a column of it means unless the Arrow schema says more.
    var columnType: ColumnType {
        switch self {
        case .boolean: .boolean
        case .integer: .integer
        case .days: .date
        case .timestamp, .int96: .timestamp
        case .half, .single, .double, .smallDecimal, .bigDecimal: .number
        case .text, .uuid, .null, .unsupported: .text
        case .json: .json
        }
    }

    /// Bytes of a value in the file; nil where each has its own length. A
    /// boolean takes a byte once it is unpacked.
    var width: Int? {
        switch self {
        case .boolean: 1
        case .integer(let wide, _): wide ? 8 : 4
        case .days, .single: 4
        case .timestamp, .double: 8
        case .int96: 12
        case .half: 2
        case .smallDecimal(let bytes, _): bytes
        case .bigDecimal(let width, _), .text(let width): width
        case .uuid: 16
        case .json, .unsupported: nil
        case .null: 4
        }
    }

    var isText: Bool {
        switch self {
        case .text, .json, .uuid, .null: true
        default: false
        }
    }

    private static let names = [
        "BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY",
    ]

    init(_ element: SchemaElement) throws(ParquetError) {
        guard let physical = element.physical, Self.names.indices.contains(physical) else {
            throw ParquetError(.damaged(place: "schema", what: "column '\(element.name)' has no known type"))
        }
        if physical == 7 {
            guard element.width > 0, element.width <= 1 << 20 else {
                throw ParquetError(
                    .damaged(
                        place: "schema",
                        what: "column '\(element.name)' has values of \(element.width) bytes"))
            }
        }
        self = Self.type(physical, element)
    }

    private static func type(_ physical: Int, _ element: SchemaElement) -> LeafType {
        let fixed = physical == 7 ? element.width : nil
        switch (element.logical, physical) {
        case (.unknown, _): return .null
        case (.decimal(let precision, let scale), _):
            return decimal(physical, fixed, precision: precision, scale: scale)
        case (.time, _), (.interval, _):
            return .unsupported(
                name: element.logical == .time ? "time" : "interval", advice: "cast it to int64")
        case (.bson, _): return .unsupported(name: "BSON", advice: "write it as JSON")
        case (.integer(_, let isSigned), 1): return .integer(wide: false, isSigned: isSigned)
        case (.integer(_, let isSigned), 2): return .integer(wide: true, isSigned: isSigned)
        case (.date, 1): return .days
        case (.timestamp(let perSecond), 2): return .timestamp(perSecond: perSecond)
        case (.half, 7) where element.width == 2: return .half
        case (.uuid, 7) where element.width == 16: return .uuid
        case (.json, 6): return .json
        // Old writers (Impala, Hive, Spark) do not say that bytes are text.
        case (.string, 6), (.enumeration, 6), (nil, 6), (nil, 7): return .text(width: fixed)
        case (nil, 0): return .boolean
        case (nil, 1): return .integer(wide: false, isSigned: true)
        case (nil, 2): return .integer(wide: true, isSigned: true)
        case (nil, 3): return .int96
        case (nil, 4): return .single
        case (nil, 5): return .double
        case (let logical?, _):
            return .unsupported(
                name: "\(logical) of \(names[physical])", advice: "write it as numbers, text or timestamps")
        default:
            return .unsupported(name: names[physical], advice: "write it as numbers, text or timestamps")
        }
    }

    private static func decimal(_ physical: Int, _ fixed: Int?, precision: Int, scale: Int) -> LeafType {
        guard (1...DecimalNumber.digits).contains(precision), (0...precision).contains(scale) else {
            return .unsupported(
                name: "decimal(\(precision), \(scale))",
                advice: "cast it to float64, or to a decimal of at most \(DecimalNumber.digits) digits")
        }
        return switch physical {
        case 1: .smallDecimal(bytes: 4, scale: scale)
        case 2: .smallDecimal(bytes: 8, scale: scale)
        case 6, 7: .bigDecimal(width: fixed, scale: scale)
        default: .unsupported(name: "decimal of \(names[physical])", advice: "cast it to float64")
        }
    }
}
