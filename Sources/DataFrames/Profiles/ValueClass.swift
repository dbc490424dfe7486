/// What one value is by itself, before the others of its column are known. Each value is of one class: an integer is
/// not counted as a number besides.
public enum ValueClass: Int, CaseIterable, Sendable {
    case boolean, integer
    /// Digits behind a zero, such as 007: more often a code than a quantity, and an integer would lose its zeros.
    case padded
    case number, date, timestamp, text
    /// JSON within a value.
    case object, array
}

extension FieldBytes {
    /// A field with what it reads as.
    enum Reading {
        case boolean
        case integer(Int64)
        case padded
        case number(Double)
        case date(Int32)
        case timestamp(Int64)
        case text
    }

    /// The narrowest class a field reads as.
    @inline(__always)
    static func reading(_ field: Bytes, _ count: Int) -> Reading {
        guard count > 0 else { return .text }
        let first = field[0]
        guard first &- 0x30 <= 9 || first == 0x2B || first == 0x2D || first == 0x2E else {
            return (count == 4 || count == 5) && boolean(field, count) != nil ? .boolean : .text
        }
        if let value = integer(field, count) { return isPadded(field, count) ? .padded : .integer(value) }
        if let value = number(field, count) { return .number(value) }
        return time(field, count)
    }

    /// A date, a time, or none of them.
    @inline(__always)
    static func time(_ field: Bytes, _ count: Int) -> Reading {
        if let value = date(field, count) { return .date(value) }
        if let value = timestamp(field, count) { return .timestamp(value) }
        return .text
    }

    /// Of an integer.
    @inline(__always)
    private static func isPadded(_ field: Bytes, _ count: Int) -> Bool {
        let digits = field[0] &- 0x30 <= 9 ? 0 : 1
        return count - digits > 1 && field[digits] == 0x30
    }
}
