/// A date or a time as a pattern of strptime spells it, such as `%d/%m/%Y`. Names are English whatever the locale, and
/// numbers may lack their leading zero, as in Python.
///
/// Source: Python 3, "datetime", section "strftime() and strptime() Format Codes"; POSIX strptime for %D, %F, %R, %T.
public struct TimePattern: Sendable {
    public let text: String
    let parts: [Part]

    enum Part: Hashable, Sendable {
        case literal(UInt8)
        /// One blank or more.
        case blanks
        case number(Quantity, least: Int, most: Int, digits: Int)
        /// Of a month or a day of the week, whole or by three letters.
        case name(Quantity, short: Bool)
        case half
        /// Up to six digits of a second.
        case fraction
        case offset

        var quantity: Quantity? {
            switch self {
            case .number(let quantity, _, _, _), .name(let quantity, _): quantity
            case .literal, .blanks, .half, .fraction, .offset: nil
            }
        }
    }

    enum Quantity: Int, Sendable {
        case year, shortYear, month, day, dayOfYear, hour, halfHour, minute, second, weekday
    }

    /// Why a text is no pattern.
    public enum Problem: Error, Hashable, Sendable, CustomStringConvertible {
        case unknown(String)
        case endsEarly
        case withoutYear
        case withoutMonth
        case withoutDay
        /// A hostile pattern that says one thing again and again would take a time without end to match.
        case twice(String)

        public var description: String {
            switch self {
            case .unknown(let code):
                "\(code) is not known; these are: %Y %y %m %b %B %d %j %a %A %H %I %p %M %S %f %z %D %F %R %T %%"
            case .endsEarly: "a % stands at its end"
            case .withoutYear: "it has no year: %Y or %y"
            case .withoutMonth: "it has no month: %m, %b or %B"
            case .withoutDay: "it has no day: %d"
            case .twice(let code): "\(code) says again what it has said before"
            }
        }
    }

    /// - Parameter needsDay: Whether it must tell the day, or the month will do.
    public init(_ text: String, needsDay: Bool = true) throws(Problem) {
        self.text = text
        var parts: [Part] = []
        var told: Set<Quantity> = []
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            if scalar == "%" {
                guard let code = scalars.popFirst() else { throw .endsEarly }
                guard let known = Self.parts(code) else { throw .unknown("%\(code)") }
                let isNew = known.compactMap(\.quantity).allSatisfy { told.insert($0).inserted }
                guard isNew else { throw .twice("%\(code)") }
                parts += known
            } else if scalar.properties.isWhitespace {
                if parts.last != .blanks { parts.append(.blanks) }
            } else {
                parts += String(scalar).utf8.map(Part.literal)
            }
        }
        self.parts = parts
        if told.isDisjoint(with: [.year, .shortYear]) { throw .withoutYear }
        if told.contains(.dayOfYear) { return }
        if !told.contains(.month) { throw .withoutMonth }
        if needsDay, !told.contains(.day) { throw .withoutDay }
    }

    private static func parts(_ code: Unicode.Scalar) -> [Part]? {
        func all(_ codes: String) -> [Part]? {
            codes.unicodeScalars.flatMap { parts($0) ?? [.literal(UInt8($0.value))] }
        }
        return switch code {
        case "Y": [.number(.year, least: 1, most: 9999, digits: 4)]
        case "y": [.number(.shortYear, least: 0, most: 99, digits: 2)]
        case "m": [.number(.month, least: 1, most: 12, digits: 2)]
        case "b", "h": [.name(.month, short: true)]
        case "B": [.name(.month, short: false)]
        case "d", "e": [.number(.day, least: 1, most: 31, digits: 2)]
        case "j": [.number(.dayOfYear, least: 1, most: 366, digits: 3)]
        case "a": [.name(.weekday, short: true)]
        case "A": [.name(.weekday, short: false)]
        case "H": [.number(.hour, least: 0, most: 23, digits: 2)]
        case "I": [.number(.halfHour, least: 1, most: 12, digits: 2)]
        case "p": [.half]
        case "M": [.number(.minute, least: 0, most: 59, digits: 2)]
        case "S": [.number(.second, least: 0, most: 59, digits: 2)]
        case "f": [.fraction]
        case "z": [.offset]
        case "F": all("Y-m-d")
        case "D": all("m/d/y")
        case "T": all("H:M:S")
        case "R": all("H:M")
        case "n", "t": [.blanks]
        case "%": [.literal(0x25)]
        default: nil
        }
    }

    /// Days since 1970-01-01; a time of day that the pattern has is read and left out.
    public func date(_ field: FieldBytes.Bytes, _ count: Int) -> Int32? {
        time(field, count).flatMap { Int32(exactly: ($0.days)) }
    }

    /// Microseconds since 1970-01-01T00:00:00Z; what names no offset is UTC.
    public func timestamp(_ field: FieldBytes.Bytes, _ count: Int) -> Int64? {
        guard let time = time(field, count) else { return nil }
        return (Int64(time.days) * 86_400 + Int64(time.seconds)) * 1_000_000 + Int64(time.microseconds)
    }

    private func time(_ field: FieldBytes.Bytes, _ count: Int) -> ParsedTime? {
        // No pattern needs more, and what is tried again and again stays short.
        guard count <= 128 else { return nil }
        var matcher = TimeMatcher(bytes: UnsafeBufferPointer(start: field, count: count), parts: parts)
        return matcher.match()
    }
}

/// What a pattern made of a field.
struct ParsedTime {
    var days: Int
    /// Since midnight UTC of that day; may be of the day before or after.
    var seconds: Int
    var microseconds: Int
}
