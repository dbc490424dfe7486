/// How a column's values lie in memory, without the values.
public enum StorageLayout: Hashable, Sendable {
    case boolean, int64, float64, utf8, binary, dictionary, date32, timestamp
}

extension ColumnStorage {
    public var layout: StorageLayout {
        switch self {
        case .boolean: .boolean
        case .int64: .int64
        case .float64: .float64
        case .utf8: .utf8
        case .binary: .binary
        case .dictionary: .dictionary
        case .date32: .date32
        case .timestamp: .timestamp
        }
    }
}
