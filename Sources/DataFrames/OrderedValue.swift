/// A value that has an order, to the last digit: of a date days, of a time microseconds, of a boolean 0 or 1. A column has
/// values of one case alone.
public enum OrderedValue: Hashable, Sendable {
    case integer(Int64)
    case number(Double)

    /// Whether it is below another of its case.
    public static func < (one: OrderedValue, other: OrderedValue) -> Bool {
        switch (one, other) {
        case (.integer(let one), .integer(let other)): one < other
        case (.number(let one), .number(let other)): one < other
        default: false
        }
    }
}

extension ColumnStorage {
    /// Nil for what has no order.
    @inline(__always)
    public func ordered(_ row: Int) -> OrderedValue? {
        switch self {
        case .int64(let all), .timestamp(let all): .integer(all[row])
        case .float64(let all): .number(all[row])
        case .date32(let all): .integer(Int64(all[row]))
        case .boolean(let all): .integer(all[row] ? 1 : 0)
        case .utf8, .binary, .dictionary: nil
        }
    }
}
