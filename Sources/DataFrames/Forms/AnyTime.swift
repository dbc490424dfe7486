/// Dates and times that can be read one way only: the year comes first, or the month is a word. Of the many patterns only
/// those are tried whose outline is the field's.
struct AnyTime: Sendable {
    private let patterns: [TimeOutline: [TimePattern]]

    static let ofDates = AnyTime(withTime: false)
    static let ofTimes = AnyTime(withTime: true)

    private init(withTime: Bool) {
        var patterns: [TimeOutline: [TimePattern]] = [:]
        for pattern in Self.patterns(withTime: withTime) {
            for outline in TimeOutline.all(of: pattern) { patterns[outline, default: []].append(pattern) }
        }
        self.patterns = patterns
    }

    /// What the first pattern that fits makes of a field.
    func first<Value>(
        _ field: FieldBytes.Bytes, _ count: Int, _ read: (TimePattern) -> Value?
    ) -> Value? {
        guard let outline = TimeOutline(UnsafeBufferPointer(start: field, count: count)) else { return nil }
        for pattern in patterns[outline] ?? [] {
            if let value = read(pattern) { return value }
        }
        return nil
    }

    private static let dates = [
        "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%b %d, %Y",
        "%B %d, %Y",
        "%b %d %Y", "%B %d %Y", "%a, %d %b %Y",
    ]
    private static let times = [
        "%H:%M:%S.%f%z", "%H:%M:%S%z", "%H:%M:%S %z", "%H:%M:%S.%f", "%H:%M:%S", "%H:%M%z", "%H:%M",
        "%I:%M:%S %p",
        "%I:%M %p",
    ]

    /// In the order in which they are tried.
    static func patterns(withTime: Bool) -> [TimePattern] {
        let texts =
            withTime
            ? dates.flatMap { date in times.flatMap { ["\(date)T\($0)", "\(date) \($0)"] } } + dates : dates
        return texts.compactMap { try? TimePattern($0) }
    }
}

/// What a text looks like when digits, letters and blanks that follow each other are one each: `0-0-0a0:0` is the
/// outline of 2024-12-31T08:00. A text that a pattern fits has one of the pattern's outlines, for each part of a
/// pattern takes one character at least, and all of them of a class.
struct TimeOutline: Hashable {
    /// Four bits a symbol.
    private var symbols: UInt128 = 0
    private var last: UInt128 = 0

    private static let most: UInt128 = 1 << 124

    /// Nil for what no pattern of `AnyTime` fits: other characters, or too many runs of them.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        for byte in text { guard append(byte) else { return nil } }
    }

    private init(_ text: String) { for byte in text.utf8 { _ = append(byte) } }

    private mutating func append(_ byte: UInt8) -> Bool {
        let symbol: UInt128
        switch byte {
        case 0x30...0x39: symbol = 1
        case 0x41...0x5A, 0x61...0x7A: symbol = 2
        case 0x20, 0x09...0x0D: symbol = 3
        case UInt8(ascii: "-"): symbol = 4
        case UInt8(ascii: "/"): symbol = 5
        case UInt8(ascii: "."): symbol = 6
        case UInt8(ascii: ","): symbol = 7
        case UInt8(ascii: ":"): symbol = 8
        case UInt8(ascii: "+"): symbol = 9
        default: return false
        }
        if symbol == last, symbol <= 3 { return true }
        guard symbols < Self.most else { return false }
        symbols = symbols << 4 | symbol
        last = symbol
        return true
    }

    /// Those of the texts that a pattern may fit: an offset is spelt in several ways.
    static func all(of pattern: TimePattern) -> Set<TimeOutline> {
        var texts = [""]
        for part in pattern.parts {
            let ways: [String] =
                switch part {
                case .literal(let byte): [String(Unicode.Scalar(byte))]
                case .blanks: [" "]
                case .number, .fraction: ["0"]
                case .name, .half: ["a"]
                case .offset: ["a", "+0", "+0:0", "-0", "-0:0"]
                }
            texts = texts.flatMap { text in ways.map { text + $0 } }
        }
        return Set(texts.map { TimeOutline($0) })
    }
}
