/// How the bytes of one field read as a value: what `FieldText` says of texts, without making one.
public enum FieldBytes {
    public typealias Bytes = UnsafePointer<UInt8>

    /// Decimal digits with a sign or none; nil beyond 64 bits.
    @inline(__always)
    static func integer(_ field: Bytes, _ count: Int) -> Int64? {
        var index = 0
        let isNegative = count > 0 && field[0] == UInt8(ascii: "-")
        if isNegative || count > 0 && field[0] == UInt8(ascii: "+") { index = 1 }
        guard index < count else { return nil }
        if count - index > 18 { return longInteger(field + index, count - index, isNegative) }
        var value: UInt64 = 0
        while index < count {
            let digit = UInt64(field[index] &- 0x30)
            if digit > 9 { return nil }
            value = value &* 10 &+ digit
            index &+= 1
        }
        let magnitude = Int64(truncatingIfNeeded: value)
        return isNegative ? 0 &- magnitude : magnitude
    }

    /// Of 19 digits and more, which may be too many.
    @inline(never)
    private static func longInteger(_ digits: Bytes, _ count: Int, _ isNegative: Bool) -> Int64? {
        var value: Int64 = 0
        for index in 0..<count {
            let digit = digits[index] &- 0x30
            guard digit <= 9 else { return nil }
            let (tens, isLost) = value.multipliedReportingOverflow(by: 10)
            let (sum, isBeyond) =
                isNegative
                ? tens.subtractingReportingOverflow(Int64(digit)) : tens.addingReportingOverflow(Int64(digit))
            if isLost || isBeyond { return nil }
            value = sum
        }
        return value
    }

    /// Powers of ten that a double holds exactly.
    static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
        1e19, 1e20, 1e21, 1e22,
    ]

    /// Decimal, rounded to nearest: digits of up to 2^53 times or by a power of ten that is exact are one
    /// rounding (W. D. Clinger: "How to read floating point numbers accurately", PLDI 1990), others go to the standard
    /// library. Nil for what is no number and for what no double holds.
    @inline(__always)
    public static func number(_ field: Bytes, _ count: Int) -> Double? {
        var index = 0
        let isNegative = count > 0 && field[0] == UInt8(ascii: "-")
        if isNegative || count > 0 && field[0] == UInt8(ascii: "+") { index = 1 }
        var digits: UInt64 = 0
        let first = index
        while index < count {
            let digit = field[index] &- 0x30
            if digit > 9 { break }
            digits = digits &* 10 &+ UInt64(digit)
            index &+= 1
        }
        var length = index &- first
        var places = 0
        if index < count, field[index] == UInt8(ascii: ".") {
            index &+= 1
            let point = index
            while index < count {
                let digit = field[index] &- 0x30
                if digit > 9 { break }
                digits = digits &* 10 &+ UInt64(digit)
                index &+= 1
            }
            places = index &- point
            length &+= places
        }
        // Leading zeros count here, but then the slow way is as right.
        guard index == count, length > 0, length <= 19, digits <= 1 << 53, places <= 22 else {
            return anyNumber(field, count)
        }
        let magnitude = powers.withUnsafeBufferPointer { Double(digits) / $0[places] }
        return isNegative ? -magnitude : magnitude
    }

    @inline(never)
    private static func anyNumber(_ field: Bytes, _ count: Int) -> Double? {
        let bytes = UnsafeBufferPointer(start: field, count: count)
        let allowed = bytes.allSatisfy { (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }
        guard allowed, let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else {
            return nil
        }
        return value
    }

    /// Infinities are numbers only where a schema says so (Frictionless).
    @inline(__always)
    static func toldNumber(_ field: Bytes, _ count: Int) -> Double? {
        if let value = number(field, count) { return value }
        let bytes = UnsafeBufferPointer(start: field, count: count)
        if bytes.elementsEqual("INF".utf8) { return .infinity }
        return bytes.elementsEqual("-INF".utf8) ? -.infinity : nil
    }

    static func boolean(_ field: Bytes, _ count: Int) -> Bool? {
        let bytes = UnsafeBufferPointer(start: field, count: count)
        if count == 4 {
            return bytes.elementsEqual("true".utf8) || bytes.elementsEqual("True".utf8)
                || bytes.elementsEqual("TRUE".utf8) ? true : nil
        }
        return bytes.elementsEqual("false".utf8) || bytes.elementsEqual("False".utf8)
            || bytes.elementsEqual("FALSE".utf8) ? false : nil
    }

    /// 1 and 0 are booleans only where a schema says so (Frictionless).
    @inline(__always)
    static func toldBoolean(_ field: Bytes, _ count: Int) -> Bool? {
        if count == 1 { return field[0] == 0x31 ? true : field[0] == 0x30 ? false : nil }
        return boolean(field, count)
    }

    /// Days since 1970-01-01 of `YYYY-MM-DD`, in the Gregorian calendar.
    @inline(__always)
    public static func date(_ field: Bytes, _ count: Int) -> Int32? { count == 10 ? days(field) : nil }

    /// Microseconds since 1970-01-01T00:00:00Z of ISO 8601 with a `T` or a space, seconds with up to six digits
    /// after the point, and `Z`, `+hh:mm` or nothing (which is UTC) at the end.
    public static func timestamp(_ field: Bytes, _ count: Int) -> Int64? {
        guard count >= 19, field[10] == UInt8(ascii: "T") || field[10] == UInt8(ascii: " "),
            let days = days(field), field[13] == UInt8(ascii: ":"), let hour = two(field + 11),
            let minute = two(field + 14)
        else { return nil }
        return timestamp(field, count, days, hour: hour, minute: minute)
    }

    /// The same where what stands before the seconds has been read.
    ///
    /// - Precondition: There are 19 bytes.
    @inline(__always)
    static func timestamp(_ field: Bytes, _ count: Int, _ days: Int32, hour: Int, minute: Int) -> Int64? {
        guard field[16] == UInt8(ascii: ":"), let second = two(field + 17), hour < 24, minute < 60,
            second < 60
        else { return nil }
        let seconds = Int64(days) &* 86_400 &+ Int64(hour &* 3600 &+ minute &* 60 &+ second)
        if count == 19 || count == 20 && field[19] == UInt8(ascii: "Z") { return seconds &* 1_000_000 }
        return ending(field + 19, count - 19).map { seconds * 1_000_000 + $0 }
    }

    /// Microseconds that a fraction of a second and an offset from UTC add.
    @inline(never)
    private static func ending(_ field: Bytes, _ count: Int) -> Int64? {
        var index = 0
        var fraction = 0
        if count > 0, field[0] == UInt8(ascii: ".") {
            index = 1
            while index < count, field[index] &- 0x30 <= 9, index < 8 {
                fraction = fraction * 10 + Int(field[index] &- 0x30)
                index += 1
            }
            guard (1...6).contains(index - 1) else { return nil }
            for _ in (index - 1)..<6 { fraction *= 10 }
        }
        return offsetSeconds(field + index, count - index).map { Int64(fraction - $0 * 1_000_000) }
    }

    /// Seconds east of Greenwich.
    private static func offsetSeconds(_ field: Bytes, _ count: Int) -> Int? {
        if count == 0 { return 0 }
        if field[0] == UInt8(ascii: "Z") { return count == 1 ? 0 : nil }
        guard field[0] == UInt8(ascii: "+") || field[0] == UInt8(ascii: "-"), count == 6,
            field[3] == UInt8(ascii: ":"), let hours = two(field + 1), let minutes = two(field + 4),
            hours < 24, minutes < 60
        else { return nil }
        return (field[0] == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    /// Two digits.
    @inline(__always)
    private static func two(_ field: Bytes) -> Int? {
        let (tens, ones) = (field[0] &- 0x30, field[1] &- 0x30)
        return tens <= 9 && ones <= 9 ? Int(tens) &* 10 &+ Int(ones) : nil
    }

    /// Of ten bytes.
    @inline(__always)
    private static func days(_ field: Bytes) -> Int32? {
        guard field[4] == UInt8(ascii: "-"), field[7] == UInt8(ascii: "-"), let century = two(field),
            let rest = two(field + 2), let month = two(field + 5), let day = two(field + 8)
        else { return nil }
        return days(century: century, rest: rest, month: month, day: day)
    }

    /// Days since 1970-01-01 of a date in the Gregorian calendar, nil for what is none: without a branch on anything
    /// that changes from date to date. Source of the count: H. Hinnant, "chrono-Compatible Low-Level Date
    /// Algorithms", days_from_civil, here without eras, for years are not below zero.
    ///
    /// - Precondition: None of the parts is below zero or above 99.
    @inline(__always)
    static func days(century: Int, rest: Int, month: Int, day: Int) -> Int32? {
        let year = century &* 100 &+ rest
        // Of months two bits each: how many days more than 28.
        let more = 0b11_10_11_10_11_11_10_11_10_11_00_11 &>> (2 &* (month &- 1)) & 3
        let isLeap = (rest == 0 ? century : rest) & 3 == 0 ? 1 : 0
        let length = 28 &+ more &+ isLeap & (month == 2 ? 1 : 0)
        guard year > 0, UInt(bitPattern: month &- 1) < 12,
            UInt(bitPattern: day &- 1) < UInt(bitPattern: length)
        else { return nil }
        // Years begin in March, so that a leap day is their last.
        let isBefore = month <= 2 ? 1 : 0
        let (march, number) = (year &- isBefore, month &- 3 &+ 12 &* isBefore)
        let dayOfYear = (153 &* number &+ 2) / 5 &+ day
        return Int32(
            truncatingIfNeeded: march &* 365 &+ march / 4 &- march / 100 &+ march / 400 &+ dayOfYear
                &- 719_469)
    }
}
