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
    /// An integer of so many bits times 10^-scale.
    case decimal(bits: Int, scale: Int)
    /// Rows of so many values as offsets of 32 or 64 bits say.
    case list(isLarge: Bool)
    /// Rows of so many values each.
    case fixedList(Int)
    /// One value of every child a row.
    case structure
    /// Lists of structures of a key and a value.
    case map

    /// What a column of it means unless the field metadata says more; of bytes
    /// that must say it.
    var columnType: ColumnType {
        switch self {
        case .null, .utf8, .largeUtf8, .utf8View: .text
        case .boolean: .boolean
        case .integer: .integer
        case .float, .decimal: .number
        case .days, .dayMilliseconds: .date
        case .timestamp: .timestamp
        case .binary, .largeBinary, .binaryView: .image
        case .list, .fixedList, .structure, .map: .json
        }
    }

    /// Whether columns lie within it.
    var isNested: Bool {
        switch self {
        case .list, .fixedList, .structure, .map: true
        default: false
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
    /// What lies within a nested one.
    var children: [ArrowField] = []

    /// What the values in a batch are: indices, of a dictionary.
    var layout: ArrowType { dictionary?.index ?? type }

    /// Nodes that a batch has for it: its own and those of what lies within.
    var nodes: Int { dictionary == nil ? children.reduce(1) { $0 + $1.nodes } : 1 }

    /// Whether a row takes a bit of the file at least.
    var takesSpace: Bool {
        switch layout {
        case .null: false
        case .structure: children.contains { $0.takesSpace }
        case .fixedList(let count): count > 0 && children.contains { $0.takesSpace }
        default: true
        }
    }

    /// It and everything within.
    var all: [ArrowField] { [self] + children.flatMap(\.all) }
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
        if dictionary != nil, type.isText { return ColumnType.ofDictionary }
        return switch type {
        case .null, .utf8, .largeUtf8, .utf8View: ColumnType.ofText
        case .binary, .largeBinary, .binaryView: ColumnType.ofBinary
        case .boolean: ColumnType.ofBoolean
        case .integer: ColumnType.ofInteger
        case .float, .decimal: ColumnType.ofNumber
        case .days, .dayMilliseconds: ColumnType.ofDate
        case .timestamp: ColumnType.ofTimestamp
        case .list, .fixedList, .structure, .map: [.json]
        }
    }
}
