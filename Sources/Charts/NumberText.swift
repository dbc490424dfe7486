/// Numbers as a page shows them: the same text whatever the locale, libm or
/// processor. All start from the shortest decimal that reads back as the same
/// double, so 2.675 to two places is 2.68, as a person who sees 2.675 expects.
public enum NumberText {
    /// Rounded to a number of decimals, half away from zero; never "-0.00".
    /// A value that is no number is "n/a".
    public static func fixed(_ value: Double, _ places: Int) -> String {
        precondition(places >= 0, "\(places) decimals")
        guard value.isFinite else { return "n/a" }
        let (digits, point) = decimal(value.magnitude)
        let kept = rounded(digits, to: point + places, point: point)
        func digit(_ position: Int) -> String {
            kept.digits.indices.contains(position) ? "\(kept.digits[position])" : "0"
        }
        let whole = kept.point > 0 ? (0..<kept.point).map(digit).joined() : "0"
        let fraction = (kept.point..<kept.point + places).map(digit).joined()
        let isZero = !kept.digits.contains { $0 != 0 }
        return (value < 0 && !isZero ? "-" : "") + grouped(whole) + (places > 0 ? "." + fraction : "")
    }

    /// In hundredths: `0.8125` to one place is "81.3%".
    public static func percent(_ value: Double, _ places: Int = 1) -> String {
        value.isFinite ? fixed(value * 100, places) + "%" : "n/a"
    }

    /// A count with a comma every three digits.
    public static func count(_ value: Int) -> String {
        (value < 0 ? "-" : "") + grouped(String(value.magnitude))
    }

    /// A size in powers of 1024: "512 B", "1.5 KiB".
    public static func bytes(_ size: Int64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var (value, unit) = (Double(size), 0)
        while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        return unit == 0 ? "\(size) B" : "\(fixed(value, 1)) \(units[unit])"
    }

    /// The shortest text, whole numbers without a point: "0.003", "30".
    public static func shortest(_ value: Double) -> String {
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return "\(whole)" }
        return value.isFinite ? "\(value)" : "n/a"
    }

    /// A place in a picture, to a tenth of a unit.
    public static func coordinate(_ value: Double) -> String {
        precondition(value.magnitude < 1e6, "a picture has no place \(value)")
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
        return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
    }

    /// `count` times ten to the `exponent`, exactly.
    static func scaled(_ count: Int, exponent: Int) -> String {
        let sign = count < 0 ? "-" : ""
        var digits = String(count.magnitude)
        if exponent >= 0 {
            if count != 0 { digits += String(repeating: "0", count: exponent) }
            return sign + grouped(digits)
        }
        let missing = 1 - exponent - digits.count
        if missing > 0 { digits = String(repeating: "0", count: missing) + digits }
        return sign + grouped(String(digits.dropLast(-exponent))) + "." + digits.suffix(-exponent)
    }

    /// The digits d1 d2 ... of 0.d1d2... times ten to `point`; none for zero.
    private static func decimal(_ value: Double) -> (digits: [Int], point: Int) {
        let parts = "\(value)".split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        var digits = mantissa.joined().utf8.map { Int($0) - 48 }
        var point = mantissa[0].utf8.count + exponent
        while digits.first == 0 {
            digits.removeFirst()
            point -= 1
        }
        return (digits, digits.isEmpty ? 0 : point)
    }

    /// The first `count` digits, the last of them rounded; a carry past the
    /// first digit moves the point.
    private static func rounded(_ digits: [Int], to count: Int, point: Int) -> (digits: [Int], point: Int) {
        guard count < digits.count else { return (digits, point) }
        guard count >= 0 else { return ([], 0) }
        var kept = Array(digits[..<count])
        guard digits[count] >= 5 else { return (kept, point) }
        var place = count - 1
        while place >= 0, kept[place] == 9 {
            kept[place] = 0
            place -= 1
        }
        if place >= 0 {
            kept[place] += 1
            return (kept, point)
        }
        return ([1] + kept, point + 1)
    }

    private static func grouped(_ digits: String) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }
}
