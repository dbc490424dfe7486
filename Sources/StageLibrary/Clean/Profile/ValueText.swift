import Charts
import DataFrames
import TableTypes

/// Values of columns in words of a page.
enum ValueText {
    /// A value of its column's type in its own form: `2024-05-01`, `12`, `0.25`.
    static func text(_ value: Double, _ type: ColumnType) -> String {
        switch type {
        case .date: Int32(exactly: value).flatMap { FieldText.text(days: $0) } ?? "n/a"
        case .timestamp: Int64(exactly: value).flatMap { FieldText.text(microseconds: $0) } ?? "n/a"
        default: NumberText.shortest(value)
        }
    }

    /// For people: five digits or so.
    static func short(_ value: Double, _ type: ColumnType) -> String {
        switch type {
        case .date, .timestamp:
            // A mean or a quantile may lie between two of them.
            text(value.rounded(), type)
        default: short(value)
        }
    }

    static func short(_ value: Double) -> String {
        let size = value.magnitude
        if let whole = Int(exactly: value), size < 1e12 { return NumberText.count(whole) }
        if size >= 1e12 || size < 1e-4 { return scientific(value) }
        let text = NumberText.fixed(value, size >= 10_000 ? 0 : size >= 100 ? 1 : size >= 1 ? 3 : 4)
        guard text.contains(".") else { return text }
        let kept = text.reversed().drop { $0 == "0" }
        return String((kept.first == "." ? kept.dropFirst() : kept).reversed())
    }

    /// Three digits and a power of ten: `1.25e-7`.
    private static func scientific(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return NumberText.shortest(value) }
        let parts = "\(value)".split(separator: "e")
        if parts.count == 2, let mantissa = Double(parts[0]) {
            return "\(NumberText.fixed(mantissa, 2))e\(parts[1])"
        }
        // Up to 2^53 and from 1e-4 on Swift writes no exponent.
        var (mantissa, exponent) = (value, 0)
        while mantissa.magnitude >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
        while mantissa.magnitude < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
        return "\(NumberText.fixed(mantissa, 2))e\(exponent)"
    }

    /// A share of which something is there, however little.
    static func share(_ share: Double) -> String {
        share > 0 && share < 0.0005 ? "< 0.1%" : NumberText.percent(share)
    }

    /// A count in large letters, of which nine do not fit: `999,999`, `1.25M`.
    static func large(_ count: Int) -> String {
        if count < 1_000_000 { return NumberText.count(count) }
        return count < 1_000_000_000
            ? NumberText.fixed(Double(count) / 1e6, 2) + "M" : NumberText.fixed(Double(count) / 1e9, 2) + "G"
    }

    /// Beside an axis: `1.5M`, `200k`, `0.25`.
    static func tick(_ value: Double) -> String {
        let size = value.magnitude
        for (unit, letter) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where size >= unit && size < 1e12 {
            let scaled = value / unit
            if (scaled * 100).rounded() == scaled * 100, size >= 10_000 {
                return NumberText.shortest(scaled) + letter
            }
        }
        if size >= 1e12 || size < 1e-4 && size > 0 { return scientific(value) }
        return NumberText.shortest(value)
    }

    /// A level or text as a page shows it.
    static func level(_ text: String, _ most: Int = 60) -> String {
        if text.isEmpty { return "(empty)" }
        return text.count <= most ? text : text.prefix(most - 1) + "…"
    }
}
