/// Patterns of dates and times that people and programs write, besides the default of the specification.
enum DatePatterns {
    private static let dates = [
        "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d",
        "%d %b %Y",
        "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y",
    ]
    private static let times = [" %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p"]

    static let all: [(pattern: TimePattern, hasTime: Bool)] = {
        let texts =
            dates.map { ($0, false) }
            + (dates + ["%Y-%m-%d"]).flatMap { date in times.map { (date + $0, true) } }
        return texts.compactMap { text, hasTime in (try? TimePattern(text)).map { ($0, hasTime) } }
    }()
}
