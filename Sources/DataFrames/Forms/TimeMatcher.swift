/// One field held to the parts of a pattern. A number takes as many digits as it may, and fewer where what follows
/// would not fit else: `1112024` is 11/1/2024 by `%d%m%Y`.
struct TimeMatcher {
    let bytes: UnsafeBufferPointer<UInt8>
    let parts: [TimePattern.Part]
    private var values = [Int](repeating: -1, count: 10)
    private var microseconds = 0
    private var isAfternoon: Bool?
    /// Seconds east of Greenwich.
    private var offset = 0

    init(bytes: UnsafeBufferPointer<UInt8>, parts: [TimePattern.Part]) {
        self.bytes = bytes
        self.parts = parts
    }

    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
        "november",
        "december",
    ].map { Array($0.utf8) }
    private static let weekdays = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    ].map { Array($0.utf8) }

    mutating func match() -> ParsedTime? {
        guard matches(part: 0, at: 0) else { return nil }
        return time
    }

    private mutating func matches(part: Int, at place: Int) -> Bool {
        guard part < parts.count else { return place == bytes.count && time != nil }
        switch parts[part] {
        case .literal(let byte):
            return place < bytes.count && bytes[place] == byte && matches(part: part + 1, at: place + 1)
        case .blanks:
            var end = place
            while end < bytes.count, bytes[end] == 0x20 || (0x09...0x0D).contains(bytes[end]) { end += 1 }
            return end > place && matches(part: part + 1, at: end)
        case .number(let quantity, let least, let most, let digits):
            return matchesNumber(quantity, least...most, digits, part, place)
        case .name(let quantity, let isShort):
            let names = quantity == .month ? Self.months : Self.weekdays
            for (index, name) in names.enumerated() {
                let name = isShort ? name.prefix(3) : name[...]
                guard hasName(name, at: place) else { continue }
                values[quantity.rawValue] = index + 1
                if matches(part: part + 1, at: place + name.count) { return true }
            }
            return false
        case .half:
            for (name, isLate) in [("am", false), ("pm", true)]
            where hasName(Array(name.utf8)[...], at: place) {
                isAfternoon = isLate
                return matches(part: part + 1, at: place + 2)
            }
            return false
        case .fraction: return matchesFraction(part, place)
        case .offset:
            guard let end = readOffset(place) else { return false }
            return matches(part: part + 1, at: end)
        }
    }

    private mutating func matchesNumber(
        _ quantity: TimePattern.Quantity, _ range: ClosedRange<Int>, _ digits: Int, _ part: Int, _ place: Int
    ) -> Bool {
        var ends: [(end: Int, value: Int)] = []
        var value = 0
        var end = place
        while end < bytes.count, end - place < digits, let digit = digit(end) {
            value = value * 10 + digit
            end += 1
            if range.contains(value) { ends.append((end, value)) }
        }
        // A year has all of its digits.
        let isWhole = quantity == .year || quantity == .shortYear
        for (end, value) in ends.reversed() where !isWhole || end - place == digits {
            values[quantity.rawValue] = value
            if matches(part: part + 1, at: end) { return true }
        }
        return false
    }

    private mutating func matchesFraction(_ part: Int, _ place: Int) -> Bool {
        var end = place
        var value = 0
        while end < bytes.count, end - place < 6, let digit = digit(end) {
            value = value * 10 + digit
            end += 1
        }
        guard end > place else { return false }
        for _ in (end - place)..<6 { value *= 10 }
        microseconds = value
        return matches(part: part + 1, at: end)
    }

    /// Z, or +hhmm with or without a colon.
    private mutating func readOffset(_ place: Int) -> Int? {
        guard place < bytes.count else { return nil }
        if bytes[place] == UInt8(ascii: "Z") {
            offset = 0
            return place + 1
        }
        guard bytes[place] == UInt8(ascii: "+") || bytes[place] == UInt8(ascii: "-") else { return nil }
        let colon = place + 3 < bytes.count && bytes[place + 3] == UInt8(ascii: ":") ? 1 : 0
        guard let hours = two(place + 1), let minutes = two(place + 3 + colon), hours < 24, minutes < 60
        else {
            return nil
        }
        offset = (bytes[place] == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
        return place + 5 + colon
    }

    private func digit(_ place: Int) -> Int? {
        let digit = bytes[place] &- 0x30
        return digit <= 9 ? Int(digit) : nil
    }

    private func two(_ place: Int) -> Int? {
        guard place + 1 < bytes.count, let tens = digit(place), let ones = digit(place + 1) else {
            return nil
        }
        return tens * 10 + ones
    }

    private func hasName(_ name: ArraySlice<UInt8>, at place: Int) -> Bool {
        guard place + name.count <= bytes.count else { return false }
        return zip(name, bytes[place...]).allSatisfy { $0 == $1 | 0x20 }
    }

    private func value(_ quantity: TimePattern.Quantity) -> Int? {
        let value = values[quantity.rawValue]
        return value < 0 ? nil : value
    }

    /// What the numbers say; nil for a day that is none, such as 30 February.
    private var time: ParsedTime? {
        // Two digits are 1969 to 2068, as POSIX has it.
        guard let year = value(.year) ?? value(.shortYear).map({ $0 < 69 ? 2000 + $0 : 1900 + $0 }) else {
            return nil
        }
        func days(_ month: Int, _ day: Int) -> Int32? {
            FieldBytes.days(century: year / 100, rest: year % 100, month: month, day: day)
        }
        var day = days(value(.month) ?? 1, value(.day) ?? 1)
        if let number = value(.dayOfYear) {
            let isThere = number <= (days(2, 29) == nil ? 365 : 366)
            day = isThere ? days(1, 1).map { $0 + Int32(number) - 1 } : nil
        }
        guard let day else { return nil }
        var hour = value(.hour) ?? 0
        if let half = value(.halfHour) { hour = half % 12 + (isAfternoon == true ? 12 : 0) }
        let seconds = hour * 3600 + (value(.minute) ?? 0) * 60 + (value(.second) ?? 0) - offset
        return ParsedTime(days: Int(day), seconds: seconds, microseconds: microseconds)
    }
}
