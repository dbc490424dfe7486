import TableTypes

/// How far a window or a tolerance reaches, as people write it: `7d`, `12h`,
/// or, over a column of integers, the number itself.
struct TimeLength: Hashable {
    /// In the unit of the column: microseconds, days, ones.
    let units: Int64

    static let takes: [ColumnType] = [.date, .timestamp, .integer]

    /// - Throws: `ShapeFinding` for what is no length, or none over such a column.
    init(_ text: String, over column: String, _ type: ColumnType) throws(ShapeFinding) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = String(text.dropFirst(digits.count))
        guard let number = Int64(digits) else { throw .badLength(text) }
        if type == .integer {
            guard unit.isEmpty else { throw .lengthMisfit(text, column: column, type: type) }
            units = number
            return
        }
        guard let factor = Self.microseconds[unit] else { throw .badLength(text) }
        let (length, isOver) = number.multipliedReportingOverflow(by: factor)
        guard !isOver else { throw .badLength(text) }
        guard type == .date else {
            units = length
            return
        }
        guard length % Self.day == 0 else { throw .lengthMisfit(text, column: column, type: type) }
        units = length / Self.day
    }

    private static let day: Int64 = 86_400_000_000
    private static let microseconds: [String: Int64] = [
        "ms": 1000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": day, "w": 7 * day,
    ]
}
