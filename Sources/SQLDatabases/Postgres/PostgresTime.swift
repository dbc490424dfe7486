import DataFrames

/// Dates and times as PostgreSQL counts them: from the year 2000 on.
enum PostgresTime {
    private static let daysTo2000: Int32 = 10_957
    private static let perDay: Int64 = 86_400_000_000

    /// Days since 1970; nil for the infinities and outside the years 1 to 9999, which a table's texts cannot say.
    static func days(_ days: Int32) -> Int32? {
        let (shifted, isBeyond) = days.addingReportingOverflow(daysTo2000)
        return !isBeyond && (-719_162..<2_932_897).contains(shifted) ? shifted : nil
    }

    /// Microseconds since 1970; nil as for `days`.
    static func microseconds(_ value: Int64) -> Int64? {
        let (shifted, isBeyond) = value.addingReportingOverflow(Int64(daysTo2000) * perDay)
        return !isBeyond && (-719_162 * perDay..<2_932_897 * perDay).contains(shifted) ? shifted : nil
    }

    static func outside(isPast: Bool, isInfinite: Bool) -> String {
        isInfinite
            ? "'\(isPast ? "-" : "")infinity' is no time"
            : "the time lies \(isPast ? "before the year 1" : "after the year 9999")"
    }

    /// `hh:mm:ss`, with six digits after the point where it has a fraction; nil for what is no time of day.
    ///
    /// - Parameter west: Seconds west of Greenwich, shown the other way round: `+02:00`.
    static func clock(_ microseconds: Int64, west: Int32? = nil) -> String? {
        guard (0...perDay).contains(microseconds) else { return nil }
        let seconds = microseconds / 1_000_000
        var text = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(
            separator: ":")
        if microseconds % 1_000_000 != 0 { text += "." + padded(microseconds % 1_000_000, 6) }
        guard let west else { return text }
        let size = Int64(west.magnitude)
        text += (west > 0 ? "-" : "+") + padded(size / 3600, 2) + ":" + padded(size / 60 % 60, 2)
        return size % 60 == 0 ? text : text + ":" + padded(size % 60, 2)
    }

    /// ISO 8601 with designators, `P1Y2M3DT4H5M6.5S`, each part with its own sign: a month has no fixed length, so nothing
    /// is carried from one to the other.
    static func interval(microseconds: Int64, days: Int32, months: Int32) -> String {
        var date = ""
        if months / 12 != 0 { date += "\(months / 12)Y" }
        if months % 12 != 0 { date += "\(months % 12)M" }
        if days != 0 { date += "\(days)D" }
        var time = ""
        let seconds = microseconds / 1_000_000
        if seconds / 3600 != 0 { time += "\(seconds / 3600)H" }
        if seconds / 60 % 60 != 0 { time += "\(seconds / 60 % 60)M" }
        let fraction = (microseconds % 1_000_000).magnitude
        if seconds % 60 != 0 || fraction != 0 {
            var digits = fraction == 0 ? "" : "." + padded(Int64(fraction), 6)
            while digits.hasSuffix("0") { digits.removeLast() }
            time += (microseconds < 0 ? "-" : "") + "\((seconds % 60).magnitude)\(digits)S"
        }
        if date.isEmpty, time.isEmpty { return "PT0S" }
        return "P" + date + (time.isEmpty ? "" : "T" + time)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
