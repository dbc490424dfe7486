/// A moment in UTC as calendars and clocks tell it.
public struct CivilTime: Hashable, Sendable {
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Since 1970-01-01.
    public let days: Int
    /// Of the day, from 0.
    public let minute: Int

    /// The midnight a day begins with.
    public init(days: some BinaryInteger) {
        self.days = Int(days)
        minute = 0
    }

    /// Rounded down, so that a time before 1970 is in the day it belongs to.
    ///
    /// - Parameter microseconds: Since 1970-01-01T00:00:00Z.
    public init(microseconds: Int64) {
        let (days, rest) = microseconds.quotientAndRemainder(dividingBy: Self.microsecondsPerDay)
        self.days = Int(rest < 0 ? days - 1 : days)
        minute = Int((rest < 0 ? rest + Self.microsecondsPerDay : rest) / 60_000_000)
    }

    public var date: CivilDate { CivilDate(days: days) }

    /// From 1, a Monday, to 7 (ISO 8601).
    public var weekday: Int {
        let rest = (days + 3) % 7
        return (rest < 0 ? rest + 7 : rest) + 1
    }

    /// From 1.
    public var dayOfYear: Int {
        let date = date
        let isLeap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0)
        let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][date.month - 1]
        return before + date.day + (isLeap && date.month > 2 ? 1 : 0)
    }
}
