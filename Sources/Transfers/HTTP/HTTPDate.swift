import DataFrames

/// Times as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// Source: RFC 9110, section 5.6.7.
enum HTTPDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// - Parameter iso: `1994-11-06T08:49:37.123Z`, as lists of objects have it; parts of a second are dropped, as
    ///   servers drop them in `Last-Modified`.
    /// - Returns: Nil when it is no time since 1970.
    static func text(iso: String) -> String? {
        guard let seconds = FieldText.timestamp(iso).map({ $0 / 1_000_000 }), seconds >= 0 else { return nil }
        let (days, rest) = (Int(seconds / 86_400), Int(seconds % 86_400))
        let date = CivilDate(days: days)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return
            "\(weekdays[days % 7]), \(two(date.day)) \(months[date.month - 1]) \(date.year) \(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)) GMT"
    }
}
