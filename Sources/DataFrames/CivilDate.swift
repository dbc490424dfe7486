/// A day of the Gregorian calendar, carried on before 1582 and before the year 1.
///
/// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// civil_from_days.
public struct CivilDate: Hashable, Sendable {
    public var year: Int
    /// From 1 to 12.
    public var month: Int
    /// From 1 to 31.
    public var day: Int

    /// - Parameter days: Since 1970-01-01.
    public init(days: some BinaryInteger) {
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * part + 2) / 5 + 1
        month = part < 10 ? part + 3 : part - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01 of a day; nil for one that the calendar does not have, or outside the years 1 to 9999.
    public static func days(year: Int, month: Int, day: Int) -> Int32? {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        return FieldBytes.days(century: year / 100, rest: year % 100, month: month, day: day)
    }
}
