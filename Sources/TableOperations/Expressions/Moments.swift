import DataFrames

/// Parts of dates and times, in UTC.
enum Moments {
    static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Rounded down, so that a time before 1970 is in the day it belongs to.
    static func day(_ microseconds: Int64) -> Int64 {
        let days = microseconds / microsecondsPerDay
        return microseconds % microsecondsPerDay < 0 ? days - 1 : days
    }

    /// The midnight a day begins with; nil beyond the years that 64 bits reach.
    static func midnight(_ day: Int32) -> Int64? {
        let (time, isOver) = Int64(day).multipliedReportingOverflow(by: microsecondsPerDay)
        return isOver ? nil : time
    }

    /// As `midnight`, and the first or the last moment there is for a day
    /// beyond it: it is before or after all others.
    static func nearestMidnight(_ day: Int32) -> Int64 { midnight(day) ?? (day < 0 ? .min : .max) }

    /// A Monday is weekday 1, a Sunday 7 (ISO 8601).
    static func weekday(_ day: Int64) -> Int64 {
        let rest = (day + 3) % 7
        return (rest < 0 ? rest + 7 : rest) + 1
    }

    static func part(_ function: RowFunction, of vector: Vector) -> [Int64] {
        let days: [Int64]
        switch vector.lanes {
        case .date(let lanes): days = lanes.map { Int64($0) }
        default:
            let times = vector.integers
            if function == .hour || function == .minute {
                return times.map { time in
                    let rest = time % microsecondsPerDay
                    let minutes = (rest < 0 ? rest + microsecondsPerDay : rest) / 60_000_000
                    return function == .hour ? minutes / 60 : minutes % 60
                }
            }
            days = times.map(day)
        }
        switch function {
        case .weekday: return days.map(weekday)
        case .month: return days.map { Int64(CivilDate(days: $0).month) }
        case .day: return days.map { Int64(CivilDate(days: $0).day) }
        default: return days.map { Int64(CivilDate(days: $0).year) }
        }
    }

    /// Whole days between dates, or days of 24 hours that are full between
    /// times; seconds with their fraction.
    static func between(_ function: RowFunction, _ a: Vector, _ b: Vector, _ count: Int) -> Vector.Lanes {
        if case .date(let x) = a.lanes, case .date(let y) = b.lanes {
            return .integer(mapped(x, y, a.mask, b.mask, count) { Int64($1) - Int64($0) })
        }
        let (x, y) = (a.integers, b.integers)
        // Times reach 292,000 years either way, so what lies between two may need 65 bits.
        if function == .daysBetween {
            return .integer(
                mapped(x, y, a.mask, b.mask, count) {
                    Int64((Int128($1) - Int128($0)) / Int128(microsecondsPerDay))
                })
        }
        return .number(
            mapped(x, y, a.mask, b.mask, count) { Double(Int128($1) - Int128($0)) / 1_000_000 })
    }
}
