import TableTypes

/// The layouts of Arrow that can be read; what we write is the 64-bit (and for
/// days and indices the 32-bit) one of each.
enum ArrowType: Hashable, Sendable {
    case null, boolean, utf8, largeUtf8, utf8View
    /// Read where the field metadata says what the bytes are.
    case binary, largeBinary, binaryView
    case integer(bits: Int, isSigned: Bool)
    case float(bits: Int)
    /// Days since the epoch, 32 bits.
    case days
    /// Milliseconds since the epoch that make whole days, 64 bits.
    case dayMilliseconds
    /// Ticks since the epoch, so many a second.
    case timestamp(perSecond: Int64)

    /// What a column of it means unless the field metadata says more; nil where
    /// that must say it.
    var columnType: ColumnType? {
        switch self {
        case .null, .utf8, .largeUtf8, .utf8View: .text
        case .boolean: .boolean
        case .integer: .integer
        case .float: .number
        case .days, .dayMilliseconds: .date
        case .timestamp: .timestamp
        case .binary, .largeBinary, .binaryView: nil
        }
    }

    var isText: Bool { self == .utf8 || self == .largeUtf8 || self == .utf8View }
    var isBinary: Bool { self == .binary || self == .largeBinary || self == .binaryView }
}

/// A column as a file's schema declares it.
struct ArrowField: Hashable, Sendable {
    struct Dictionary: Hashable, Sendable {
        var id: Int64
        var index: ArrowType
    }

    var name: String
    /// Of a dictionary column, the type of its levels.
    var type: ArrowType
    var dictionary: Dictionary?
    var columnType: ColumnType
    var role: ColumnRole?
}

/// Keys of the field metadata. A field has one only where it says more than
/// the Arrow type does.
enum FieldKey {
    static let type = "sluice.type"
    static let role = "sluice.role"
}

extension ColumnType {
    /// The types a storage can stand for, the first being the one that needs
    /// no metadata.
    public static let ofBoolean: [ColumnType] = [.boolean]
    public static let ofInteger: [ColumnType] = [.integer, .number]
    public static let ofNumber: [ColumnType] = [.number]
    public static let ofText: [ColumnType] = [.text, .series, .vector, .json]
    /// Each needs metadata: bytes alone mean nothing.
    public static let ofBinary: [ColumnType] = [.image, .audio]
    public static let ofDictionary: [ColumnType] = [.category, .text]
    public static let ofDate: [ColumnType] = [.date]
    public static let ofTimestamp: [ColumnType] = [.timestamp]
}

extension ArrowField {
    var allowedTypes: [ColumnType] {
        if dictionary != nil { return ColumnType.ofDictionary }
        return switch type {
        case .null, .utf8, .largeUtf8, .utf8View: ColumnType.ofText
        case .binary, .largeBinary, .binaryView: ColumnType.ofBinary
        case .boolean: ColumnType.ofBoolean
        case .integer: ColumnType.ofInteger
        case .float: ColumnType.ofNumber
        case .days, .dayMilliseconds: ColumnType.ofDate
        case .timestamp: ColumnType.ofTimestamp
        }
    }
}
