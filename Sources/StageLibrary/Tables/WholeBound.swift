import DataFrames

/// A decimal number that bounds whole ones: the whole number at or below it, and whether it is that number.
struct WholeBound {
    /// What lies beyond 64 bits is any number beyond them.
    private let floor: Int128
    private let isWhole: Bool

    init(_ value: Int64) { (floor, isWhole) = (Int128(value), true) }

    /// Reads a number as files spell it, to the last digit, however large or small: 9007199254740993.5, 1e30, -INF.
    init?(_ text: String) {
        guard let near = FieldText.toldNumber(text) else { return nil }
        guard near.isFinite else {
            (floor, isWhole) = (near > 0 ? Self.beyond : -Self.beyond, true)
            return
        }
        // A number that is read has digits, a sign, a point and an exponent at most.
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        let digits = parts[0].utf8.filter { $0 &- 0x30 <= 9 }
        let fraction = parts[0].utf8.firstIndex(of: 0x2E).map { parts[0].utf8[$0...].count - 1 } ?? 0
        let exponent = parts.count > 1 ? Self.exponent(parts[1]) : 0
        let places = digits.count - fraction + exponent
        guard let first = digits.firstIndex(where: { $0 != 0x30 }) else {
            (floor, isWhole) = (0, true)
            return
        }
        let isNegative = text.hasPrefix("-")
        var magnitude: Int128 = 0
        if places - first > 20 {
            magnitude = Self.beyond
        } else if places > first {
            for place in first..<places {
                magnitude = magnitude * 10 + (place < digits.count ? Int128(digits[place] - 0x30) : 0)
            }
        }
        isWhole = magnitude == Self.beyond || digits.dropFirst(max(0, places)).allSatisfy { $0 == 0x30 }
        floor = isNegative ? -magnitude - (isWhole ? 0 : 1) : magnitude
    }

    /// One that no integer holds is as large, or small, as any need be.
    private static func exponent(_ text: Substring) -> Int {
        let most = 1 << 40
        return Int(text).map { min(max($0, -most), most) } ?? (text.hasPrefix("-") ? -most : most)
    }

    private static let beyond = Int128(1) << 100

    /// The number itself, where it is whole and has 64 bits.
    var exact: Int64? { isWhole ? Int64(exactly: floor) : nil }

    /// The last whole number of 64 bits that is no farther than the bound; nil where none is.
    func last(isLower: Bool, isExclusive: Bool) -> Int64? {
        let last =
            isLower
            ? (isWhole && !isExclusive ? floor : floor + 1) : (isWhole && isExclusive ? floor - 1 : floor)
        if isLower { return last > Int64.max ? nil : Int64(clamping: last) }
        return last < Int64.min ? nil : Int64(clamping: last)
    }
}
