import DataFrames

/// A number that a date or a time has.
enum DatePart: String, CaseIterable, Sendable {
    case year, quarter, month, day
    case dayOfYear = "day_of_year"
    case weekday, hour, minute

    var summary: String {
        switch self {
        case .year: "The year."
        case .quarter: "From 1 to 4."
        case .month: "From 1 to 12."
        case .day: "Of the month, from 1."
        case .dayOfYear: "From 1 to 366."
        case .weekday: "From 1, a Monday, to 7 (ISO 8601)."
        case .hour: "From 0 to 23; of a timestamp only."
        case .minute: "From 0 to 59; of a timestamp only."
        }
    }

    /// Whether only a time has it.
    var isOfDay: Bool { self == .hour || self == .minute }

    /// How many there are before the first comes again, and the first; nil for what never does.
    var round: (length: Int, first: Int)? {
        switch self {
        case .year: nil
        case .quarter: (4, 1)
        case .month: (12, 1)
        case .day: (31, 1)
        case .dayOfYear: (366, 1)
        case .weekday: (7, 1)
        case .hour: (24, 0)
        case .minute: (60, 0)
        }
    }

    /// Of a moment, in microseconds since 1970-01-01T00:00:00Z.
    func value(_ time: CivilTime) -> Int {
        switch self {
        case .year: time.date.year
        case .quarter: (time.date.month + 2) / 3
        case .month: time.date.month
        case .day: time.date.day
        case .dayOfYear: time.dayOfYear
        case .weekday: time.weekday
        case .hour: time.minute / 60
        case .minute: time.minute % 60
        }
    }
}
