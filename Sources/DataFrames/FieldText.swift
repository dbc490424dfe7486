import TableTypes

/// How one text reads as a value, and how a value is written as text: the same
/// forms in CSV and in the strings of JSON lines.
public enum FieldText {
    /// - Parameter isTold: Whether a schema says the type, so that 1 is a boolean and INF a number.
    static func fits(_ field: String, _ type: ColumnType, isTold: Bool = false) -> Bool {
        switch type {
        case .boolean: isTold ? toldBoolean(field) != nil : boolean(field) != nil
        case .integer: integer(field) != nil
        case .number: isTold ? toldNumber(field) != nil : number(field) != nil
        case .date: date(field) != nil
        case .timestamp: timestamp(field) != nil
        default: true
        }
    }

    private static func read<T>(_ field: String, _ parse: (UnsafePointer<UInt8>, Int) -> T?) -> T? {
        var field = field
        return field.withUTF8 { bytes in
            bytes.baseAddress.flatMap { parse($0, bytes.count) }
        }
    }

    static func boolean(_ field: String) -> Bool? { read(field, FieldBytes.boolean) }
    static func toldBoolean(_ field: String) -> Bool? { read(field, FieldBytes.toldBoolean) }
    public static func integer(_ field: String) -> Int64? { read(field, FieldBytes.integer) }
    /// Decimal only: `nan`, `inf` and hexadecimal would be read by accident.
    static func number(_ field: String) -> Double? { read(field, FieldBytes.number) }
    /// Infinities are numbers only where a schema says so (Frictionless).
    public static func toldNumber(_ field: String) -> Double? { read(field, FieldBytes.toldNumber) }
    /// Days since 1970-01-01 of `YYYY-MM-DD`, in the Gregorian calendar.
    public static func date(_ field: String) -> Int32? { read(field, FieldBytes.date) }
    /// Microseconds since 1970-01-01T00:00:00Z, as `FieldBytes.timestamp`.
    public static func timestamp(_ field: String) -> Int64? { read(field, FieldBytes.timestamp) }

    /// `YYYY-MM-DD`; nil outside the years 1 to 9999, which the form cannot
    /// hold.
    public static func text(days: Int32) -> String? {
        let date = CivilDate(days: days)
        guard (1...9999).contains(date.year) else { return nil }
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
    }

    /// `YYYY-MM-DDThh:mm:ss[.ffffff]Z`, without the fraction when it is none;
    /// nil outside the years 1 to 9999.
    public static func text(microseconds: Int64) -> String? {
        let perDay: Int64 = 86_400_000_000
        var days = microseconds / perDay
        if microseconds % perDay < 0 { days -= 1 }
        // Not by way of the day's midnight, which 64 bits need not reach.
        let past = microseconds % perDay
        let rest = Int(past < 0 ? past + perDay : past)
        guard let date = Int32(exactly: days).flatMap(text(days:)) else { return nil }
        let seconds = rest / 1_000_000
        let fraction = rest % 1_000_000
        let time = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
        return "\(date)T\(time.joined(separator: ":"))\(fraction == 0 ? "" : "." + padded(fraction, 6))Z"
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
