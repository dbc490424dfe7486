import TableTypes

/// How one text reads as a value, and how a value is written as text: the same
/// forms in CSV and in the strings of JSON lines.
public enum FieldText {
    static func fits(_ field: String, _ type: ColumnType) -> Bool {
        switch type {
        case .boolean: boolean(field) != nil
        case .integer: integer(field) != nil
        case .number: number(field) != nil
        case .date: date(field) != nil
        case .timestamp: timestamp(field) != nil
        default: true
        }
    }

    static func boolean(_ field: String) -> Bool? {
        switch field {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    /// 1 and 0 are booleans only where a schema says so (Frictionless).
    static func toldBoolean(_ field: String) -> Bool? {
        field == "1" ? true : field == "0" ? false : boolean(field)
    }

    public static func integer(_ field: String) -> Int64? { Int64(field) }

    /// Decimal only: `nan`, `inf` and hexadecimal would be read by accident.
    static func number(_ field: String) -> Double? {
        let allowed = field.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
        guard allowed, let value = Double(field), value.isFinite else { return nil }
        return value
    }

    /// Infinities are numbers only where a schema says so (Frictionless).
    public static func toldNumber(_ field: String) -> Double? {
        switch field {
        case "INF": .infinity
        case "-INF": -.infinity
        default: number(field)
        }
    }

    /// Days since 1970-01-01 of `YYYY-MM-DD`, in the Gregorian calendar.
    public static func date(_ field: String) -> Int32? {
        let bytes = Array(field.utf8)
        return bytes.count == 10 ? days(bytes[...]) : nil
    }

    /// Microseconds since 1970-01-01T00:00:00Z of ISO 8601 with a `T` or a
    /// space, seconds with up to six digits after the point, and `Z`, `+hh:mm`
    /// or nothing (which is UTC) at the end.
    public static func timestamp(_ field: String) -> Int64? {
        let bytes = Array(field.utf8)
        guard bytes.count >= 19, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " "),
            let days = days(bytes[..<10]), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let hour = digits(bytes[11..<13]), let minute = digits(bytes[14..<16]),
            let second = digits(bytes[17..<19]), hour < 24, minute < 60, second < 60
        else { return nil }
        var position = 19
        var fraction = 0
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            let places = bytes[(position + 1)...].prefix { (0x30...0x39).contains($0) }
            guard (1...6).contains(places.count), let value = digits(places) else { return nil }
            fraction = value
            for _ in places.count..<6 { fraction *= 10 }
            position += 1 + places.count
        }
        guard let offset = offsetSeconds(bytes[position...]) else { return nil }
        let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
        return seconds * 1_000_000 + Int64(fraction)
    }

    /// Seconds east of Greenwich.
    private static func offsetSeconds(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let sign = bytes.first else { return 0 }
        if sign == UInt8(ascii: "Z") { return bytes.count == 1 ? 0 : nil }
        let rest = bytes.dropFirst()
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), rest.count == 5,
            rest[rest.startIndex + 2] == UInt8(ascii: ":"), let hours = digits(rest.prefix(2)),
            let minutes = digits(rest.suffix(2)), hours < 24, minutes < 60
        else { return nil }
        return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    private static func digits(_ bytes: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in bytes {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    /// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms",
    /// days_from_civil.
    private static func days(_ bytes: ArraySlice<UInt8>) -> Int32? {
        guard bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = digits(bytes[0..<4]), let month = digits(bytes[5..<7]), let day = digits(bytes[8..<10])
        else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard year > 0, (1...12).contains(month), (1...lengths[month - 1]).contains(day) else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return Int32(era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468)
    }

    /// `YYYY-MM-DD`; nil outside the years 1 to 9999, which the form cannot
    /// hold.
    public static func text(days: Int32) -> String? {
        // civil_from_days, as above.
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * part + 2) / 5 + 1
        let month = part < 10 ? part + 3 : part - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        guard (1...9999).contains(year) else { return nil }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// `YYYY-MM-DDThh:mm:ss[.ffffff]Z`, without the fraction when it is none;
    /// nil outside the years 1 to 9999.
    public static func text(microseconds: Int64) -> String? {
        let perDay: Int64 = 86_400_000_000
        var days = microseconds / perDay
        if microseconds % perDay < 0 { days -= 1 }
        let rest = Int(microseconds - days * perDay)
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
