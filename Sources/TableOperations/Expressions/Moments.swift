import DataFrames

/// Parts of dates and times, in UTC.
enum Moments {
    static let microsecondsPerDay: Int64 = 86_400_000_000

    /// The midnight a day begins with; nil beyond the years that 64 bits reach.
    static func midnight(_ day: Int32) -> Int64? {
        let (time, isOver) = Int64(day).multipliedReportingOverflow(by: microsecondsPerDay)
        return isOver ? nil : time
    }

    /// As `midnight`, and the first or the last moment there is for a day
    /// beyond it: it is before or after all others.
    static func nearestMidnight(_ day: Int32) -> Int64 { midnight(day) ?? (day < 0 ? .min : .max) }

    static func part(_ function: RowFunction, of vector: Vector) -> [Int64] {
        let times: [CivilTime] =
            switch vector.lanes {
            case .date(let lanes): lanes.map { CivilTime(days: $0) }
            default: vector.integers.map { CivilTime(microseconds: $0) }
            }
        switch function {
        case .hour: return times.map { Int64($0.minute / 60) }
        case .minute: return times.map { Int64($0.minute % 60) }
        case .weekday: return times.map { Int64($0.weekday) }
        case .month: return times.map { Int64($0.date.month) }
        case .day: return times.map { Int64($0.date.day) }
        default: return times.map { Int64($0.date.year) }
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
